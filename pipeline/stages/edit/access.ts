import {createHash} from 'node:crypto'
import {parseKey} from '../../model/authorized-key.ts'
import {Problem} from '../../model/problem.ts'
import {parentsOf, type Entry, type FileContent, type RootChange, type RootEdit} from '../../model/root-edit.ts'
import {kindWords, type RootView} from '../../model/root-node.ts'
import {requireShadowed, withRootHash} from '../../model/shadow.ts'

const shadowFile = '/etc/shadow'
const passwdFile = '/etc/passwd'
/** Where dropbear looks for root's keys in OpenWrt; it wants folder and file to be root's alone. */
const keysFolder = '/etc/dropbear'
const keysFile = `${keysFolder}/authorized_keys`

/** None of the files that are changed is anywhere near this long. */
const longest = 1 << 20

export interface Access {
  readonly change: RootChange
  /** Keys that the image lets in besides those asked for. */
  readonly otherKeys: number
}

/** Who may log in to a root: what is to be changed in its files for that. @param hash undefined: the password stays as it is */
export function accessChange(root: RootView, {hash, keys}: {readonly hash: string | undefined; readonly keys: readonly string[]}): Access {
  const entries: Entry[] = []
  if (hash !== undefined) {
    const passwd = readText(root, passwdFile, 'root.password')
    const shadow = readText(root, shadowFile, 'root.password')
    if (passwd === undefined || shadow === undefined) throw new Problem('root-path', `root.password: the image has no ${passwd === undefined ? passwdFile : shadowFile}`, {hint: 'Is this the root of an OpenWrt?'})
    requireShadowed(passwd)
    entries.push({kind: 'file', path: shadowFile, mode: 0o600, uid: 0, gid: 0, content: contentOf(withRootHash(shadow, hash)), from: 'root.password'})
  }
  const there = keys.length === 0 ? [] : linesOf(readText(root, keysFile, 'root.keys'))
  const others = there.filter((line) => !keys.some((key) => isSameKey(key, line)))
  if (keys.length > 0) {
    const text = [...others, ...keys].map((line) => `${line}\n`).join('')
    entries.push({kind: 'directory', path: keysFolder, mode: 0o700, uid: 0, gid: 0, from: 'root.keys'})
    entries.push({kind: 'file', path: keysFile, mode: 0o600, uid: 0, gid: 0, content: contentOf(Buffer.from(text)), from: 'root.keys'})
  }
  return {change: {absent: [], entries}, otherKeys: others.filter((line) => parseKey(line) !== undefined).length}
}

/** Throws a Problem (`overlay-invalid`) where an overlay undoes what password and keys ask for: nobody would notice. */
export function requireAccessKept({change}: Access, edit: RootEdit): void {
  const laid = new Map(edit.entries.map((entry) => [entry.path, entry]))
  for (const entry of change.entries) {
    const other = laid.get(entry.path)
    if (other?.from === entry.from) continue
    throw new Problem('overlay-invalid', `${other?.from ?? 'an overlay'} ${other === undefined ? 'takes away' : 'lays'} ${entry.path}, which ${entry.from} writes`, {
      hint: entry.from === 'root.password' ? 'Take it out of the overlay, or say password: keep.' : 'Take it out of the overlay, or leave root.keys empty.',
    })
  }
}

/** A file's bytes; undefined where there is none. Nothing is read through a link: it may lead anywhere. */
function readText(root: RootView, path: string, from: string): Uint8Array | undefined {
  for (const part of [...parentsOf(path), path]) {
    const node = root.look(part)
    if (node === undefined) return undefined
    const wanted = part === path ? 'file' : 'directory'
    if (node.kind !== wanted) throw new Problem('root-path', `${from}: ${part} of the image is ${kindWords[node.kind]}${node.target === undefined ? '' : ` to ${JSON.stringify(node.target)}`}, not ${kindWords[wanted]}`)
    if (part === path && node.size > longest) throw new Problem('root-path', `${from}: ${path} of the image has ${node.size} bytes`)
  }
  return Buffer.concat([...root.contents(path)])
}

function linesOf(bytes: Uint8Array | undefined): string[] {
  return bytes === undefined ? [] : Buffer.from(bytes).toString('utf8').split(/\r?\n/).filter((line) => line.trim() !== '')
}

/** Comments and options do not make another key. */
function isSameKey(key: string, line: string): boolean {
  return parseKey(key) !== undefined && parseKey(key)?.base64 === parseKey(line)?.base64
}

function contentOf(bytes: Uint8Array): FileContent {
  return {bytes, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')}
}
