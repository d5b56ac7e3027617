import {existsSync} from 'node:fs'
import {mkdir, rename, rm, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {isBeside, writeAtomic} from '../../base/atomic-file.ts'
import {namesIn, readIfThere} from '../../base/if-there.ts'
import {isOurFeedsConf, locationOf} from '../../model/feeds-conf.ts'
import {Problem, problemsOf, throwAll} from '../../model/problem.ts'
import type {StageContext} from '../../model/stage.ts'
import {changedPaths} from '../../tools/git.ts'
import {bring, fetchingFor} from '../git/cache.ts'
import {checkOut, isAt} from '../git/work-tree.ts'
import type {PlannedFeed} from './plan.ts'

/**
 * Puts every feed where `scripts/feeds` would have cloned it, at its commit. It then finds it there, and, since the commit is
 * part of the location, leaves it alone in every release: what it does of its own differs, and takes another commit in silence.
 *
 * @returns changed files of feeds in a tree of the user's own, by feed
 */
export async function placeFeeds(context: StageContext, feeds: readonly PlannedFeed[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const results = await Promise.allSettled(feeds.map(async (planned) => [planned.feed.name, await placeFeed(context, planned)] as const))
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const bug = failed.find((error) => problemsOf(error).length === 0)
  if (bug !== undefined) throw bug
  throwAll(failed.flatMap(problemsOf))
  return new Map(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])))
}

async function placeFeed(context: StageContext, planned: PlannedFeed): Promise<readonly string[]> {
  const {recipe, workspace: {tree}, run, emit} = context
  const {feed, root} = planned
  const folder = folderOf(tree, planned)
  const users = recipe.source.kind === 'tree' && existsSync(folder)
  if (users && !await isAt(run, folder, feed.commit)) throw notAtPin(folder, planned)
  const changed = users ? await changedPaths(run, folder) : await placeOurs(context, planned, folder)
  if (changed.length > 0) emit({type: 'warning', text: `${changed.length} files of the feed ${feed.name} ${users ? 'are not those' : 'were not those, and are again those,'} of its commit: ${changed.slice(0, 3).join(', ')}`})
  if (root !== undefined) await linkRoot(join(tree, 'feeds', feed.name), `${feed.name}_root/${root}`)
  await writeIfOther(join(tree, 'feeds', `${feed.name}.tmp`, 'location'), `${locationOf(feed.repository, feed.commit)}\n`)
  return users ? changed : []
}

async function placeOurs(context: StageContext, {feed, history}: PlannedFeed, folder: string): Promise<readonly string[]> {
  const {name, commit, ref, repository} = feed
  const cached = await bring(fetchingFor(context), feed, {commit, ref, what: `feed ${name}`, history})
  await mkdir(join(folder, '..'), {recursive: true})
  return checkOut(context.run, {folder, commit, repository, cached, history})
}

/** Whether a feed is where it belongs, at its commit. */
export async function isPlaced(context: StageContext, planned: PlannedFeed): Promise<boolean> {
  return isAt(context.run, folderOf(context.workspace.tree, planned), planned.feed.commit)
}

function folderOf(tree: string, {feed, root}: PlannedFeed): string {
  return join(tree, 'feeds', root === undefined ? feed.name : `${feed.name}_root`)
}

function notAtPin(folder: string, {feed: {name, commit}}: PlannedFeed): Problem {
  return new Problem('feed-moved', `${folder} is not at commit ${commit}, to which the lock pins the feed ${name}`, {
    hint: `Nothing in a tree of your own is thrown away. To build what is there, remove ${name} from the lock and call cloudwrt lock; to build the pin, check it out there or remove the folder.`,
  })
}

async function linkRoot(link: string, to: string): Promise<void> {
  await rm(link, {recursive: true, force: true})
  await symlink(to, link)
}

/** Writes feeds.conf; one that is not ours is kept beside it. */
export async function writeFeedsConf({workspace: {tree}, emit}: StageContext, text: string): Promise<void> {
  const path = join(tree, 'feeds.conf')
  const before = await readIfThere(path)
  if (before !== undefined && !isOurFeedsConf(before)) {
    await rename(path, `${path}.orig`)
    emit({type: 'note', text: `${path} was yours: it is ${path}.orig now`})
  }
  await writeIfOther(path, text)
}

/** Removes feeds that are not in feeds.conf any more, and what a killed run left. A user's own tree keeps what it has. */
export async function removeStale({recipe, workspace: {tree}}: StageContext, names: readonly string[]): Promise<void> {
  const folder = join(tree, 'feeds')
  const users = recipe.source.kind === 'tree'
  const entries = await namesIn(folder)
  // `base` is OpenWrt's own link to its packages
  const ours = new Set([...names.flatMap((name) => [name, `${name}_root`, `${name}.tmp`, `${name}.index`, `${name}.targetindex`]), 'base'])
  const stale = entries.filter((entry) => isBeside(entry) || (!users && !ours.has(entry)))
  await Promise.all(stale.map((entry) => rm(join(folder, entry), {recursive: true, force: true})))
}

async function writeIfOther(path: string, text: string): Promise<void> {
  if (await readIfThere(path) !== text) await writeAtomic(path, text)
}
