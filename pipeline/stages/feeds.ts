import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {writeJson} from '../base/atomic-file.ts'
import type {FeedRecord} from '../model/feeds-record.ts'
import {parseFeedsConf, renderFeedsConf} from '../model/feeds-conf.ts'
import type {Feed} from '../model/recipe.ts'
import type {Inputs, Stage, StageContext} from '../model/stage.ts'
import {checkNeeds} from './feeds/check-needs.ts'
import {installWanted, installedIn, wantedOf} from './feeds/install.ts'
import {placeFeeds, removeStale, writeFeedsConf} from './feeds/place.ts'
import {planFeeds, type Planned} from './feeds/plan.ts'
import {readTreeIndex, updateIndexes, warnOfShadowed} from './feeds/indexes.ts'

/**
 * Brings the feeds, folders of packages that do not belong to OpenWrt's tree, and links what the target needs of them into it.
 *
 * `feeds.conf` gets the lines of feeds.conf.default with the pruned ones commented out, the target's own feeds first, each at the
 * commit of the lock. Feeds from git are checked out here, from the cache that all targets share, where `scripts/feeds`
 * then finds them (`feeds/place.ts`): it goes to no network. It makes the indexes and the links; and since it ends with 0 on
 * nearly every mistake, what it was given is checked before, and what it did after (`feeds/plan.ts`, `feeds/indexes.ts`,
 * `feeds/install.ts`).
 *
 * At last everything that the packages need is looked up (`feeds/check-needs.ts`). OpenWrt itself builds for hours before it
 * says that a package which went away with a pruned feed is missing.
 */
export const feeds: Stage = {
  name: 'feeds',
  does: 'bring the feeds, install what the packages need',
  needs: ['clone'],
  version: 1,
  inputs: (recipe) => ({
    prune: recipe.feeds.prune.toSorted(), keep: recipe.feeds.keep.map(inputOf), add: recipe.feeds.add.map(inputOf),
    install: recipe.feeds.install, packages: wantedOf(recipe),
  }),
  outputs: (_recipe, {tree, feeds}) => [feeds, join(tree, 'feeds.conf'), join(tree, 'package/feeds')],
  async run(context) {
    const {recipe, workspace: {tree, feeds: record, home}} = context
    const conf = parseFeedsConf(await readFile(join(tree, 'feeds.conf.default'), 'utf8'), 'feeds.conf.default')
    const planned = planFeeds(conf, recipe, await readFile(join(tree, 'scripts/feeds'), 'utf8'))
    await Promise.all([home, join(tree, 'package/feeds')].map((folder) => mkdir(folder, {recursive: true})))
    await removeStale(context, namesOf(planned))
    const changed = await placeFeeds(context, planned.git)
    const pins = new Map(recipe.feeds.keep.map(({name, commit}) => [name, commit]))
    await writeFeedsConf(context, renderFeedsConf(conf, {prune: recipe.feeds.prune, pins, add: recipe.feeds.add}))
    const indexes = await updateIndexes(context, planned)
    await installWanted(context, indexes)
    const index = await readTreeIndex(tree, indexes)
    warnOfShadowed(context, index, indexes)
    await checkNeeds(context, planned, index, indexes)
    await writeJson(record, await recordsOf(context, planned, changed))
  },
}

/** Mirrors are left out: whoever gives a commit, it is the same. */
function inputOf(feed: Feed): Inputs {
  if (feed.kind === 'path') return {name: feed.name, path: feed.path, contents: {$contents: feed.path}}
  return {name: feed.name, repository: feed.repository, ref: feed.ref, commit: feed.commit}
}

function namesOf({git, local}: Planned): readonly string[] {
  return [...git.map(({feed}) => feed.name), ...local.map(({name}) => name)]
}

async function recordsOf({workspace: {tree}}: StageContext, {git, local}: Planned, changed: ReadonlyMap<string, readonly string[]>): Promise<readonly FeedRecord[]> {
  const fromGit = git.map(({feed: {name, repository: url, commit, ref}}) => ({name, url, commit, ref, ...((changed.get(name)?.length ?? 0) > 0 ? {changed: changed.get(name) ?? []} : {})}))
  const all = [...local.map(({name, path: url}) => ({name, url})), ...fromGit]
  return Promise.all(all.map(async (feed) => ({...feed, installed: await installedIn(tree, feed.name)})))
}
