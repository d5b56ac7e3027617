import {join} from 'node:path'
import type {ProgramResult, Run} from '../model/program.ts'

/** Where `scripts/feeds` works. */
export interface FeedsTree {
  /** Absolute. */
  readonly tree: string
  /** HOME: nobody's ~/.openwrt or ~/.gitconfig is read. */
  readonly home: string
}

/** A package whose Makefile could not be read; `scripts/feeds` says so and ends with 0. */
export interface BrokenMakefile {
  /** Relative to the tree: `feeds/telephony/net/freeswitch/Makefile`. */
  readonly makefile: string
  /** Relative to the tree; what make said. */
  readonly log: string
}

export interface Updated {
  /** 0, or 1 where a feed failed. */
  readonly exitCode: number
  readonly broken: readonly BrokenMakefile[]
  readonly output: string
}

/** Makes the index of every feed in feeds.conf. `onFeed` is called with the name of each as its turn comes. */
export async function updateFeeds(run: Run, where: FeedsTree, options: {readonly network: boolean; readonly onFeed: (name: string) => void}): Promise<Updated> {
  const {exitCode, stdout, stderr} = await feeds(run, where, ['update', '-a'], options.network, (line) => {
    const name = /^Create index file '\.\/feeds\/(\w+)\.index'/.exec(line)?.[1]
    if (name !== undefined) options.onFeed(name)
  })
  const output = `${stdout}\n${stderr}`
  const broken = [...output.matchAll(/ERROR: please fix (\S+) - see (\S+) for details/g)].map(([, makefile = '', log = '']) => ({makefile, log}))
  return {exitCode, output, broken: [...new Map(broken.map((one) => [one.makefile, one])).values()]}
}

/**
 * Links sources, named by themselves or by a package, and what they depend on, into package/feeds. Ends with 0 whatever happens:
 * what came of it has to be looked at. Writes tmp/.packageinfo as well, also for no names.
 */
export async function installFeeds(run: Run, where: FeedsTree, names: readonly string[] | 'all'): Promise<void> {
  await feeds(run, where, ['install', ...(names === 'all' ? ['-a'] : names)])
}

/** Takes all links away. */
export async function uninstallFeeds(run: Run, where: FeedsTree): Promise<void> {
  await feeds(run, where, ['uninstall', '-a'])
}

/**
 * Without `network`, git is left nothing but files. GIT_CONFIG_PARAMETERS would not do, for `scripts/feeds` sets it itself.
 * Its umask is 022: make, which it starts, refuses others. IS_TTY: from 23.05 on it draws its progress only where this says so.
 */
async function feeds(run: Run, {tree, home}: FeedsTree, args: readonly string[], network = false, onLine?: (line: string) => void): Promise<ProgramResult> {
  return run(['sh', '-c', 'umask 022 && exec "$@"', 'sh', join(tree, 'scripts/feeds'), ...args], {
    cwd: tree, quiet: true, ok: [0, 1], keep: 16 * 1024 * 1024,
    env: {HOME: home, IS_TTY: '0', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', ...(network ? {} : {GIT_ALLOW_PROTOCOL: 'file'})},
    ...(onLine === undefined ? {} : {onLine}),
  })
}
