import type {Run} from '../model/program.ts'
import {findProgram} from './run.ts'

/** The versions of those of these Debian packages that are installed. Empty where there is no dpkg. */
export async function installedVersions(run: Run, packages: readonly string[]): Promise<Map<string, string>> {
  if (packages.length === 0 || findProgram('dpkg-query') === undefined) return new Map()
  const {stdout} = await run(['dpkg-query', '--show', '--showformat', '${Package} ${db:Status-Status} ${Version}\\n', ...packages], {ok: 'any', quiet: true, log: false})
  const lines = stdout.split('\n').map((line) => line.split(' '))
  return new Map(lines.flatMap(([name, status, version]) => (name !== undefined && status === 'installed' ? [[name, version ?? '']] : [])))
}

/** The command that installs packages, as a person types it. */
export function installLine(packages: readonly string[], root: boolean): string {
  return `${root ? '' : 'sudo '}apt-get install -y --no-install-recommends ${packages.join(' ')}`
}

/** How a command becomes root's: as it is for root, by sudo where that asks for no password; undefined where neither works. */
export async function rootPrefix(run: Run): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return []
  const {exitCode} = await run(['sh', '-c', 'command -v sudo >/dev/null && sudo -n true'], {ok: 'any', quiet: true, log: false})
  return exitCode === 0 ? ['sudo', '-n'] : undefined
}

/**
 * Installs packages. The lists are brought up to date only where apt cannot do without: they are missing, or name files that
 * the mirror no longer has. Fails with `program-failed`.
 */
export async function install(run: Run, prefix: readonly string[], packages: readonly string[]): Promise<void> {
  const apt = (args: readonly string[]): readonly [string, ...string[]] =>
    asArgv([...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args])
  const installing = apt(['install', '-y', '--no-install-recommends', ...packages])
  const {exitCode} = await run(installing, {ok: 'any'})
  if (exitCode === 0) return
  await run(apt(['update']))
  await run(installing)
}

function asArgv([program = '', ...rest]: readonly string[]): readonly [string, ...string[]] {
  return [program, ...rest]
}
