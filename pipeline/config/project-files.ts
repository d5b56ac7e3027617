import {readdir, stat} from 'node:fs/promises'
import {basename, dirname, isAbsolute, join, relative, resolve} from 'node:path'
import {isMissing} from '../base/errors.ts'
import {nearest} from '../base/nearest.ts'
import {isOverlayPath, namePattern} from '../model/grammar.ts'
import {Problem, type Place} from '../model/problem.ts'

/** Where targets and overlays are looked for, in this order. Both are absolute. */
export interface Roots {
  /** The folder that cloudwrt was called in. */
  readonly project: string
  /** The folder of cloudwrt itself, with what it ships. */
  readonly package: string
}

/** A file as people are to see it: from the project's folder where it lies within, else whole. */
export function shownPath(path: string, {project}: Pick<Roots, 'project'>): string {
  const inside = relative(project, path)
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside
}

/** An absolute path from one that a file says: counted from the folder of that file. */
export function pathFrom(place: Place, path: string, {project}: Roots): string {
  return resolve(project, dirname(place.file), path)
}

/** Whether a target is meant by its file, not by its name. */
export function isTargetPath(target: string): boolean {
  return target.includes('/') || /\.ya?ml$/.test(target)
}

/**
 * The file of a target, by name or path. Names are looked up in the project's `targets/`, then in our own.
 *
 * @param said where a parent is named; a parent's path counts from there, and a file is never its own parent, so that a
 *   project's `x86-64` may extend ours
 */
export async function findTarget(target: string, roots: Roots, said?: Place): Promise<string> {
  const at = said === undefined ? {} : {at: said}
  if (isTargetPath(target)) {
    const path = said === undefined ? resolve(roots.project, target) : pathFrom(said, target, roots)
    if (await exists(path)) return path
    throw new Problem('target-unknown', `there is no file ${shownPath(path, roots)}`, {...at, hint: await advice(target.replace(/^.*\/|\.ya?ml$/g, ''), roots)})
  }
  if (!namePattern.test(target)) throw new Problem('target-unknown', `"${target}" is neither the name of a target nor the path of one`, {...at, hint: await advice(target, roots)})
  const self = said === undefined ? undefined : resolve(roots.project, said.file)
  for (const folder of targetFolders(roots)) {
    const path = join(folder, `${target}.yaml`)
    if (path !== self && await exists(path)) return path
  }
  const other = self !== undefined && basename(self) === `${target}.yaml` ? 'other ' : ''
  throw new Problem('target-unknown', `there is no ${other}target "${target}"`, {...at, hint: await advice(target, roots)})
}

/** The names of all targets that can be found, sorted. */
export async function targetNames(roots: Roots): Promise<readonly string[]> {
  const files = await Promise.all(targetFolders(roots).map(namesIn))
  const names = files.flat().filter((file) => file.endsWith('.yaml') && !file.endsWith('.lock.yaml')).map((file) => file.slice(0, -'.yaml'.length))
  return [...new Set(names)].sort()
}

/** The folder or archive of an overlay; undefined where there is none. */
export async function findOverlay(overlay: string, said: Place, roots: Roots): Promise<string | undefined> {
  const candidates = isOverlayPath(overlay) ? [pathFrom(said, overlay, roots)] : overlayFolders(roots).map((folder) => join(folder, overlay))
  for (const path of candidates) if (await exists(path)) return path
  return undefined
}

export async function overlayNames(roots: Roots): Promise<readonly string[]> {
  return [...new Set((await Promise.all(overlayFolders(roots).map(namesIn))).flat())].sort()
}

/** Also true for what is there and may not be read: the reader says why. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, (error: unknown) => !isMissing(error))
}

async function advice(target: string, roots: Roots): Promise<string> {
  const names = await targetNames(roots)
  const meant = nearest(target, names.filter((name) => name !== target))
  return `${meant === undefined ? '' : `Did you mean ${meant}? `}There are ${names.join(', ')}; a target of your own is targets/NAME.yaml, or the path of its file.`
}

function targetFolders(roots: Roots): readonly string[] {
  return [...new Set([join(roots.project, 'targets'), join(roots.package, 'targets')])]
}

function overlayFolders(roots: Roots): readonly string[] {
  return [...new Set([join(roots.project, 'overlays'), join(roots.package, 'overlays')])]
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}
