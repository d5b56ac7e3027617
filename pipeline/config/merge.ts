import type {Problem} from '../model/problem.ts'
import {misfit, type Entry, type Located, type LocatedMap, type Path} from './located.ts'

/** Lists that a child adds to. Every other list of a child stands in place of its parent's. */
const growing = ['packages', 'config-allow', 'root.keys', 'root.overlays', 'boot.checks']

/**
 * Maps that are a choice, each with the keys that choose. A child that chooses has the whole map to itself: a parent's
 * `ref` says nothing about another repository. A child that only says `ref` changes the parent's.
 */
const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ['source', ['repository', 'path', 'tree']],
  ['feeds.add.*', ['git', 'path']],
  ['root.password', ['env', 'file', 'hash-file']],
])

/** Maps whose keys are free, so that `KEY: null` in a child takes the parent's away. */
const free = ['config', 'feeds.add', 'upload.properties']

/**
 * A child laid over its parent: maps key by key, growing lists one after the other, all else as the child says. Every value
 * keeps the place of the file that gave it. The complaints are about nulls that take nothing away.
 */
export function merge(parent: Located, child: Located): {readonly tree: Located; readonly problems: readonly Problem[]} {
  const problems: Problem[] = []
  return {tree: mergeAt([], parent, child, problems), problems}
}

function mergeAt(path: Path, parent: Located | undefined, child: Located, problems: Problem[]): Located {
  // an empty value is a complaint of the schema's; what the parent said is kept, so that it stays the only one
  if (child.kind === 'scalar' && child.value === null) return parent ?? child
  if (child.kind === 'map') return mergeMaps(path, parent?.kind === 'map' ? parent : undefined, child, problems)
  if (child.kind === 'list' && parent?.kind === 'list' && growing.includes(path.join('.'))) return {...child, items: [...parent.items, ...child.items]}
  return child
}

function mergeMaps(path: Path, parent: LocatedMap | undefined, child: LocatedMap, problems: Problem[]): Located {
  const choosing = choices.get(patternOf(path))
  const inherited = choosing?.some((key) => child.entries.has(key)) ? undefined : parent?.entries
  const entries = new Map<string, Entry>(inherited)
  for (const [key, entry] of child.entries) {
    const before = entries.get(key)?.node
    const takesAway = free.includes(path.join('.')) && entry.node.kind === 'scalar' && entry.node.value === null
    if (!takesAway) entries.set(key, {key: entry.key, node: mergeAt([...path, key], before, entry.node, problems)})
    else if (!entries.delete(key)) problems.push(misfit([...path, key], 'null takes away what a parent says, and none says this', entry.key))
  }
  return {kind: 'map', entries, at: child.at}
}

function patternOf(path: Path): string {
  return path.length === 3 && path[0] === 'feeds' && path[1] === 'add' ? 'feeds.add.*' : path.join('.')
}
