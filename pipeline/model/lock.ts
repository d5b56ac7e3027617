/** One repository, pinned: what was asked for, and what that was at the time. */
export interface Pin {
  /** The canonical URL: as the target or feeds.conf.default says it, never that of a mirror. */
  readonly repository: string
  /** The branch, tag or full commit that was asked for; `HEAD` for a repository's own default branch. */
  readonly ref: string
  /** 40 hex digits. */
  readonly commit: string
}

/**
 * `targets/NAME.lock.yaml`: the commit of OpenWrt and of every feed that a build of the target reads.
 * Which feeds feeds.conf.default has is known only once the source is there, so the lock lists them too.
 */
export interface Lock {
  /** Absent where the source is a folder of the user's. */
  readonly source?: Pin
  /** By name: what stays of feeds.conf.default, and the target's own feeds from git. */
  readonly feeds: Readonly<Record<string, Pin>>
  /** Names of the target's own feeds from git when the lock was made; the rest of `feeds` is of feeds.conf.default. Sorted. */
  readonly added: readonly string[]
  /** The target's `feeds.prune` when the lock was made: a feed that is no longer pruned has no pin yet. Sorted. */
  readonly pruned: readonly string[]
}

/** One way in which a lock does not answer to what its target asks. */
export interface LockDifference {
  /** The path in the target: `source`, `feeds.add.cloud`, `feeds.prune`. */
  readonly path: string
  /** For people: `source.ref is v25.12.5, locked as v25.12.4`. */
  readonly text: string
}
