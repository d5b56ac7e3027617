import type {Device} from './root-node.ts'

/** Bytes of a file: at hand, or in a file of this machine. With their digest, by which they are known again in the image. */
export type FileContent = ({readonly bytes: Uint8Array} | {readonly file: string}) & {readonly size: number; readonly sha256: string}

interface Owned {
  /** Absolute within the root, in its plain form. */
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Who asks for it, for complaints: `overlay cloud`, `root.keys`. */
  readonly from: string
}

export type FileEntry = Owned & {readonly kind: 'file'; readonly content: FileContent}
export type LinkEntry = Owned & {readonly kind: 'link'; readonly target: string}
export type DeviceEntry = Owned & {readonly kind: 'character' | 'block'; readonly device: Device}
export type PipeEntry = Owned & {readonly kind: 'fifo'}

/** Something that has a mode and an owner where it says so, and else what it had, or what a new one gets. */
type Partly = Pick<Owned, 'path' | 'from'> & Partial<Pick<Owned, 'mode' | 'uid' | 'gid'>>

/** A folder: made where there is none. */
export type FolderEntry = Partly & {readonly kind: 'directory'}
/** Another mode or owner for what is there. */
export type AttributesEntry = Partly & {readonly kind: 'attributes'}

export type Entry = FileEntry | LinkEntry | DeviceEntry | PipeEntry | FolderEntry | AttributesEntry

/** What one source wants of a root: first what is to go, with all below it, then what is to be there. */
export interface RootChange {
  readonly absent: readonly Pick<Owned, 'path' | 'from'>[]
  readonly entries: readonly Entry[]
}

/** An edit as a value: sorted by path, one entry a path. */
export type RootEdit = RootChange

/** Changes one after the other as one: the later wins. */
export function combine(changes: readonly RootChange[]): RootEdit {
  const absent = new Map<string, RootChange['absent'][number]>()
  const entries = new Map<string, Entry>()
  for (const change of changes) {
    for (const gone of change.absent) {
      absent.set(gone.path, gone)
      for (const path of entries.keys()) if (isWithin(path, gone.path)) entries.delete(path)
    }
    for (const entry of change.entries) entries.set(entry.path, merged(entries.get(entry.path), entry))
  }
  return {absent: byPath([...absent.values()]), entries: byPath([...entries.values()])}
}

/** A mode or owner is added to what is laid already; a folder that is named twice is one. */
function merged(before: Entry | undefined, entry: Entry): Entry {
  if (before === undefined) return entry
  if (entry.kind === 'attributes' || (entry.kind === 'directory' && before.kind === 'directory')) return {...before, ...withoutPath(entry)}
  return entry
}

function withoutPath({mode, uid, gid}: AttributesEntry | FolderEntry): Partial<Pick<Owned, 'mode' | 'uid' | 'gid'>> {
  return {...(mode === undefined ? {} : {mode}), ...(uid === undefined ? {} : {uid}), ...(gid === undefined ? {} : {gid})}
}

/** Whether a path is a folder's own or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** A path before those below it. */
export function byPath<T extends Pick<Owned, 'path'>>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** The folders that lead to a path, from `/` on, without itself. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return parts.map((_, index) => `/${parts.slice(0, index).join('/')}`)
}

const longestName = 255
/** With the byte that ends it, Linux takes 4096. */
const longestPath = 4095

/** What is wrong with a path within a root; undefined for one in its plain form. */
export function complainOfRootPath(path: string): string | undefined {
  if (!path.startsWith('/') || (path.length > 1 && path.endsWith('/'))) return 'a path within the root begins with / and does not end with it'
  const parts = path.slice(1).split('/')
  if (path !== '/' && parts.some((part) => part === '' || part === '.' || part === '..')) return 'a path within the root has no empty part, no . and no ..'
  if (/\p{Cc}/u.test(path)) return 'a name with a line break or another control character cannot be laid'
  if (path.includes('\uFFFD')) return 'a name that is not UTF-8 cannot be laid'
  if (Buffer.byteLength(path) > longestPath || parts.some((part) => Buffer.byteLength(part) > longestName)) return `a name has at most ${longestName} bytes, a path ${longestPath}`
  return undefined
}

/** What is wrong with the target of a link; undefined where it can be laid. Where it leads is not our concern: links are laid, never followed. */
export function complainOfLinkTarget(target: string): string | undefined {
  if (target === '') return 'a link needs a target'
  if (/\p{Cc}/u.test(target)) return 'the target of a link has no control characters'
  if (target.includes('\uFFFD')) return 'the target of a link is UTF-8'
  return Buffer.byteLength(target) > longestPath ? `the target of a link has at most ${longestPath} bytes` : undefined
}
