import {Problem} from './problem.ts'

/** Flags of an inode that change how it is read. */
export const inodeFlags = {immutable: 0x10, append: 0x20, encrypted: 0x800, indexed: 0x1000, extents: 0x80000, inlineData: 0x10000000, casefold: 0x40000000} as const

/** Kinds of file by the upper four bits of a mode. */
const kinds: Readonly<Record<number, NodeKind>> = {1: 'fifo', 2: 'character', 4: 'directory', 6: 'block', 8: 'file', 10: 'link', 12: 'socket'}

export type NodeKind = 'file' | 'directory' | 'link' | 'character' | 'block' | 'fifo' | 'socket'

export interface Inode {
  readonly number: number
  readonly kind: NodeKind
  /** The lower twelve bits: permissions and set-id. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  readonly links: number
  /** Bytes that it takes on the disk. */
  readonly allocated: number
  /** Seconds since 1970. */
  readonly modified: number
  readonly flags: number
  /** 60 bytes: a map of blocks, a tree of extents, a short link's target, or a device's numbers. */
  readonly block: Buffer
}

/** Takes an inode apart. Throws a Problem (`image-filesystem`) for one that is not in use or of no known kind. */
export function readInode(bytes: Buffer, number: number, blockSize: number): Inode {
  const mode = bytes.readUInt16LE(0)
  const kind = kinds[mode >> 12]
  const links = bytes.readUInt16LE(26)
  if (kind === undefined || links === 0) throw new Problem('image-filesystem', `inode ${number}, which a folder of the image names, is not in use`)
  const flags = bytes.readUInt32LE(32)
  const blocks = bytes.readUInt32LE(28) + bytes.readUInt16LE(116) * 2 ** 32
  // with huge_file, large files are counted in blocks of the file system
  const unit = (flags & 0x40000) === 0 ? 512 : blockSize
  return {
    number, kind, links, flags,
    mode: mode & 0o7777,
    uid: bytes.readUInt16LE(2) + bytes.readUInt16LE(120) * 2 ** 16,
    gid: bytes.readUInt16LE(24) + bytes.readUInt16LE(122) * 2 ** 16,
    // of directories the upper half once was something else
    size: bytes.readUInt32LE(4) + (kind === 'file' || kind === 'directory' ? bytes.readUInt32LE(108) * 2 ** 32 : 0),
    allocated: blocks * unit,
    modified: bytes.readUInt32LE(16),
    block: Buffer.from(bytes.subarray(40, 100)),
  }
}

/** The numbers of a device: the old form has 8 bits for each, the new one 12 and 20. */
export function deviceOf({block}: Inode): {readonly major: number; readonly minor: number} {
  const [old, wide] = [block.readUInt32LE(0), block.readUInt32LE(4)]
  if (old !== 0) return {major: (old >> 8) & 0xff, minor: old & 0xff}
  return {major: (wide >> 8) & 0xfff, minor: (wide & 0xff) | ((wide >>> 12) & 0xfff00)}
}
