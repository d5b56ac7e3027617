import {existsSync} from 'node:fs'
import {readFile, rename, rm, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {isMissing} from '../../base/errors.ts'
import {PackageIndex, parsePackageInfo, type PackageInfo} from '../../model/package-index.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import type {StageContext} from '../../model/stage.ts'
import {updateFeeds, type BrokenMakefile, type Updated} from '../../tools/feeds.ts'
import {isPlaced} from './place.ts'
import type {Planned} from './plan.ts'

/** What the feeds have, in the order of feeds.conf. */
export interface FeedIndexes {
  readonly infos: readonly PackageInfo[]
  /** Packages that nobody can read. */
  readonly broken: readonly BrokenMakefile[]
}

/** Has `scripts/feeds` make the indexes, and looks at what came of it. Throws Problems, `feed-failed`. */
export async function updateIndexes(context: StageContext, planned: Planned): Promise<FeedIndexes> {
  const {workspace: {tree, home}, run, emit} = context
  const names = [...planned.local, ...planned.git.map(({feed}) => feed)].map(({name}) => name)
  let done = 0
  await using _aside = await setAside(join(tree, '.config'))
  const network = planned.git.some(({feed}) => existsSync(join(tree, 'feeds', feed.name, '.gitmodules')))
  if (network) emit({type: 'note', text: 'a feed has submodules, which scripts/feeds fetches by itself'})
  const updated = await updateFeeds(run, {tree, home}, {
    network,
    onFeed: (name) => emit({type: 'progress', label: `reading the packages of ${name}`, done: (done += 1), total: names.length, unit: 'items'}),
  })
  await checkUpdate(context, planned, updated)
  warnOfBroken(context, updated.broken)
  const infos = await Promise.all(names.map(async (name) => parsePackageInfo(await readFile(join(tree, 'feeds', `${name}.index`), 'utf8'), name)))
  return {infos, broken: updated.broken}
}

/** The packages of the tree and its feeds, OpenWrt's own first: it takes none from a feed that it has itself. */
export async function readTreeIndex(tree: string, {infos}: FeedIndexes): Promise<PackageIndex> {
  return new PackageIndex([parsePackageInfo(await readFile(join(tree, 'tmp/.packageinfo'), 'utf8')), ...infos])
}

/** A source of a feed of the target's own that is not the one to be built. */
export function warnOfShadowed({recipe, emit}: StageContext, index: PackageIndex, {infos}: FeedIndexes): void {
  const own = new Set(recipe.feeds.add.map(({name}) => name))
  for (const {name, feed} of infos.flatMap(({sources}) => sources)) {
    const other = index.source(name)
    if (feed === undefined || !own.has(feed) || other?.feed === feed) continue
    emit({type: 'warning', text: `${name} of the feed ${feed} is not used: ${other?.feed === undefined ? 'OpenWrt has a package of that name itself' : `the feed ${other.feed} has one too`}`})
  }
}

/** Before main, `scripts/feeds update` ends with a `make defconfig` that rewrites .config, in silence and for seconds. */
async function setAside(config: string): Promise<AsyncDisposable> {
  const aside = `${config}.cloudwrt`
  // of a run that was killed
  if (existsSync(aside) && !existsSync(config)) await rename(aside, config)
  const had = await rename(config, aside).then(() => true, (error: unknown) => {
    if (isMissing(error)) return false
    throw error
  })
  return {[Symbol.asyncDispose]: async () => {
    await rm(config, {force: true})
    if (had) await rename(aside, config)
  }}
}

async function checkUpdate(context: StageContext, planned: Planned, {exitCode, output}: Updated): Promise<void> {
  const {workspace: {tree}} = context
  const log = context.workspace.log('feeds')
  const tail = output.split('\n').filter((line) => /\bfailed\b|fatal|error|Syntax|Unknown|Duplicate|Unable/i.test(line)).slice(-8)
  const problems = await Promise.all([
    ...planned.git.map(async (one) => (await isPlaced(context, one) ? [] : [new Problem('feed-failed', `the feed ${one.feed.name} is not at commit ${one.feed.commit} after scripts/feeds update`, {tail, log})])),
    ...[...planned.local, ...planned.git.map(({feed}) => feed)].map(async ({name}) => (await isEmptyFeed(tree, name) ? [emptyFeed(tree, name, tail, log)] : [])),
  ])
  throwAll(problems.flat())
  if (exitCode !== 0) throw new Problem('feed-failed', 'scripts/feeds update failed', {tail, log})
}

/** Neither packages nor targets: the index of a feed that is not there is written all the same, without anything in it. */
async function isEmptyFeed(tree: string, name: string): Promise<boolean> {
  const sizes = await Promise.all(['index', 'targetindex'].map((end) => stat(join(tree, 'feeds', `${name}.${end}`)).then(({size}) => size, () => 0)))
  return sizes.every((size) => size === 0)
}

function emptyFeed(tree: string, name: string, tail: readonly string[], log: string): Problem {
  return new Problem('feed-failed', `scripts/feeds found no package in the feed ${name}`, {
    tail, log, hint: `A feed has folders with Makefiles of packages in them, at most five folders deep; look into ${join(tree, 'feeds', name)}.`,
  })
}

/** A feed of the target's own has to be whole; in those of OpenWrt there is always something broken that nobody asked for. */
function warnOfBroken({recipe, workspace: {tree}, emit}: StageContext, broken: readonly BrokenMakefile[]): void {
  const own = new Set(recipe.feeds.add.map(({name}) => name))
  throwAll(broken.filter(({makefile}) => own.has(feedOf(makefile))).map(({makefile, log}) => new Problem('feed-failed', `${makefile} cannot be read`, {hint: `What make says of it is in ${join(tree, log)}.`})))
  if (broken.length === 0) return
  const sources = broken.map(({makefile}) => `${feedOf(makefile)}/${basename(dirname(makefile))}`)
  emit({type: 'warning', text: `scripts/feeds cannot read ${sources.length === 1 ? 'a package' : `${sources.length} packages`}, and leaves ${sources.length === 1 ? 'it' : 'them'} out: ${sources.join(', ')}`})
}

function feedOf(makefile: string): string {
  return makefile.split('/')[1] ?? ''
}
