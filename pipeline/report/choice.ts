/** How events are told: redrawn on a terminal, as plain lines, or as JSON. */
export type Mode = 'terminal' | 'lines' | 'json'

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

export interface Choice {
  readonly mode: Mode
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
  readonly ci: Ci | undefined
}

/**
 * Chooses by what was asked, then by where the text goes. Only stderr counts: `cloudwrt build x > paths` at a terminal is
 * still watched by a person. With --verbose every line of every program is shown, which cannot be redrawn.
 */
export function chooseReport(flags: ReportFlags, env: Readonly<Record<string, string | undefined>>, stderr: {readonly isTTY?: boolean}): Choice {
  const [json, quiet, verbose] = [flags.json ?? false, flags.quiet ?? false, flags.verbose ?? false]
  const drawable = stderr.isTTY === true && env['TERM'] !== 'dumb' && !isSet(env['CI'])
  const mode = json ? 'json' : drawable && !quiet && !verbose ? 'terminal' : 'lines'
  return {mode, quiet, verbose, color: flags.color !== false && wantsColor(env, stderr), ci: ciOf(env)}
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
