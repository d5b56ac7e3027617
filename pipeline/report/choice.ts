import {chooseMode, type Mode} from './reporters.ts'

/** A service whose log folds and marks lines. */
export type Ci = 'github' | 'gitlab'

export interface Streams {
  /** Results: paths, ids, JSON. */
  readonly stdout: NodeJS.WritableStream & {readonly isTTY?: boolean}
  /** Everything that people read. */
  readonly stderr: NodeJS.WritableStream & {readonly isTTY?: boolean; readonly columns?: number}
}

/** What the command line says about reports. */
export interface ReportFlags {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** false: `--no-color`. */
  readonly color?: boolean
}

/** What every way to tell events can be asked for. */
export interface Manner {
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
  readonly ci: Ci | undefined
}

export interface Choice extends Manner {
  readonly mode: Mode
}

/**
 * Chooses by what was asked, then by where the text goes. Only stderr counts: `cloudwrt build x > paths` at a terminal is
 * still watched by a person.
 */
export function chooseReport(flags: ReportFlags, env: Readonly<Record<string, string | undefined>>, stderr: {readonly isTTY?: boolean}): Choice {
  const drawable = stderr.isTTY === true && env['TERM'] !== 'dumb' && !isSet(env['CI'])
  const mode = chooseMode({flags, env, drawable})
  return {mode, quiet: flags.quiet ?? false, verbose: flags.verbose ?? false, color: flags.color !== false && wantsColor(env, stderr), ci: ciOf(env)}
}

/** https://no-color.org and its opposite; else whether it is a terminal that can. */
function wantsColor(env: Readonly<Record<string, string | undefined>>, stream: {readonly isTTY?: boolean}): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  if (isSet(env['FORCE_COLOR'])) return true
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

function ciOf(env: Readonly<Record<string, string | undefined>>): Ci | undefined {
  if (isSet(env['GITHUB_ACTIONS'])) return 'github'
  return isSet(env['GITLAB_CI']) ? 'gitlab' : undefined
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase())
}
