import {join, relative} from 'node:path'
import type {Draft} from '../model/draft.ts'
import {namePattern} from '../model/grammar.ts'
import {Problem, throwAll} from '../model/problem.ts'
import {Target} from '../model/target.ts'
import {complaints} from './complaints.ts'
import {contradictions, contradictionsInFile} from './contradictions.ts'
import {draftOf} from './draft.ts'
import {readChain} from './extends.ts'
import {valueOf, type Located, type LocatedMap} from './located.ts'
import {merge} from './merge.ts'
import {findNamedFiles, type NamedFiles} from './named-files.ts'
import {findTarget, isTargetPath, type Roots} from './project-files.ts'

/** A target that was read, merged with its parents and found valid. */
export interface LoadedTarget {
  readonly draft: Draft
  /** Absolute. */
  readonly file: string
  /** The file and those that it extends, as people are to see them. */
  readonly chain: readonly string[]
  /** Absolute; need not be there. */
  readonly lockFile: string
  /** The target with its parents and defaults, in its own words. */
  readonly target: Target
  /** The same without defaults: every value with the place that gave it. */
  readonly tree: Located
  readonly files: NamedFiles
  readonly roots: Roots
}

/**
 * Reads a target by its name or the path of its file. Throws every complaint about it and its parents at once, each with its
 * place: `target-unknown`, `target-unreadable`, `target-syntax`, `target-invalid`.
 */
export async function loadTarget(nameOrPath: string, roots: Roots): Promise<LoadedTarget> {
  const name = nameOf(nameOrPath)
  const file = await findTarget(nameOrPath, roots)
  const {layers, problems} = await readChain(file, roots)
  const found = [...problems, ...layers.flatMap((layer) => [...complaints(Target, layer, 'target-invalid'), ...contradictionsInFile(layer)])]
  const merged = mergeAll(layers)
  // with a parent missing, what is missing or contradicts cannot be told
  if (problems.length > 0) throwAll(inOrder(found))
  const files = await findNamedFiles(merged.tree, roots)
  throwAll(inOrder([...found, ...merged.problems, ...contradictions(merged.tree), ...files.problems]))
  const target = Target.parse(valueOf(merged.tree))
  return {
    draft: draftOf(name, target, merged.tree, files), file, chain: layers.map(({at}) => at.file), lockFile: lockFileOf(name, file, roots),
    target, tree: merged.tree, files, roots,
  }
}

/** What a target is called: `build/NAME` and `images/NAME` are its folders. */
function nameOf(target: string): string {
  if (!isTargetPath(target)) return target
  const name = /([^/]*)\.ya?ml$/.exec(target)?.[1]
  if (name === undefined) throw new Problem('target-unknown', `${target}: the file of a target ends in .yaml`)
  if (name.endsWith('.lock')) throw new Problem('target-unknown', `${target} is a lock, not a target`, {hint: `Its target is ${target.replace(/\.lock\.ya?ml$/, '.yaml')}.`})
  if (!namePattern.test(name)) throw new Problem('target-unknown', `${target}: the name of a target's file has letters, digits and . _ - only`)
  return name
}

/** Beside the target; but the lock of a target that we ship is the project's own. */
function lockFileOf(name: string, file: string, roots: Roots): string {
  const shipped = !relative(join(roots.package, 'targets'), file).startsWith('..')
  return shipped ? join(roots.project, 'targets', `${name}.lock.yaml`) : file.replace(/\.ya?ml$/, '.lock.yaml')
}

function mergeAll(layers: readonly LocatedMap[]): {readonly tree: Located; readonly problems: readonly Problem[]} {
  const nothing: LocatedMap = {kind: 'map', entries: new Map(), at: layers[0]?.at ?? {file: ''}}
  const problems: Problem[] = []
  const tree = layers.reduceRight<Located>((parent, layer) => {
    const merged = merge(parent, layer)
    problems.push(...merged.problems)
    return merged.tree
  }, nothing)
  return {tree, problems}
}

/** As a person reads: file by file in the order in which they were found, each from its top. The same complaint at the same place is told once. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map(({at}) => at?.file))]
  const once = new Map(problems.map((problem) => [`${problem.at?.file}:${problem.at?.line}:${problem.at?.column}: ${problem.message}`, problem]))
  return [...once.values()].sort(({at: a}, {at: b}) =>
    files.indexOf(a?.file) - files.indexOf(b?.file) || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0))
}
