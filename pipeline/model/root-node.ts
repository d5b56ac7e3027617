import type {NodeKind} from './ext4-inode.ts'
import {Problem} from './problem.ts'

/** What lies at a path of a root, whoever looked: `lstat`, or our own reader. */
export interface RootNode {
  readonly kind: NodeKind
  /** The lower twelve bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes; of a file. */
  readonly size: number
  readonly links: number
  /** Bytes taken on the disk. */
  readonly allocated: number
  /** Of a link. */
  readonly target?: string
  /** Of a device. */
  readonly device?: Device
}

export interface Device {
  readonly major: number
  readonly minor: number
}

/** A root that can be looked at. Paths are absolute within it; no link is ever followed, neither the last part of a path nor one before it. */
export interface RootView {
  /** Undefined where there is nothing, or where something before the last part is no folder. */
  look(path: string): RootNode | undefined
  /** Names in a folder. Throws a Problem where one cannot be told as text. */
  list(path: string): readonly string[]
  /** The bytes of a file, piece by piece. */
  contents(path: string): Iterable<Uint8Array>
}

/** The names of kinds, for people. */
export const kindWords: Readonly<Record<NodeKind, string>> = {
  file: 'a file', directory: 'a folder', link: 'a link', character: 'a device', block: 'a device', fifo: 'a named pipe', socket: 'a socket',
}

/** A name in a folder of an image as text. Throws a Problem (`root-path`) where it is none, or would mean another path. */
export function nameOf(bytes: Buffer, folder: string): string {
  const name = bytes.toString('utf8')
  if (Buffer.from(name).equals(bytes) && !/[\0\n\r/]/.test(name)) return name
  throw new Problem('root-path', `${folder} of the image has a name in it that cannot be told: ${JSON.stringify(name)}`)
}
