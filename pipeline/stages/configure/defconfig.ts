import {readFile, rm, stat, utimes} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAtomic} from '../../base/atomic-file.ts'
import {failedChecks, packagesFor} from '../../model/prerequisites.ts'
import type {Purpose} from '../../model/undertakings.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import {installedVersions, installLine} from '../../tools/apt.ts'
import {make} from '../../tools/make.ts'

export interface Defconfig {
  /** The `.config` that came out. */
  readonly text: string
  /** Complaints of kconfig's about values, by symbol. */
  readonly complaints: ReadonlyMap<string, string>
  /** Packages that nobody has, by the Makefile whose packages depend on them. */
  readonly missing: readonly {readonly makefile: string; readonly dependency: string}[]
}

export interface DefconfigOptions {
  readonly run: Run
  readonly tree: string
  readonly home: string
  /** What to look for when OpenWrt's own check of the machine fails. */
  readonly purpose: Purpose
  /** Absolute path of the stage's log. */
  readonly log: string
}

/** In the longest, of all packages on a slow machine, this took two minutes. */
const patience = 30 * 60_000

/**
 * Runs `make defconfig` from a seed and gathers what it says. Always from the seed: kconfig keeps what an earlier run switched on. A
 * `.config` that comes out as it was keeps its time, so that nothing is rebuilt for it.
 */
export async function defconfig(seed: string, options: DefconfigOptions): Promise<Defconfig> {
  const {run, tree, home} = options
  const file = join(tree, '.config')
  const before = await readWithTime(file)
  await writeAtomic(file, seed)
  // OpenWrt appends to this, and would tell what was missing last time
  await rm(join(tree, 'tmp', '.prereq-error'), {force: true})
  const lines: string[] = []
  const {exitCode} = await make(run, tree, ['defconfig'], {home, timeout: patience, onLine: (line) => { if (telling.test(line)) lines.push(line) }})
  if (exitCode !== 0) throw await failure(lines, options)
  const text = await readFile(file, 'utf8')
  if (before?.text === text) await utimes(file, before.time, before.time)
  return {text, complaints: complaintsIn(lines), missing: missingIn(lines)}
}

/** The lines that mean something; there may be thousands of others. */
const telling = /^\.config:\d+|^WARNING: Makefile |^Checking '|^Build dependency: |^choice\[|: \*\*\* |[Ee]rror/

function complaintsIn(lines: readonly string[]): Map<string, string> {
  return new Map(lines.flatMap((line) => {
    const [, symbol] = /^\.config:\d+:\s*warning: symbol value '.*' invalid for (\S+)$/.exec(line) ?? []
    return symbol === undefined ? [] : [[symbol.replace(/^CONFIG_/, ''), 'the value is not of its type, or out of its range']]
  }))
}

/** Build dependencies are passed over: a build without them fails early and plainly. */
function missingIn(lines: readonly string[]): {makefile: string; dependency: string}[] {
  return lines.flatMap((line) => {
    const [, makefile, dependency] = /^WARNING: Makefile '([^']+)' has a dependency on '([^']+)', which does not exist$/.exec(line) ?? []
    return makefile === undefined || dependency === undefined ? [] : [{makefile, dependency}]
  })
}

async function failure(lines: readonly string[], options: DefconfigOptions): Promise<Problem> {
  const {tree, log} = options
  const checks = failedChecks(lines.join('\n'))
  if (checks.length > 0) return unfit(checks, lines, options)
  if (lines.some((line) => line.startsWith('choice['))) {
    return new Problem('defconfig-failed', 'kconfig asks which symbol of a choice is meant, and nobody is there to answer', {
      log, tail: lines.slice(-5), hint: 'Two symbols of one choice are on, or none: look at the symbols of config in the target.',
    })
  }
  return new Problem('defconfig-failed', `make defconfig failed in ${tree}`, {log, tail: lines.slice(-10)})
}

/**
 * OpenWrt checks more than whether something is there: versions, and that compilers work. Its own words tell which; without a compiler it
 * has none.
 */
async function unfit(checks: readonly string[], lines: readonly string[], {run, purpose, log}: DefconfigOptions): Promise<Problem> {
  const packages = packagesFor(checks, purpose)
  const installed = await installedVersions(run, packages)
  const lacking = packages.filter((name) => !installed.has(name))
  const words = lines.flatMap((line) => /^Build dependency: (.*)$/.exec(line)?.[1] ?? [])
  const hint = [...new Set(words), ...(lacking.length === 0 ? [] : [`To install what is missing: ${installLine(lacking, process.getuid?.() === 0)}`])].join('\n')
  return new Problem('host-unfit', `OpenWrt's own check of this machine failed: ${checks.join(', ')}`, {log, ...(hint === '' ? {} : {hint})})
}

async function readWithTime(file: string): Promise<{text: string; time: Date} | undefined> {
  try {
    return {text: await readFile(file, 'utf8'), time: (await stat(file)).mtime}
  } catch {
    return undefined
  }
}
