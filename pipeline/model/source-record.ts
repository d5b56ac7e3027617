/** `source.json`: what `clone` says of the tree. The same source gives the same record. */
export interface SourceRecord {
  readonly kind: 'git' | 'path' | 'tree'
  /** The repository, as the target says it. */
  readonly repository?: string
  /** The branch, tag or commit that the commit was resolved from. */
  readonly ref?: string
  /** 40 hex digits: the pinned commit, or the last one of a folder that is a work tree of git. */
  readonly commit?: string
  /** The URL that gave the commit when it first came into the cache. */
  readonly mirror?: string
  /** A folder of the user's; absolute. */
  readonly path?: string
  /** What `scripts/getver.sh` says: `r33185-58aa1b7f16`; `unknown` for a folder without git that does not say. */
  readonly revision: string
  /** What `include/version.mk` says: `25.12.5`, `24.10-SNAPSHOT`, `SNAPSHOT`; undefined where it does not. */
  readonly version?: string
  /** Paths of a folder that are not as in its commit; empty where all are, and where there is none. */
  readonly changed: readonly string[]
  /** SHA-256 over paths, modes and contents of a folder. */
  readonly digest?: string
}
