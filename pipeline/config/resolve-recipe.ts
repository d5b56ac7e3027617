import type {Draft, DraftFeed} from '../model/draft.ts'
import type {Lock, LockDifference, Pin} from '../model/lock.ts'
import {Problem} from '../model/problem.ts'
import type {Feed, Recipe} from '../model/recipe.ts'

/**
 * The Recipe of a Draft: every ref a commit of the lock. A target of which nothing comes from git needs no lock.
 * Throws a Problem: `lock-missing`, or `lock-moved` where the lock does not answer to the target.
 */
export function resolveRecipe(draft: Draft, lock: Lock | undefined): Recipe {
  if (lock === undefined && namesRefs(draft)) {
    throw new Problem('lock-missing', `${draft.target} has no lock: what its refs stand for is not known yet`, {hint: `cloudwrt lock ${draft.target}`})
  }
  const known = lock ?? emptyLock(draft)
  const differences = lockDifferences(draft, known)
  if (differences.length > 0) throw lockMoved(draft, differences)
  return {
    ...draft,
    source: draft.source.kind === 'git' ? {...draft.source, commit: pinOf(known.source, 'source').commit} : draft.source,
    feeds: {
      ...draft.feeds,
      keep: Object.entries(known.feeds).filter(([name]) => !known.added.includes(name)).map(([name, pin]) => ({kind: 'git', name, mirrors: [], ...pin})),
      add: draft.feeds.add.map((feed) => pinned(feed, known)),
    },
  }
}

/** Every way in which a lock does not answer to what a target asks: none for a lock that would be made the same today, but for the commits. */
export function lockDifferences(draft: Draft, lock: Lock): readonly LockDifference[] {
  const {source, feeds} = draft
  const pins = new Map(Object.entries(lock.feeds))
  const added = new Set(feeds.add.flatMap((feed) => (feed.kind === 'git' ? [feed.name] : [])))
  return [
    ...(source.kind === 'git' ? pinDifferences('source', source, lock.source) : []),
    ...(source.kind !== 'git' && lock.source !== undefined ? [{path: 'source', text: `source is a folder, locked as ${lock.source.repository}`}] : []),
    ...feeds.add.flatMap((feed) => (feed.kind === 'git' ? pinDifferences(`feeds.add.${feed.name}`, feed, lock.added.includes(feed.name) ? pins.get(feed.name) : undefined) : [])),
    ...lock.added.filter((name) => !added.has(name)).map((name) => ({path: 'feeds.add', text: `${name} is locked, but no feed from git of this target any more`})),
    ...lock.pruned.filter((name) => !feeds.prune.includes(name)).map((name) => ({path: 'feeds.prune', text: `${name} is not pruned any more, and not locked`})),
    ...feeds.prune.filter((name) => !lock.pruned.includes(name)).map((name) => ({path: 'feeds.prune', text: `${name} is pruned now, and was not when the lock was made`})),
  ]
}

/** Whether nothing has to be resolved: there is a lock, and it is the one that the target asks for. */
export function lockAnswers(draft: Draft, lock: Lock | undefined): lock is Lock {
  return lock !== undefined && lockDifferences(draft, lock).length === 0
}

/** What a lock holds that pins nothing: of a target whose source and feeds are folders. */
export function emptyLock({feeds}: Draft): Lock {
  return {feeds: {}, added: [], pruned: feeds.prune.toSorted()}
}

/** The Problem for a lock that does not answer to its target. */
export function lockMoved({target}: Pick<Draft, 'target'>, differences: readonly LockDifference[]): Problem {
  return new Problem('lock-moved', `the lock of ${target} is not the one that it asks for:\n${differences.map(({text}) => `  ${text}`).join('\n')}`, {hint: `cloudwrt lock ${target}`})
}

function namesRefs({source, feeds}: Draft): boolean {
  return source.kind === 'git' || feeds.add.some(({kind}) => kind === 'git')
}

function pinDifferences(path: string, asked: Omit<Pin, 'commit'>, pin: Pin | undefined): readonly LockDifference[] {
  if (pin === undefined) return [{path, text: `${path} is not locked`}]
  const differences = (['repository', 'ref'] as const).flatMap((key) => (asked[key] === pin[key] ? [] : [{path, text: `${path}: ${key} is ${asked[key]}, locked as ${pin[key]}`}]))
  if (differences.length > 0 || !/^[0-9a-f]{40}$/.test(asked.ref) || pin.commit === asked.ref) return differences
  return [{path, text: `${path}: the commit is ${asked.ref}, locked as ${pin.commit}`}]
}

function pinned(feed: DraftFeed, lock: Lock): Feed {
  return feed.kind === 'path' ? feed : {...feed, commit: pinOf(lock.feeds[feed.name], feed.name).commit}
}

function pinOf(pin: Pin | undefined, what: string): Pin {
  if (pin === undefined) throw new Error(`${what} has no pin in a lock without differences`)
  return pin
}
