#!/usr/bin/env node
import {Command, CommanderError} from 'commander'
import {packageVersion} from './base/package-root.ts'
import {addBuild} from './commands/build.ts'
import {addClean} from './commands/clean.ts'
import {addDoctor} from './commands/doctor.ts'
import {addEdit} from './commands/edit.ts'
import {addLock} from './commands/lock.ts'
import {addPlan} from './commands/plan.ts'
import {addSchema} from './commands/schema.ts'
import {findProject, globalOptions, type Services} from './commands/services.ts'
import {addShow} from './commands/show.ts'
import {Told} from './commands/told.ts'

/** Exit code for an error that is nobody's expected failure (sysexits.h, EX_SOFTWARE). */
const bug = 70

const program = new Command('cloudwrt')

try {
  const services = {project: findProject(), ...watchSignals()}
  await describe(program, services).parseAsync()
} catch (error) {
  process.exitCode = await explain(error)
}

function describe(command: Command, services: Services): Command {
  command
    .description('One YAML file in, an OpenWrt image that is ready for a cloud out.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--json', 'one event a line on stdout, for programs')
    .option('-q, --quiet', 'only results and errors')
    .option('-v, --verbose', 'every line that a program prints')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .exitOverride()
    .configureHelp({showGlobalOptions: true})
    .addHelpText('after', '\nBegin with: cloudwrt build demo')
  for (const add of [addBuild, addPlan, addShow, addLock, addEdit, addDoctor, addSchema, addClean]) add(command, services)
  return command
}

/** `on`, never `once`: a library that sees no listener left would raise the signal again. */
function watchSignals(): Pick<Services, 'signal' | 'kill'> {
  const controllers = [new AbortController(), new AbortController()] as const
  const interrupt = (): void => {
    const next = controllers.find(({signal}) => !signal.aborted)
    if (next === undefined) process.exit(130)
    next.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  return {signal: controllers[0].signal, kill: controllers[1].signal}
}

/** Tells of an error that no verb has told of, and gives the exit code. */
async function explain(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Told) return error.exitCode
  const {exitCodeOf, tellError} = await import('./report/problem.ts')
  tellError(error, globalOptions(program))
  return exitCodeOf(error) ?? bug
}
