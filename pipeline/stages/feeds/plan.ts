import {existsSync, statSync} from 'node:fs'
import {isAbsolute} from 'node:path'
import {nearest} from '../../base/nearest.ts'
import {complainOfFeedPath, feedLines, isLocal, isPinnable, knownFeeds, wantsHistory, type FeedLine, type FeedsConf} from '../../model/feeds-conf.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import type {GitFeed, PathFeed, Recipe} from '../../model/recipe.ts'

/** A feed that has to be brought. */
export interface PlannedFeed {
  readonly feed: GitFeed
  readonly history: boolean
  /** The folder in the repository that is the feed, of `--root=`; where this release knows that flag. */
  readonly root: string | undefined
}

/** Which feeds there will be. */
export interface Planned {
  readonly git: readonly PlannedFeed[]
  /** Folders, as feeds.conf names them. */
  readonly local: readonly {readonly name: string; readonly path: string}[]
  readonly pruned: readonly FeedLine[]
}

/** @param script the text of the tree's `scripts/feeds`, which differs between releases */
export function planFeeds(conf: FeedsConf, {feeds, target}: Pick<Recipe, 'feeds' | 'target'>, script: string): Planned {
  const lines = feedLines(conf)
  const kept = lines.filter(({name}) => !feeds.prune.includes(name))
  throwAll([
    ...feeds.prune.flatMap((name) => unknownPrune(name, lines)),
    ...feeds.add.flatMap((feed) => [...nameTaken(feed.name, kept), ...(feed.kind === 'path' ? badFolder(feed) : [])]),
    ...kept.flatMap((line) => unpinned(line, feeds.keep, target)),
  ])
  const pins = new Map(feeds.keep.map((feed) => [feed.name, feed]))
  return {
    git: [
      ...feeds.add.flatMap((feed) => (feed.kind === 'git' ? [{feed, history: false, root: undefined}] : [])),
      ...kept.flatMap((line) => {
        const feed = pins.get(line.name)
        return feed === undefined || !isPinnable(line) ? [] : [{feed, history: wantsHistory(line), root: rootOf(line, script)}]
      }),
    ],
    local: [
      ...feeds.add.flatMap((feed) => (feed.kind === 'path' ? [{name: feed.name, path: feed.path}] : [])),
      ...kept.filter(isLocal).map(({name, url}) => ({name, path: url})),
    ],
    pruned: lines.filter(({name}) => feeds.prune.includes(name)),
  }
}

function rootOf({flags}: FeedLine, script: string): string | undefined {
  const root = flags.map((flag) => /^--root=(.+)$/.exec(flag)?.[1]).find((folder) => folder !== undefined)
  // before 25.12 the flag is read, and forgotten
  return /\{'?root'?\}/.test(script) ? root : undefined
}

/** A name that another release has is no mistake: one list of names may serve them all. */
function unknownPrune(name: string, lines: readonly FeedLine[]): readonly Problem[] {
  const names = lines.map((line) => line.name)
  if (names.includes(name) || knownFeeds.includes(name)) return []
  const meant = nearest(name, [...names, ...knownFeeds])
  return [new Problem('feed-unknown', `feeds.prune: no release of OpenWrt has a feed ${name}`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}feeds.conf.default of this one has ${names.join(', ') || 'none'}.`,
  })]
}

function nameTaken(name: string, kept: readonly FeedLine[]): readonly Problem[] {
  if (name === 'base') return [new Problem('feeds-conf-invalid', 'feeds.add.base: OpenWrt calls its own packages by that name', {hint: 'Give your feed another name.'})]
  if (!kept.some((line) => line.name === name)) return []
  return [new Problem('feeds-conf-invalid', `feeds.add.${name}: feeds.conf.default has a feed of that name as well`, {hint: 'Give yours another name, or prune the other.'})]
}

function badFolder({name, path}: PathFeed): readonly Problem[] {
  const complaint = complainOfFeedPath(path) ?? (!isAbsolute(path) ? 'scripts/feeds would look for it in feeds/' : !existsSync(path) ? 'it is not there, and scripts/feeds would not say so' : !statSync(path).isDirectory() ? 'it is no folder' : undefined)
  return complaint === undefined ? [] : [new Problem('feeds-conf-invalid', `feeds.add.${name}: ${path} cannot be a feed: ${complaint}`)]
}

function unpinned(line: FeedLine, keep: readonly GitFeed[], target: string): readonly Problem[] {
  const what = `the feed ${line.name} of feeds.conf.default (${line.text})`
  if (isLocal(line)) return line.type === 'src-dummy' ? [] : badFolder({kind: 'path', name: line.name, path: line.url})
  if (!isPinnable(line)) return [new Problem('feeds-conf-invalid', `${what} cannot be pinned: only src-git and src-git-full can`, {hint: `Add ${line.name} to feeds.prune.`})]
  const pin = keep.find(({name}) => name === line.name)
  const hint = `cloudwrt lock ${target}`
  if (pin === undefined) return [new Problem('lock-moved', `${what} has no pin in the lock of ${target}`, {hint})]
  if (pin.repository === line.url && pin.ref === line.ref) return []
  return [new Problem('lock-moved', `${what} is locked as ${pin.ref} of ${pin.repository}`, {hint})]
}
