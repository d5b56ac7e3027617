import type {Format} from './formats.ts'

/** A feed from git, pinned. */
export interface GitFeed {
  readonly kind: 'git'
  readonly name: string
  readonly repository: string
  /** Tried in this order after `repository`. */
  readonly mirrors: readonly string[]
  /** 40 hex digits. */
  readonly commit: string
  /** The branch, tag or commit that the commit was resolved from. */
  readonly ref: string
}

/** A feed that is a folder. */
export interface PathFeed {
  readonly kind: 'path'
  readonly name: string
  /** Absolute. */
  readonly path: string
}

export type Feed = GitFeed | PathFeed

/** OpenWrt itself. */
export type Source =
  | {readonly kind: 'git'; readonly repository: string; readonly mirrors: readonly string[]; readonly ref: string; readonly commit: string}
  /** A folder of the user's, copied. */
  | {readonly kind: 'path'; readonly path: string}
  /** A folder of the user's, used in place, its build state kept. */
  | {readonly kind: 'tree'; readonly path: string}

/** Where root's password comes from. Never the password itself. */
export type Password =
  | {readonly kind: 'locked'}
  /** As the image has it. */
  | {readonly kind: 'keep'}
  | {readonly kind: 'prompt'}
  | {readonly kind: 'env'; readonly name: string}
  /** A file with the plain password in its first line. */
  | {readonly kind: 'file'; readonly path: string}
  /** A file with a crypt(3) hash: `$5$…` or `$6$…`. */
  | {readonly kind: 'hash-file'; readonly path: string}

/** Files laid over the root: a folder with an optional manifest of modes and owners, or a tar archive. */
export interface Overlay {
  readonly name: string
  /** Absolute. */
  readonly path: string
}

/** What writes to a root: a key of `stages/edit/editors.ts`. */
export type EditorName = string

export const platforms = ['x86/64'] as const
export type Platform = (typeof platforms)[number]

export type ConfigValue = string | number | boolean

/**
 * A Target with its defaults, its parents and its lock applied: closed, every ref a commit, every path absolute.
 * All that runs reads this.
 */
export interface Recipe {
  readonly target: string
  readonly description: string
  readonly source: Source
  readonly platform: Platform
  readonly feeds: {
    /** Feeds of feeds.conf.default that are commented out. */
    readonly prune: readonly string[]
    /** Feeds of feeds.conf.default that stay, pinned by the lock. */
    readonly keep: readonly GitFeed[]
    /** Feeds of the target's own. */
    readonly add: readonly Feed[]
    readonly install: 'needed' | 'all'
  }
  readonly packages: {readonly add: readonly string[]; readonly remove: readonly string[]}
  /** Kconfig symbols without `CONFIG_`. false: `is not set`. */
  readonly config: Readonly<Record<string, ConfigValue>>
  /** Symbols that may come out of `make defconfig` different from what was asked. */
  readonly configAllow: readonly string[]
  readonly image: {
    /** Bytes of the root partition; whole MiB. */
    readonly root: number
    /** Bytes of the boot partition; whole MiB. */
    readonly boot: number
    readonly firmware: 'bios' | 'efi'
    readonly console: {readonly serial: string; readonly baud: number}
    readonly formats: readonly Format[]
  }
  readonly build: {
    /** Parallel jobs; undefined: from cores and memory. */
    readonly jobs: number | undefined
    readonly ccache: boolean
    /** A folder with the keys that sign packages; undefined: made once in the cache. */
    readonly keys: string | undefined
  }
  readonly root: {
    readonly password: Password
    /** Lines of authorized_keys. */
    readonly keys: readonly string[]
    readonly overlays: readonly Overlay[]
    /** Undefined: `userspace`, or `loop` where only the kernel's own driver will do. */
    readonly editor?: EditorName
  }
  /** As the target says it; read by the stages of the same name. */
  readonly boot: Readonly<Record<string, unknown>>
  readonly upload: Readonly<Record<string, unknown>>
}
