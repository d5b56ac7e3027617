import {formatSize} from '../base/size.ts'
import {parseKey} from '../model/authorized-key.ts'
import type {LockDifference} from '../model/lock.ts'
import type {Place} from '../model/problem.ts'
import {find, itemsOf, type Located, type Path} from './located.ts'
import type {LoadedTarget} from './load-target.ts'
import type {LoadedLock} from './lock-file.ts'
import {shownPath} from './project-files.ts'
import {lockDifferences} from './resolve-recipe.ts'

/** Where a value came from: a line of a target or of its lock; or nobody said it. */
export type Origin = Place | 'default' | 'not locked'

/** One line of an account: a key or an item, with its value where it is not a map or list of its own. */
export interface Row {
  readonly path: Path
  /** `[]` and `{}` stand for what is empty. */
  readonly value?: Scalar | readonly never[] | Readonly<Record<string, never>>
  readonly from?: Origin
}

/** A target resolved, in the words of a target, with the origin of every value. No secret is in it. */
export interface Account {
  readonly rows: readonly Row[]
  /** Why the lock does not count, where there is one that does not. */
  readonly differences: readonly LockDifference[]
}

type Scalar = string | number | boolean
/** What is to be told: values whose origin is that of their path in the target, and such as know their own. */
type Tale = Known | Scalar | undefined | null | readonly Tale[] | {readonly [key: string]: Tale}

class Known {
  readonly value: string
  readonly from: Origin

  constructor(value: string, from: Origin) {
    this.value = value
    this.from = from
  }
}

export function accountOf(loaded: LoadedTarget, loadedLock: LoadedLock | undefined): Account {
  const differences = loadedLock === undefined ? [] : lockDifferences(loaded.draft, loadedLock.lock)
  const lock = differences.length > 0 ? undefined : loadedLock
  return {rows: [...rowsOf(taleOf(loaded, lock), [], loaded.tree)], differences}
}

function taleOf({target, tree, files, roots}: LoadedTarget, lock: LoadedLock | undefined): Tale {
  const {extends: _, ...said} = target
  const pathAt = (...path: Path): Tale => {
    const node = find(tree, path)
    const absolute = node === undefined ? undefined : files.paths.get(node)
    return node === undefined || absolute === undefined ? undefined : new Known(shownPath(absolute, roots), node.at)
  }
  return {
    ...said,
    source: {...said.source, path: pathAt('source', 'path'), tree: pathAt('source', 'tree'), ...(said.source.repository === undefined ? {} : {commit: commitOf(lock, 'source')})},
    feeds: {
      prune: said.feeds.prune,
      add: Object.fromEntries(Object.entries(said.feeds.add).map(([name, feed]) => [name, {
        ...feed, path: pathAt('feeds', 'add', name, 'path'), ...(feed?.git === undefined ? {} : {commit: commitOf(lock, 'feeds', name)}),
      }])),
      keep: keptFeeds(lock),
      install: said.feeds.install,
    },
    packages: lastWords(itemsOf(tree, 'packages')).map(({text, at}) => new Known(text, at)),
    image: {...said.image, root: formatSize(said.image.root), boot: formatSize(said.image.boot)},
    build: {jobs: new Known('from cores and memory', 'default'), ...said.build, keys: pathAt('build', 'keys') ?? new Known('made once, kept in the cache', 'default')},
    root: {
      ...said.root,
      password: typeof said.root.password === 'string' ? said.root.password
        : {...said.root.password, file: pathAt('root', 'password', 'file'), 'hash-file': pathAt('root', 'password', 'hash-file')},
      keys: said.root.keys.map((key, index) => (typeof key === 'string' ? shortKey(key) : {file: pathAt('root', 'keys', index, 'file')})),
      overlays: lastWords(itemsOf(tree, 'root', 'overlays')).flatMap(({node, at}) => {
        const absolute = files.paths.get(node)
        return absolute === undefined ? [] : [new Known(shownPath(absolute, roots), at)]
      }),
    },
    boot: {...said.boot, memory: formatSize(said.boot.memory)},
  }
}

/** Of what is named twice, or added and taken away, the last mention. */
function lastWords(items: readonly Located[]): readonly {readonly text: string; readonly at: Place; readonly node: Located}[] {
  const words = items.flatMap((node) => (node.kind === 'scalar' ? [{text: node.text, at: node.at, node}] : []))
  const name = (text: string): string => text.replace(/^-/, '')
  return words.filter(({text}, index) => !words.slice(index + 1).some((later) => name(later.text) === name(text)))
}

function commitOf(lock: LoadedLock | undefined, ...path: Path): Tale {
  const node = find(lock?.tree, [...path, 'commit'])
  return node?.kind === 'scalar' ? new Known(node.text, node.at) : new Known('…', 'not locked')
}

/** The feeds of feeds.conf.default that stay: which these are only the lock tells. */
function keptFeeds(lock: LoadedLock | undefined): Tale {
  if (lock === undefined) return undefined
  const names = Object.keys(lock.lock.feeds).filter((name) => !lock.lock.added.includes(name))
  return Object.fromEntries(names.map((name) => [name, Object.fromEntries(['repository', 'ref', 'commit'].map((key) => {
    const node = find(lock.tree, ['feeds', name, key])
    return [key, node?.kind === 'scalar' ? new Known(node.text, node.at) : undefined]
  }))]))
}

/** A key by its type, its last characters, which tell keys apart, and its comment. */
function shortKey(text: string): string {
  const key = parseKey(text)
  return key === undefined ? text : `${key.type} …${key.base64.slice(-8)} ${key.comment}`.trimEnd()
}

function* rowsOf(tale: Tale, path: Path, tree: Located): Generator<Row> {
  if (tale === undefined || tale === null) return
  if (tale instanceof Known) return yield {path, value: tale.value, from: tale.from}
  const from = find(tree, path)?.at ?? 'default'
  if (typeof tale !== 'object') return yield {path, value: tale, from}
  const members = (isList(tale) ? [...tale.entries()] : Object.entries(tale)).filter(([, member]) => member !== undefined && member !== null)
  if (members.length === 0) return yield {path, value: isList(tale) ? [] : {}, from}
  if (path.length > 0) yield {path}
  for (const [step, member] of members) yield* rowsOf(member, [...path, step], tree)
}

function isList(tale: Tale): tale is readonly Tale[] {
  return Array.isArray(tale)
}
