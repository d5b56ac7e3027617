import {stat} from 'node:fs/promises'
import {nearest} from '../base/nearest.ts'
import {complainOfPath, isOverlayPath} from '../model/grammar.ts'
import {gather, type Problem} from '../model/problem.ts'
import {entriesOf, find, itemsOf, misfit, textOf, type Located, type LocatedScalar, type Path} from './located.ts'
import {exists, findOverlay, overlayNames, pathFrom, shownPath, type Roots} from './project-files.ts'
import {readKeyFile} from './key-files.ts'

/** What a target names on disk, found. */
export interface NamedFiles {
  /** Absolute path of each node that names a file, a folder, an overlay, or a repository that is a folder. */
  readonly paths: ReadonlyMap<Located, string>
  /** Lines of authorized_keys in each node that names a file of them. */
  readonly keys: ReadonlyMap<Located, readonly string[]>
  readonly problems: readonly Problem[]
}

type Kind = 'a folder' | 'a file'

/**
 * Finds all that a target names: paths count from the folder of the file that says them. What is missing is a complaint at its
 * place; but not the files with secrets, which another machine than the one that builds need not have.
 */
export async function findNamedFiles(target: Located, roots: Roots): Promise<NamedFiles> {
  const paths = new Map<Located, string>()
  const keys = new Map<Located, readonly string[]>()
  const problems: Problem[] = []
  for (const [path, kind] of namingPaths(target)) {
    const node = textNode(target, path)
    if (node === undefined || complainOfPath(node.text) !== undefined) continue
    const absolute = pathFrom(node.at, node.text, roots)
    paths.set(node, absolute)
    if (kind !== undefined) problems.push(...await missing(path, kind, absolute, node, roots))
  }
  for (const [index] of itemsOf(target, 'root', 'keys').entries()) {
    const node = textNode(target, ['root', 'keys', index, 'file'])
    if (node === undefined) continue
    const path = pathFrom(node.at, node.text, roots)
    paths.set(node, path)
    keys.set(node, await gather(problems, readKeyFile(path, shownPath(path, roots), node.at)) ?? [])
  }
  for (const [index] of itemsOf(target, 'root', 'overlays').entries()) {
    const node = textNode(target, ['root', 'overlays', index])
    if (node === undefined || node.text.startsWith('-')) continue
    const overlay = await findOverlay(node.text, node.at, roots)
    if (overlay === undefined) problems.push(await noOverlay(node, roots))
    else paths.set(node, overlay)
  }
  return {paths, keys, problems}
}

/** Every path of a target that is a path on disk; what it must be, where it must be there. */
function* namingPaths(target: Located): Generator<readonly [Path, Kind | undefined]> {
  yield [['source', 'path'], 'a folder']
  yield [['source', 'tree'], 'a folder']
  yield [['build', 'keys'], 'a folder']
  yield [['root', 'password', 'file'], undefined]
  yield [['root', 'password', 'hash-file'], undefined]
  for (const [name] of entriesOf(target, 'feeds', 'add')) {
    yield [['feeds', 'add', name, 'path'], 'a folder']
    yield* folderRepositories(target, ['feeds', 'add', name], 'git')
  }
  yield* folderRepositories(target, ['source'], 'repository')
}

/** Repositories are URLs, but may be folders of this machine as well. */
function* folderRepositories(target: Located, path: Path, key: string): Generator<readonly [Path, Kind]> {
  const mirrors = itemsOf(target, ...path, 'mirrors').map((_, index) => [...path, 'mirrors', index])
  for (const repository of [[...path, key], ...mirrors]) {
    if (/^\.{0,2}\//.test(textOf(target, ...repository) ?? '')) yield [repository, 'a folder']
  }
}

const counted = 'A path counts from the folder of the file that says it.'

async function missing(path: Path, kind: Kind, absolute: string, node: LocatedScalar, roots: Roots): Promise<readonly Problem[]> {
  const shown = shownPath(absolute, roots)
  if (!await exists(absolute)) return [misfit(path, `there is no ${shown}`, node.at, counted)]
  const isFolder = (await stat(absolute)).isDirectory()
  return isFolder === (kind === 'a folder') ? [] : [misfit(path, `${shown} is not ${kind}`, node.at, counted)]
}

async function noOverlay({text, at}: LocatedScalar, roots: Roots): Promise<Problem> {
  const path = ['root', 'overlays']
  if (isOverlayPath(text)) return misfit(path, `there is no ${shownPath(pathFrom(at, text, roots), roots)}`, at, counted)
  const names = await overlayNames(roots)
  const meant = nearest(text, names)
  const known = names.length === 0 ? 'There are none' : `There are ${names.join(', ')}`
  const hint = `${meant === undefined ? '' : `Did you mean ${meant}? `}${known}; one of your own is a folder overlays/NAME, or a path with a / in it.`
  return misfit(path, `there is no overlay ${text}`, at, hint)
}

function textNode(target: Located, path: Path): LocatedScalar | undefined {
  const node = find(target, path)
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node : undefined
}
