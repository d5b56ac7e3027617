/** How a program is started; see `tools/run.ts`, the only place that does. */
export interface ProgramOptions {
  /** Working directory; an absolute path. */
  readonly cwd?: string
  /** Added to the minimal environment (PATH, HOME, LANG=C.UTF-8, TMPDIR and the like). */
  readonly env?: Readonly<Record<string, string>>
  /** Written to stdin, which is closed otherwise. The way to hand over a secret. */
  readonly input?: string | Uint8Array
  /** Exit codes that are not a failure. Default: only 0. */
  readonly ok?: readonly number[] | 'any'
  /** Absolute path of the log to append to. Default: the running stage's log. `false`: none. */
  readonly log?: string | false
  /** Called for each whole line, as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Do not show the lines as they come: for programs that are asked, not watched. */
  readonly quiet?: boolean
  /** Milliseconds until the program is ended and fails with `program-timeout`. */
  readonly timeout?: number
  /** Milliseconds without any output until the same happens: for programs that tell of their progress. */
  readonly silence?: number
  /** Also runs, and to its end, when the run was interrupted: for what gives things back (umount). */
  readonly uninterrupted?: boolean
  /** Bytes of stdout kept for `stdout`; what is older is dropped. Default 8 MiB. */
  readonly keep?: number
}

export interface ProgramResult {
  readonly exitCode: number
  /** The kept end of stdout, undecorated. `truncated` tells when the start was dropped. */
  readonly stdout: string
  /** The last lines of stderr (at most 64 KiB). */
  readonly stderr: string
  readonly truncated: boolean
  /** Wall time in milliseconds. */
  readonly ms: number
}

/**
 * Starts a program and waits for it. Rejects with a Problem: `program-missing`,
 * `program-failed` (not an ok exit code), `program-timeout`, `interrupted`.
 */
export type Run = (argv: readonly [string, ...string[]], options?: ProgramOptions) => Promise<ProgramResult>
