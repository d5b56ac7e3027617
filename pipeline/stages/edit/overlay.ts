import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, readlinkSync, lstatSync, statSync, type Stats} from 'node:fs'
import {join} from 'node:path'
import {isMissing} from '../../base/errors.ts'
import {piecesOf} from '../../base/pieces.ts'
import {manifestName, parseManifest} from '../../model/overlay-manifest.ts'
import {Problem} from '../../model/problem.ts'
import type {Overlay} from '../../model/recipe.ts'
import type {Entry, FileContent, RootChange} from '../../model/root-edit.ts'
import {joinManifest, type Gathered} from './overlay-entries.ts'

/** An overlay as a change of a root, and what is worth saying about it. */
export interface LoadedOverlay {
  readonly change: RootChange
  readonly warnings: readonly string[]
}

/** Read at once below this many bytes; hashed piece by piece above. */
const small = 1 << 20

/**
 * Reads an overlay. A folder is laid as git keeps it: contents, links, and whether a file can be run; all belongs to root. An archive
 * has modes and owners of its own. Set-id bits and devices come from the manifest only. Throws a Problem (`overlay-invalid`).
 */
export async function loadOverlay({name, path}: Overlay): Promise<LoadedOverlay> {
  const from = `overlay ${name}`
  const gathered = statOf(path, from).isDirectory() ? gatherFolder(path, from) : await gatherArchive(path, from)
  return joinManifest(gathered, parseManifest(gathered.manifest ?? '', join(path, manifestName)), from)
}

function statOf(path: string, from: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw new Problem('overlay-invalid', `${from}: ${path} ${isMissing(error) ? 'is not there' : 'cannot be read'}`, {cause: error})
  }
}

async function gatherArchive(path: string, from: string): Promise<Gathered> {
  // slow to load, and most overlays are folders
  const {readArchive} = await import('./overlay-archive.ts')
  return readArchive(path, from)
}

function gatherFolder(root: string, from: string): Gathered {
  const entries: Entry[] = []
  const noted = {setId: [] as string[], hidden: [] as string[], empty: [] as string[]}
  let manifest: string | undefined
  const add = (path: string, stat: Stats): void => {
    const host = join(root, path)
    if (path === `/${manifestName}`) manifest = readFileSync(host, 'utf8')
    else if (stat.isDirectory()) addFolder(path)
    else if (stat.isSymbolicLink()) entries.push({kind: 'link', path, target: readlinkSync(host), mode: 0o777, uid: 0, gid: 0, from})
    else if (stat.isFile()) {
      if ((stat.mode & 0o7000) !== 0) noted.setId.push(path)
      if ((stat.mode & 0o077) === 0) noted.hidden.push(path)
      entries.push({kind: 'file', path, mode: (stat.mode & 0o100) === 0 ? 0o644 : 0o755, uid: 0, gid: 0, content: contentOfFile(host, stat.size), from})
    } else throw new Problem('overlay-invalid', `${from}: ${path} is neither a file, a folder nor a link`, {hint: `Devices and pipes are named in the overlay's ${manifestName}.`})
  }
  const addFolder = (folder: string): void => {
    const before = entries.length
    for (const name of readdirSync(join(root, folder), {encoding: 'buffer'}).map((bytes) => bytes.toString('utf8')).sort()) {
      const path = `${folder}/${name}`
      if (name === '.git') continue
      const stat = lstatSync(join(root, path), {throwIfNoEntry: false})
      if (stat === undefined) throw new Problem('overlay-invalid', `${from}: ${JSON.stringify(path)} cannot be laid: its name is not UTF-8`)
      add(path, stat)
    }
    if (folder === '') return
    if (entries.length === before) noted.empty.push(folder)
    else entries.push({kind: 'directory', path: folder, from})
  }
  addFolder('')
  return {entries, ...noted, ...(manifest === undefined ? {} : {manifest})}
}

function contentOfFile(file: string, size: number): FileContent {
  if (size < small) {
    const bytes = readFileSync(file)
    return {file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')}
  }
  const hash = createHash('sha256')
  let read = 0
  for (const piece of piecesOf(file)) {
    hash.update(piece)
    read += piece.length
  }
  return {file, size: read, sha256: hash.digest('hex')}
}
