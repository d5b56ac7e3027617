import {existsSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import {namesIn} from '../../base/if-there.ts'
import {PackageIndex} from '../../model/package-index.ts'
import type {Recipe} from '../../model/recipe.ts'
import type {StageContext} from '../../model/stage.ts'
import {installFeeds, uninstallFeeds} from '../../tools/feeds.ts'
import type {FeedIndexes} from './indexes.ts'

/** Packages that a target asks for, as packages or as symbols; sorted. */
export function wantedOf({packages, config}: Pick<Recipe, 'packages' | 'config'>): readonly string[] {
  const symbols = Object.entries(config).flatMap(([symbol, value]) => (symbol.startsWith('PACKAGE_') && (value === true || value === 'm' || value === 'y') ? [symbol.slice('PACKAGE_'.length)] : []))
  return [...new Set([...packages.add, ...symbols])].toSorted()
}

/**
 * Links what the target needs of the feeds into package/feeds. Links of earlier runs go first; but in a tree of the user's own
 * only those that lead nowhere.
 */
export async function installWanted({recipe, workspace: {tree, home}, run}: StageContext, {infos}: FeedIndexes): Promise<void> {
  const where = {tree, home}
  if (recipe.source.kind === 'tree') await removeDangling(join(tree, 'package/feeds'))
  else await uninstallFeeds(run, where)
  const feeds = new PackageIndex(infos)
  // a source of the name of the package, but without it, would be taken in its place; before 18.06 only packages have names
  const names = wantedOf(recipe).flatMap((name) => feeds.providers(name).slice(0, 1).flatMap((one) => [one.source, one.name]))
  await installFeeds(run, where, recipe.feeds.install === 'all' ? 'all' : [...new Set(names)])
}

/** Sources of a feed that are linked into the tree; sorted. */
export async function installedIn(tree: string, feed: string): Promise<readonly string[]> {
  return (await namesIn(join(tree, 'package/feeds', feed))).toSorted()
}

async function removeDangling(folder: string): Promise<void> {
  for (const feed of await namesIn(folder)) {
    for (const name of await namesIn(join(folder, feed))) {
      const link = join(folder, feed, name)
      if (!existsSync(join(link, 'Makefile'))) await rm(link, {force: true})
    }
  }
}
