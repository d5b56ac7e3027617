import type {ProblemCode} from '../model/catalogue.ts'
import {Problem, type Place} from '../model/problem.ts'

/** A value of a YAML file that knows where it stands: what the file says, before anybody asked whether it fits. */
export type Located = LocatedScalar | LocatedList | LocatedMap

export interface LocatedScalar {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As it is written, without quotes. */
  readonly text: string
  readonly at: Place
}

export interface LocatedList {
  readonly kind: 'list'
  readonly items: readonly Located[]
  readonly at: Place
}

export interface LocatedMap {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  readonly at: Place
}

export interface Entry {
  /** Where the key stands. */
  readonly key: Place
  readonly node: Located
}

export type Path = readonly (string | number)[]

/** The node at a path; undefined where there is none. */
export function find(node: Located | undefined, path: Path): Located | undefined {
  return path.reduce<Located | undefined>((at, step) => childOf(at, step), node)
}

/** The place of a key, or of an item of a list; of the nearest thing around it where there is none. */
export function placeOf(node: Located, path: Path): Place {
  const last = path.at(-1)
  if (last === undefined) return node.at
  const parent = find(node, path.slice(0, -1))
  const found = parent?.kind === 'map' ? parent.entries.get(String(last))?.key : childOf(parent, last)?.at
  return found ?? placeOf(node, path.slice(0, -1))
}

/** The entries of the map at a path: none where there is no map. */
export function entriesOf(node: Located | undefined, ...path: Path): readonly (readonly [string, Entry])[] {
  const map = find(node, path)
  return map?.kind === 'map' ? [...map.entries] : []
}

/** The items of the list at a path: none where there is no list. */
export function itemsOf(node: Located | undefined, ...path: Path): readonly Located[] {
  const list = find(node, path)
  return list?.kind === 'list' ? list.items : []
}

/** The text at a path, where there is a text. */
export function textOf(node: Located | undefined, ...path: Path): string | undefined {
  const scalar = find(node, path)
  return scalar?.kind === 'scalar' && typeof scalar.value === 'string' ? scalar.value : undefined
}

/** The value without its places. */
export function valueOf(node: Located): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(valueOf)
  return Object.fromEntries([...node.entries].map(([key, {node: member}]) => [key, valueOf(member)]))
}

/** `targets/base.yaml:12`, as compilers and editors write it. */
export function pointTo({file, line}: Place): string {
  return line === undefined ? file : `${file}:${line}`
}

/** A complaint about what stands at a path. Items of lists are not numbered: their place tells them apart. */
export function misfit(path: Path, message: string, at: Place, hint?: string, code: ProblemCode = 'target-invalid'): Problem {
  const keys = path.filter((step) => typeof step === 'string')
  return new Problem(code, keys.length === 0 ? message : `${keys.join('.')}: ${message}`, {at, ...(hint === undefined ? {} : {hint})})
}

function childOf(node: Located | undefined, step: string | number): Located | undefined {
  if (node?.kind === 'map') return node.entries.get(String(step))?.node
  return node?.kind === 'list' ? node.items[Number(step)] : undefined
}
