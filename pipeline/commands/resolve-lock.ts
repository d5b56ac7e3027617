import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {nearest} from '../base/nearest.ts'
import {lockAnswers} from '../config/resolve-recipe.ts'
import type {Draft, DraftSource} from '../model/draft.ts'
import {feedLines, isPinnable, parseFeedsConf, type FeedLine} from '../model/feeds-conf.ts'
import type {Lock, Pin} from '../model/lock.ts'
import {Problem} from '../model/problem.ts'
import {bring, type Fetching} from '../stages/git/cache.ts'
import {resolvePin, type Asking} from '../stages/git/resolve.ts'
import {headOf, showFile} from '../tools/git.ts'

/** What is to be looked up although it is locked: all of it, or what is named, `source` or a feed. */
export type Update = true | readonly string[]

/** The lock that a draft asks for. What the one before pins stays as it is, as long as repository and ref are the same. */
export async function resolveLock(fetching: Fetching, draft: Draft, before: Lock | undefined, update: Update): Promise<Lock> {
  // the feeds of a commit are what they were; those of a folder may have changed
  if (update !== true && update.length === 0 && draft.source.kind === 'git' && lockAnswers(draft, before)) return before
  const locked = new Locker(fetching, update)
  const source = draft.source.kind === 'git' ? await locked.pin('source', {...draft.source, what: 'OpenWrt'}, before?.source) : undefined
  const lines = feedLines(parseFeedsConf(await readFeedsConf(fetching, draft.source, source), 'feeds.conf.default'))
  const kept = lines.filter((line) => isPinnable(line) && !draft.feeds.prune.includes(line.name) && !draft.feeds.add.some(({name}) => name === line.name))
  const added = draft.feeds.add.flatMap((feed) => (feed.kind === 'git' ? [feed] : []))
  locked.requireNames(['source', ...kept.map(({name}) => name), ...added.map(({name}) => name)])
  const pins = await Promise.all([
    ...kept.map(async (line) => [line.name, await pinOfDefault(locked, line, draft.source, before)] as const),
    ...added.map(async (feed) => [feed.name, await locked.pin(feed.name, {...feed, what: `the feed ${feed.name}`}, before?.feeds[feed.name])] as const),
  ])
  const feeds = Object.fromEntries(pins.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return {...(source === undefined ? {} : {source}), feeds, added: added.map(({name}) => name).toSorted(), pruned: draft.feeds.prune.toSorted()}
}

/** A folder of the user's may have the feed already: then that is what gets locked, and no network is needed. */
async function pinOfDefault(locked: Locker, {name, url, ref}: FeedLine, source: DraftSource, before: Lock | undefined): Promise<Pin> {
  return locked.pin(name, {repository: url, mirrors: [], ref, what: `the feed ${name}`}, before?.feeds[name], source.kind === 'tree' ? join(source.path, 'feeds', name) : undefined)
}

async function readFeedsConf(fetching: Fetching, source: DraftSource, pin: Pin | undefined): Promise<string> {
  if (source.kind !== 'git' || pin === undefined) {
    const path = join(source.kind === 'git' ? '' : source.path, 'feeds.conf.default')
    return readFile(path, 'utf8').catch((cause: unknown) => { throw noTree(path, cause) })
  }
  const {snapshots} = await bring(fetching, source, {commit: pin.commit, ref: pin.ref, what: 'OpenWrt', history: false})
  const text = await showFile(fetching.run, snapshots, pin.commit, 'feeds.conf.default')
  if (text === undefined) throw noTree(`feeds.conf.default in commit ${pin.commit} of ${source.repository}`)
  return text
}

function noTree(what: string, cause?: unknown): Problem {
  return new Problem('source-invalid', `there is no ${what}`, {hint: 'source names a repository or folder of OpenWrt.', cause})
}

/** Looks up what is not locked yet, or is to be updated. */
class Locker {
  readonly #fetching: Fetching
  readonly #update: Update

  constructor(fetching: Fetching, update: Update) {
    this.#fetching = fetching
    this.#update = update
  }

  /** @param checkout a work tree whose commit is taken where nothing is locked */
  async pin(name: string, asking: Asking, before: Pin | undefined, checkout?: string): Promise<Pin> {
    const {repository, ref} = asking
    const moves = this.#update === true || this.#update.includes(name)
    if (before !== undefined && !moves && before.repository === repository && before.ref === ref) return before
    const there = checkout === undefined || moves ? undefined : await headOf(this.#fetching.run, checkout)
    return there === undefined ? await resolvePin(this.#fetching, asking) : {repository, ref, commit: there}
  }

  requireNames(names: readonly string[]): void {
    if (this.#update === true) return
    for (const name of this.#update) {
      if (names.includes(name)) continue
      const meant = nearest(name, names)
      throw new Problem('usage', `--update ${name}: there is nothing of that name to lock`, {hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are ${names.join(', ')}.`})
    }
  }
}
