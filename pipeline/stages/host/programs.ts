import {existsSync} from 'node:fs'
import type {HostCheck} from '../../model/host-check.ts'
import {prerequisitesFor, type Prerequisite} from '../../model/prerequisites.ts'
import type {Purpose} from '../../model/undertakings.ts'
import type {Run} from '../../model/program.ts'
import {installedVersions, installLine} from '../../tools/apt.ts'
import {findProgram} from '../../tools/run.ts'

/** Looks for everything that these purposes need. One question to dpkg, however many packages. */
export async function checkPrograms(purposes: readonly Purpose[], run: Run): Promise<HostCheck[]> {
  const rows = prerequisitesFor(purposes)
  const versions = await installedVersions(run, rows.map((row) => row.package))
  return Promise.all(rows.map(async (row): Promise<HostCheck> => {
    const version = versions.get(row.package)
    if (!await isThere(row, version !== undefined, run)) return {name: row.package, ok: false, says: 'missing', package: row.package}
    return {name: row.package, ok: true, says: version ?? 'there, though not from Debian'}
  }))
}

/** A program may come from elsewhere than Debian, and Debian's may be shadowed by one that will not do: what is seen counts. */
async function isThere({programs, files, probe}: Prerequisite, installed: boolean, run: Run): Promise<boolean> {
  if (programs !== undefined) return programs.some((program) => findProgram(program) !== undefined)
  if (files !== undefined) return files.some((file) => existsSync(file))
  if (probe === undefined) return installed
  if (findProgram(probe[0]) === undefined) return false
  const {exitCode} = await run(probe, {ok: 'any', quiet: true, log: false})
  return exitCode === 0
}

/** The command that mends what is missing; undefined where nothing is, or where no package would. */
export function mendingLine(checks: readonly HostCheck[]): string | undefined {
  const packages = missingPackages(checks)
  return packages.length === 0 ? undefined : installLine(packages, process.getuid?.() === 0)
}

export function missingPackages(checks: readonly HostCheck[]): string[] {
  return checks.flatMap((check) => (check.ok || check.package === undefined ? [] : [check.package]))
}
