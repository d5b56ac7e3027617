import {existsSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {nearest} from '../../base/nearest.ts'
import {closureOf, type Closure, type Known, type Unanswered} from '../../model/package-closure.ts'
import type {PackageIndex} from '../../model/package-index.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import type {Recipe} from '../../model/recipe.ts'
import type {StageContext} from '../../model/stage.ts'
import type {FeedIndexes} from './indexes.ts'
import {wantedOf} from './install.ts'
import type {Planned} from './plan.ts'
import {searchPruned, type Search} from './pruned.ts'

/** Throws where a package of the target, or what one needs, is nowhere or was not linked: `package-unknown`, `package-incomplete`, `feed-failed`. */
export async function checkNeeds(context: StageContext, planned: Planned, index: PackageIndex, indexes: FeedIndexes): Promise<void> {
  const {recipe} = context
  // symbols may be of a package's own, not of packages: what is wrong with them is found by configure
  const unknown = recipe.packages.add.filter((name) => index.providers(name).length === 0)
  const closure = closureOf(wantedOf(recipe), index, knownSymbols(recipe))
  const names = [...new Set([...unknown, ...closure.unanswered.map(({needs}) => needs)])]
  const search = names.length === 0 ? undefined : await searchPruned(context, planned.pruned, names)
  throwAll([
    ...unknown.map((name) => unknownPackage(name, index, indexes, search, context.workspace.tree)),
    ...closure.unanswered.map((one) => unansweredNeed(one, search)),
    ...notLinked(context, closure),
  ])
}

/** What a target says of symbols. Packages that it takes away are off whatever the rest wants. */
function knownSymbols({config, packages}: Recipe): Known {
  const removed = new Set(packages.remove.map((name) => `PACKAGE_${name}`))
  return (symbol) => {
    if (removed.has(symbol)) return false
    const value = config[symbol]
    return value === undefined ? undefined : value !== false && value !== 'n'
  }
}

function unknownPackage(name: string, index: PackageIndex, {broken}: FeedIndexes, search: Search | undefined, tree: string): Problem {
  const unreadable = broken.find(({makefile}) => basename(dirname(makefile)) === name)
  if (unreadable !== undefined) return new Problem('package-unknown', `packages: ${unreadable.makefile} cannot be read, so that there is no package ${name}`, {hint: `What make says of it is in ${join(tree, unreadable.log)}.`})
  const found = search?.found.get(name) ?? []
  const where = found.length > 0 ? `it is in the feed ${found.join(' and in ')}, which this target prunes` : 'neither OpenWrt nor a feed of this target has it'
  const meant = nearest(name, index.names)
  return new Problem('package-unknown', `packages: there is no package ${name}: ${where}`, {
    hint: found.length > 0 ? takeBack(found, name) : [meant === undefined ? undefined : `Did you mean ${meant}?`, maybeIn(search)].filter((part) => part !== undefined).join(' '),
  })
}

function unansweredNeed({by, needs, chain, when}: Unanswered, search: Search | undefined): Problem {
  const asked = chain[0] ?? by
  const because = asked === by ? '' : ` (which ${asked} needs)`
  const found = search?.found.get(needs) ?? []
  const where = found.length > 0 ? `${needs} is in the feed ${found.join(' and in ')}, which this target prunes` : `no feed of this target has it`
  return new Problem('package-incomplete', `${by}${because} needs ${needs}${when === 'build' ? ' to be built' : ''}, and ${where}`, {
    hint: found.length > 0 ? takeBack(found, asked) : [maybeIn(search), `Or take ${asked} out of packages.`].filter((part) => part !== undefined).join(' '),
  })
}

function takeBack(feeds: readonly string[], name: string): string {
  return `Take ${feeds[0]} out of feeds.prune, or ${name} out of packages.`
}

function maybeIn(search: Search | undefined): string | undefined {
  if (search === undefined || search.unasked.length === 0) return undefined
  return `It may be in ${search.unasked.join(', ')}, which this target prunes, and which could not be asked.`
}

/** `scripts/feeds install` ends with 0 whatever happened. */
function notLinked({workspace}: StageContext, {packages}: Closure): readonly Problem[] {
  const sources = new Map([...packages.values()].flatMap(({feed, source}) => (feed === undefined ? [] : [[`${feed}/${source}`, source]])))
  return [...sources.keys()].filter((path) => !existsSync(join(workspace.tree, 'package/feeds', path, 'Makefile')))
    .map((path) => new Problem('feed-failed', `scripts/feeds install did not link ${path} into package/feeds`, {log: workspace.log('feeds')}))
}
