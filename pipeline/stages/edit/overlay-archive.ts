import {createHash} from 'node:crypto'
import {list, type ReadEntry} from 'tar'
import {messageOf} from '../../base/errors.ts'
import {manifestName, rootPath} from '../../model/overlay-manifest.ts'
import {Problem} from '../../model/problem.ts'
import type {Entry} from '../../model/root-edit.ts'
import type {Gathered} from './overlay-entries.ts'

/** One member of an archive, with its bytes. */
interface Member {
  readonly path: string
  readonly type: ReadEntry['type']
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly linkpath: string
  readonly chunks: readonly Uint8Array[]
}

/**
 * Reads a tar archive, plain or compressed, into memory. Files and links keep their modes and owners, less set-id bits; folders are
 * made as those of an overlay that is a folder, so that an archive's `./` does not change the root itself.
 */
export async function readArchive(path: string, from: string): Promise<Gathered> {
  const members = await membersOf(path, from)
  const manifest = members.find((member) => member.path === `/${manifestName}`)
  const laid = members.filter((member) => member !== manifest && member.path !== '/')
  const entries = new Map<string, Entry>()
  for (const member of laid) entries.set(member.path, entryOf(member, entries, from))
  const plain = laid.filter(({type}) => type !== 'Directory')
  return {
    entries: [...entries.values()],
    setId: plain.filter(({mode}) => (mode & 0o7000) !== 0).map((member) => member.path),
    foreign: plain.filter(({uid, gid}) => uid !== 0 || gid !== 0).map((member) => member.path),
    ...(manifest === undefined ? {} : {manifest: Buffer.concat(manifest.chunks).toString('utf8')}),
  }
}

async function membersOf(file: string, from: string): Promise<readonly Member[]> {
  const members: Member[] = []
  try {
    await list({file, strict: true, onReadEntry: (entry) => {
      const chunks: Uint8Array[] = []
      entry.on('data', (chunk: Uint8Array) => { chunks.push(chunk) })
      const {type, mode = 0, uid = 0, gid = 0, linkpath = ''} = entry
      members.push({path: rootPath(entry.path), type, mode, uid, gid, linkpath, chunks})
    }})
    return members
  } catch (error) {
    throw new Problem('overlay-invalid', `${from}: ${file} is no tar archive that can be read: ${messageOf(error)}`, {hint: 'Plain, gzip and zstd are read.', cause: error})
  }
}

function entryOf(member: Member, before: ReadonlyMap<string, Entry>, from: string): Entry {
  const {path, uid, gid} = member
  const owned = {path, from, mode: member.mode & 0o777, uid, gid}
  switch (member.type) {
    case 'Directory': return {kind: 'directory', path, from}
    case 'SymbolicLink': return {kind: 'link', target: member.linkpath, ...owned}
    case 'Link': return secondName(member, before.get(rootPath(member.linkpath)), from)
    case 'File': case 'OldFile': case 'ContiguousFile': {
      const bytes = Buffer.concat(member.chunks)
      return {kind: 'file', content: {bytes, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')}, ...owned}
    }
    default: throw new Problem('overlay-invalid', `${from}: ${path} is a ${member.type} in the archive`, {hint: `Devices and pipes are named in the overlay's ${manifestName}.`})
  }
}

/** A hard link becomes a file of its own. */
function secondName({path, linkpath}: Member, first: Entry | undefined, from: string): Entry {
  if (first?.kind === 'file') return {...first, path}
  throw new Problem('overlay-invalid', `${from}: ${path} is a second name of ${linkpath}, which is no file of the archive before it`)
}
