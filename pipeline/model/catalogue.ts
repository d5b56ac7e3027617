/** One kind of expected failure. */
interface Kind {
  /** Exit code of the process: 1 a Problem, 2 usage or a bad target, 130 interrupted. */
  readonly exit: 1 | 2 | 130
  /** What this kind means, in one line; `cloudwrt` lists them in CONTRIBUTING and JSON. */
  readonly means: string
}

/**
 * Every kind of Problem, by the stage or part that finds it. A new kind is one line here and
 * `new Problem('its-code', …)` where it is found.
 */
export const catalogue = {
  // the command line and the project
  usage: {exit: 2, means: 'the command line is wrong'},
  interrupted: {exit: 130, means: 'stopped by Ctrl-C or SIGTERM'},
  'workspace-busy': {exit: 1, means: 'another run holds the workspace or cache'},
  'target-unknown': {exit: 2, means: 'no target of that name'},

  // targets and locks
  'target-unreadable': {exit: 2, means: 'the file cannot be read'},
  'target-syntax': {exit: 2, means: 'the file is not YAML'},
  'target-invalid': {exit: 2, means: 'the target says something that does not fit'},
  'lock-missing': {exit: 1, means: 'no lock, and --locked was given'},
  'lock-moved': {exit: 1, means: 'the lock is not the one that the target asks for'},

  // programs
  'program-missing': {exit: 1, means: 'a program is not installed'},
  'program-failed': {exit: 1, means: 'a program failed'},
  'program-timeout': {exit: 1, means: 'a program took longer than it may'},

  // engine
  'secret-missing': {exit: 1, means: 'a secret is not where the target says'},
  'stage-unknown': {exit: 2, means: 'no stage of that name'},
  'stage-not-ready': {exit: 1, means: 'a stage that is skipped has never succeeded'},
  'output-missing': {exit: 1, means: 'a stage did not make what it promised'},
} as const satisfies Record<string, Kind>

export type ProblemCode = keyof typeof catalogue
