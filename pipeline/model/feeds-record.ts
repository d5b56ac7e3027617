/** One feed in `feeds.json`: what `feeds` says of it. */
export interface FeedRecord {
  readonly name: string
  /** The repository, or the folder, as feeds.conf says it. */
  readonly url: string
  /** 40 hex digits; undefined for a folder. */
  readonly commit?: string
  /** The branch, tag or commit that the commit was resolved from. */
  readonly ref?: string
  /** Files of a feed in a tree of the user's own that are not as in its commit. */
  readonly changed?: readonly string[]
  /** Names of its sources that are linked into package/feeds; sorted. */
  readonly installed: readonly string[]
}
