import type {Place, Problem} from '../model/problem.ts'
import {wantOf, type Want} from '../model/symbols.ts'
import {entriesOf, find, itemsOf, misfit, placeOf, pointTo, textOf, type Located, type Path} from './located.ts'

/*
 * What does not fit together although each part by itself does. Written over the located tree, not the parsed target, so
 * that it can be told together with all that the schema complains of, and names both places.
 */

/** Within one file, whatever its parents say. */
export function contradictionsInFile(file: Located): readonly Problem[] {
  return [...repeated(file, []), ...bothAddedAndRemoved(file)]
}

/** In a target with its parents. */
export function contradictions(target: Located): readonly Problem[] {
  return [
    ...prunedAndAdded(target), ...sourceChoice(target), ...feedChoices(target), ...passwordChoice(target), ...checkChoices(target),
    ...packagesAsSymbols(target), ...symbolsOfTheirOwn(target), ...overlaysTakenAway(target),
  ]
}

/** The same text twice in one list. */
function repeated(node: Located, path: Path): readonly Problem[] {
  if (node.kind === 'scalar') return []
  if (node.kind === 'map') return [...node.entries].flatMap(([key, entry]) => repeated(entry.node, [...path, key]))
  const first = new Map<string, Place>()
  return node.items.flatMap((item, index) => {
    if (item.kind !== 'scalar') return []
    const before = first.get(item.text)
    if (before !== undefined) return [misfit([...path, index], `is there twice, first in line ${before.line}`, item.at)]
    first.set(item.text, item.at)
    return []
  })
}

function bothAddedAndRemoved(file: Located): readonly Problem[] {
  return ['packages', 'root.overlays'].flatMap((list) => {
    const items = itemsOf(file, ...list.split('.')).flatMap((item) => (item.kind === 'scalar' ? [item] : []))
    const added = new Map(items.map((item) => [item.text, item.at]))
    return items.flatMap(({text, at}) => {
      const other = text.length > 1 && text.startsWith('-') ? added.get(text.slice(1)) : undefined
      return other === undefined ? [] : [misfit([list], `${text.slice(1)} is both added (line ${other.line}) and taken away`, at)]
    })
  })
}

function prunedAndAdded(target: Located): readonly Problem[] {
  const pruned = new Map(itemsOf(target, 'feeds', 'prune').map((item) => [item.kind === 'scalar' ? item.text : '', item.at]))
  return entriesOf(target, 'feeds', 'add').flatMap(([name, {key}]) => {
    const at = pruned.get(name)
    if (at === undefined) return []
    return [misfit(['feeds', 'add', name], `the feed is also pruned (${pointTo(at)})`, key, 'A feed of your own needs a name that feeds.conf.default does not use.')]
  })
}

function sourceChoice(target: Located): readonly Problem[] {
  const path = ['source']
  if (find(target, path) === undefined) return [misfit(path, 'is missing: where does OpenWrt come from?', target.at, 'Say repository and ref, or extend a target that does: without a source a target can only be a parent.')]
  const problems = oneOf(target, path, ['repository', 'path', 'tree'], {repository: ['ref', 'mirrors']})
  if (problems.length > 0 || find(target, ['source', 'repository']) === undefined || find(target, ['source', 'ref']) !== undefined) return problems
  return [misfit(path, 'ref is missing', placeOf(target, path), 'Say which tag, branch or full commit of the repository, as in ref: v25.12.5')]
}

function feedChoices(target: Located): readonly Problem[] {
  return entriesOf(target, 'feeds', 'add').flatMap(([name]) => oneOf(target, ['feeds', 'add', name], ['git', 'path'], {git: ['ref', 'mirrors']}))
}

function passwordChoice(target: Located): readonly Problem[] {
  const path = ['root', 'password']
  return find(target, path)?.kind === 'map' ? oneOf(target, path, ['env', 'file', 'hash-file']) : []
}

function checkChoices(target: Located): readonly Problem[] {
  return itemsOf(target, 'boot', 'checks').flatMap((item, index) => {
    const path = ['boot', 'checks', index]
    const alone = item.kind === 'map' && item.entries.has('expect') && !['run', 'file', 'port', 'package'].some((key) => item.entries.has(key))
    return item.kind !== 'map' || alone ? [] : oneOf(target, path, ['run', 'file', 'port', 'package'], {run: ['expect']})
  })
}

/** A map that says exactly one of some things; what belongs to one of them stands only beside that. */
function oneOf(target: Located, path: Path, choices: readonly string[], companions: Readonly<Record<string, readonly string[]>> = {}): readonly Problem[] {
  const entries = new Map(entriesOf(target, ...path))
  const chosen = choices.filter((choice) => entries.has(choice))
  const [first, second] = chosen
  if (find(target, path)?.kind !== 'map') return []
  if (first === undefined) return [misfit(path, `expected one of ${choices.join(', ')}`, placeOf(target, path))]
  if (second !== undefined) {
    const other = pointTo(placeOf(target, [...path, first]))
    return [misfit([...path, second], `stands beside ${first} (${other}): only one of ${choices.join(', ')} can be`, placeOf(target, [...path, second]))]
  }
  return Object.entries(companions).flatMap(([choice, words]) => words.flatMap((word) => {
    const entry = entries.get(word)
    return entry === undefined || choice === first ? [] : [misfit([...path, word], `belongs to ${choice}, and this says ${first}`, entry.key)]
  }))
}

function packagesAsSymbols(target: Located): readonly Problem[] {
  const added = new Map(itemsOf(target, 'packages').map((item) => [item.kind === 'scalar' ? item.text : '', item.at]))
  return entriesOf(target, 'config').flatMap(([symbol, {key}]) => {
    const name = /^PACKAGE_(.+)$/.exec(symbol)?.[1]
    if (name === undefined) return []
    const at = added.get(name) ?? added.get(`-${name}`)
    return at === undefined ? [] : [misfit(['config', symbol], `packages also speaks of ${name} (${pointTo(at)})`, key)]
  })
}

/** What another key of the target sets, whatever a release calls its symbol. */
const keysOfWants: Readonly<Partial<Record<Want, string>>> = {
  'root-size': 'image.root', 'boot-size': 'image.boot', bios: 'image.firmware', efi: 'image.firmware',
  serial: 'image.console.serial', baud: 'image.console.baud', vdi: 'image.formats', vmdk: 'image.formats', vhdx: 'image.formats',
  ccache: 'build.ccache',
}

/** Symbols that we never set, of which the same is true. */
const keysOfSymbols: readonly (readonly [RegExp, string])[] = [[/^QCOW2_IMAGES$/, 'image.formats'], [/^TARGET_x86(_|$)/, 'platform']]

function symbolsOfTheirOwn(target: Located): readonly Problem[] {
  return entriesOf(target, 'config').flatMap(([symbol, {key}]) => {
    const want = wantOf(symbol)
    const owner = (want === undefined ? undefined : keysOfWants[want]) ?? keysOfSymbols.find(([pattern]) => pattern.test(symbol))?.[1]
    return owner === undefined ? [] : [misfit(['config', symbol], `set by ${owner}`, key, `Say it as ${owner}.`)]
  })
}

function overlaysTakenAway(target: Located): readonly Problem[] {
  const laid = new Set<string>()
  return itemsOf(target, 'root', 'overlays').flatMap((item, index) => {
    const overlay = textOf(target, 'root', 'overlays', index) ?? ''
    if (!overlay.startsWith('-')) laid.add(overlay)
    else if (!laid.delete(overlay.slice(1))) return [misfit(['root', 'overlays'], `${overlay.slice(1)} is taken away, but no parent lays it`, item.at)]
    return []
  })
}
