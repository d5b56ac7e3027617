import {isAbsolute, relative} from 'node:path'

/** A path as a person in `folder` would type it: relative where it lies inside, else as it is. */
export function shortPath(path: string, folder: string = process.cwd()): string {
  const inside = isAbsolute(path) ? relative(folder, path) : path
  return inside === '' || inside.startsWith('..') ? path : inside
}
