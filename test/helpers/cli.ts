import {spawn, type ChildProcess} from 'node:child_process'
import {join} from 'node:path'
import {packageRoot} from '../../pipeline/base/package-root.ts'

export interface CliResult {
  /** Exit code, or the signal's name. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
  /** Wall time in milliseconds. */
  readonly ms: number
}

export interface CliOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs the real CLI as a user would, in a folder of the test's own, with a cache of its own. */
export async function cli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).result
}

/** Starts the CLI and hands over the child, for tests that end it. */
export function startCli(args: readonly string[], {cwd, env = {}, input}: CliOptions): {child: ChildProcess; result: Promise<CliResult>} {
  const began = performance.now()
  const child = spawn(process.execPath, [join(packageRoot, 'pipeline', 'cli.ts'), ...args], {
    cwd,
    env: {PATH: process.env['PATH'], HOME: process.env['HOME'], CLOUDWRT_CACHE: join(cwd, 'cache'), NO_COLOR: '1', ...env},
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(input)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({
      code: code ?? signal ?? 'unknown',
      stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(),
      ms: performance.now() - began,
    }))
  })
  return {child, result}
}
