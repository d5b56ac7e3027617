import type {Feed} from './recipe.ts'
import type {ContentsOf} from './stage.ts'

/**
 * What lies in the folders of packages that a target brings. They are in no lock and are used where they lie, so every stage that
 * reads them has it among its inputs: that `feeds` linked them anew says nothing.
 */
export function feedContents(feeds: readonly Feed[]): readonly ContentsOf[] {
  return feeds.flatMap((feed) => feed.kind === 'path' ? [{$contents: feed.path}] : [])
}
