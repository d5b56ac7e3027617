#!/usr/bin/env node
import {enableCompileCache} from 'node:module'
import type {Command} from 'commander'
import type {Services} from './commands/services.ts'

// before anything else of ours is loaded: most of the start-up is compiling
enableCompileCache()

/** Milliseconds within which a second signal is the first one's echo: npm passes on what the terminal sends to both. */
const echo = 300

// a reader that went away (`| head`, a closed terminal) is no reason to stop
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const [{createProgram}, {findProject}] = await Promise.all([import('./commands/program.ts'), import('./commands/services.ts')])
const program = createProgram({project: findProject(), ...watchSignals()})
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = await explain(error, program)
}

/** `on`, never `once`: a library that sees no listener left would raise the signal again. */
function watchSignals(): Pick<Services, 'signal' | 'kill'> {
  const controllers = [new AbortController(), new AbortController()] as const
  let last = -Infinity
  const interrupt = (): void => {
    const now = performance.now()
    const next = controllers.find(({signal}) => !signal.aborted)
    if (next === undefined) process.exit(130)
    if (now - last > echo) next.abort()
    last = now
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  return {signal: controllers[0].signal, kill: controllers[1].signal}
}

/** Tells of an error that no verb has told of, and gives the exit code. */
async function explain(error: unknown, command: Command): Promise<number> {
  const [{CommanderError}, {bug, Told}, {globalOptions}] = await Promise.all([import('commander'), import('./commands/told.ts'), import('./commands/services.ts')])
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Told) return error.exitCode
  const [{tellError}, {exitCodeOf}] = await Promise.all([import('./report/last-words.ts'), import('./report/problem.ts')])
  tellError(error, globalOptions(command))
  return exitCodeOf(error) ?? bug
}
