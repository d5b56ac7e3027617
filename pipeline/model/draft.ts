import type {GitFeed, PathFeed, Recipe, Source} from './recipe.ts'

type GitSource = Extract<Source, {kind: 'git'}>

/** OpenWrt itself, by a name that may move. */
export type DraftSource = Omit<GitSource, 'commit'> | Exclude<Source, GitSource>

/** A feed of the target's own, by a name that may move. */
export type DraftFeed = Omit<GitFeed, 'commit'> | PathFeed

/**
 * A Recipe that still lacks its lock: defaults and parents are applied, every path is absolute, but refs are names.
 * `cloudwrt lock` reads this; nothing runs on it.
 */
export interface Draft extends Omit<Recipe, 'source' | 'feeds'> {
  readonly source: DraftSource
  readonly feeds: {
    readonly prune: readonly string[]
    readonly add: readonly DraftFeed[]
    readonly install: 'needed' | 'all'
  }
}
