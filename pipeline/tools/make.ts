import type {ProgramOptions, ProgramResult, Run} from '../model/program.ts'

export interface MakeOptions extends Pick<ProgramOptions, 'onLine' | 'quiet' | 'timeout' | 'log'> {
  /** HOME of all that make starts. OpenWrt would take a configuration from the user's own, `~/.openwrt/defconfig`. */
  readonly home: string
  readonly jobs?: number
}

/**
 * Runs `make` at the top of an OpenWrt tree and gives how it ended, whatever that was: what a failure means is for the caller to say.
 * Its umask is 022, since with others packages get modes that do not work; stdin is closed, since kconfig asks there.
 */
export async function make(run: Run, tree: string, goals: readonly string[], {home, jobs = 1, ...options}: MakeOptions): Promise<ProgramResult> {
  return run(['sh', '-c', 'umask 022 && exec make "$@"', 'make', `-j${jobs}`, ...goals], {
    ...options,
    cwd: tree,
    env: {HOME: home, LC_ALL: 'C', ...asRoot()},
    ok: 'any',
  })
}

/** The configure scripts of GNU tar and others refuse root; OpenWrt sets this nowhere. */
function asRoot(): Record<string, string> {
  return process.getuid?.() === 0 ? {FORCE_UNSAFE_CONFIGURE: '1'} : {}
}
