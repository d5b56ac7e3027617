import {chmodSync, constants, lstatSync, mkdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, symlinkSync, utimesSync, type Stats} from 'node:fs'
import {copyFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

/**
 * Makes the named files of one folder the same in another, and touches no other. What has the same bytes is left as it
 * is, so that nothing is built again for it. Files get the modes that git knows, 0755 and 0644, whatever the umask is and
 * was; links stay links.
 *
 * @param files paths relative to both folders; none of a folder
 * @returns how many were written
 */
export async function copyFiles(from: string, to: string, files: readonly string[], signal: AbortSignal): Promise<number> {
  const folders = new Set<string>()
  let written = 0
  for (const file of files) {
    signal.throwIfAborted()
    const source = lstatSync(join(from, file))
    makeFolder(to, dirname(file), folders)
    if (source.isSymbolicLink() ? copyLink(join(from, file), join(to, file)) : await copyOne(join(from, file), join(to, file), source)) written += 1
  }
  return written
}

/** Removes files, and the folders that are empty without them. */
export function removeFiles(root: string, files: readonly string[]): void {
  for (const file of files) {
    rmSync(join(root, file), {force: true})
    for (let folder = dirname(file); folder !== '.' && isEmptied(join(root, folder)); folder = dirname(folder)) continue
  }
}

async function copyOne(from: string, to: string, source: Stats): Promise<boolean> {
  const mode = (source.mode & 0o100) === 0 ? 0o644 : 0o755
  const target = statOf(to)
  if (target?.isFile() === true && target.size === source.size) {
    if (target.mtimeMs === source.mtimeMs || sameBytes(from, to)) {
      if ((target.mode & 0o7777) !== mode) chmodSync(to, mode)
      return (target.mode & 0o7777) !== mode
    }
  }
  rmSync(to, {recursive: true, force: true})
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  chmodSync(to, mode)
  // make goes by times: what changed must not look older than what was built of it
  const time = target !== undefined && source.mtimeMs <= target.mtimeMs ? new Date() : source.mtime
  utimesSync(to, time, time)
  return true
}

function copyLink(from: string, to: string): boolean {
  const meaning = readlinkSync(from)
  const target = statOf(to)
  if (target?.isSymbolicLink() === true && readlinkSync(to) === meaning) return false
  rmSync(to, {recursive: true, force: true})
  symlinkSync(meaning, to)
  return true
}

/** Where a file or link stands in the way of a folder, it goes. */
function makeFolder(root: string, folder: string, made: Set<string>): void {
  if (made.has(folder)) return
  if (folder !== '.') makeFolder(root, dirname(folder), made)
  const path = join(root, folder)
  if (folder !== '.' && statOf(path)?.isDirectory() === false) rmSync(path)
  mkdirSync(path, {recursive: true})
  chmodSync(path, 0o755)
  made.add(folder)
}

function sameBytes(a: string, b: string): boolean {
  return readFileSync(a).equals(readFileSync(b))
}

function isEmptied(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, {throwIfNoEntry: false})
}
