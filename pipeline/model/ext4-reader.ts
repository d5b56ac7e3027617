import type {ReadAt} from '../base/read-at.ts'
import {runsOf, type Run} from './ext4-blocks.ts'
import {inodeFlags, readInode, type Inode} from './ext4-inode.ts'
import {groupsOf, hasSuperblock, readSuperblock, superblockLength, superblockOffset, type Superblock} from './ext4-superblock.ts'
import {Problem} from './problem.ts'

const rootInode = 2
const resizeInode = 7

/** A folder or link that claims more bytes than these is not one that anybody made. */
const largestFolder = 64 * 2 ** 20
const longestLink = 4096

/** Bytes that are read of a file at a time. */
const chunk = 1 << 20

/**
 * Reads an ext2, ext3 or ext4 file system without mounting it and without following any link. Trusts nothing that it
 * reads: what contradicts itself is a Problem (`image-filesystem`), never a crash, an endless loop or a huge buffer.
 */
export class Ext4Reader {
  readonly superblock: Superblock
  readonly #read: ReadAt
  readonly #folders = new Map<number, ReadonlyMap<string, number>>()

  /** @param read of the partition, from its first byte */
  constructor(read: ReadAt, partitionBytes: number) {
    this.#read = read
    this.superblock = readSuperblock(read(superblockOffset, superblockLength), partitionBytes)
  }

  /** The inode of an absolute path; undefined where there is none, or where what comes before its last part is no folder. */
  find(path: string): Inode | undefined {
    let inode = this.inode(rootInode)
    for (const name of path.split('/').filter(Boolean)) {
      const number = inode.kind === 'directory' ? this.names(inode).get(nameKey(name)) : undefined
      if (number === undefined) return undefined
      inode = this.inode(number)
    }
    return inode
  }

  inode(number: number): Inode {
    const {inodes, inodesPerGroup, inodeSize, blockSize} = this.superblock
    if (number < 1 || number > inodes) throw new Problem('image-filesystem', `a folder of the image names inode ${number} of ${inodes}`)
    const index = number - 1
    const table = this.#inodeTable(Math.floor(index / inodesPerGroup))
    return readInode(this.#exactly(table * blockSize + (index % inodesPerGroup) * inodeSize, inodeSize), number, blockSize)
  }

  /** What a folder holds: names, byte for byte (latin1), with their inodes; without `.` and `..`. */
  names(folder: Inode): ReadonlyMap<string, number> {
    const known = this.#folders.get(folder.number)
    if (known !== undefined) return known
    if (folder.size > largestFolder || (folder.flags & (inodeFlags.encrypted | inodeFlags.inlineData)) !== 0) throw new Problem('image-filesystem', `inode ${folder.number} of the image is a folder of a kind that cannot be read`)
    const names = new Map<string, number>()
    for (const bytes of this.contents(folder)) this.#addNames(names, bytes, folder)
    this.#folders.set(folder.number, names)
    return names
  }

  /** A link's target, byte for byte. */
  target(link: Inode): Buffer {
    if (link.size > longestLink) throw new Problem('image-filesystem', `inode ${link.number} of the image is a link of ${link.size} bytes`)
    if (link.size < link.block.length && (link.flags & inodeFlags.extents) === 0) return link.block.subarray(0, link.size)
    return Buffer.concat([...this.contents(link)])
  }

  /** Where the bytes of a file lie in the partition: offsets and lengths, whole blocks. */
  places(inode: Inode): readonly {readonly offset: number; readonly length: number}[] {
    const {blockSize} = this.superblock
    return this.#runs(inode).flatMap(({physical, blocks}) => (physical === undefined ? [] : [{offset: physical * blockSize, length: blocks * blockSize}]))
  }

  /** The bytes of a file, piece by piece; every piece but the last is of whole blocks. */
  * contents(inode: Inode): Generator<Buffer> {
    const {blockSize} = this.superblock
    let offset = 0
    for (const run of this.#runs(inode)) {
      yield* zeros(Math.min(run.logical * blockSize, inode.size) - offset)
      offset = Math.min(run.logical * blockSize, inode.size)
      const length = Math.min(run.blocks * blockSize, inode.size - offset)
      yield* run.physical === undefined ? zeros(length) : this.#pieces(run.physical * blockSize, length)
      offset += length
    }
    yield* zeros(inode.size - offset)
  }

  /**
   * Whether a kernel can grow the file system while it is mounted. Where blocks are kept for the descriptors of new groups, it
   * wants each of them listed in inode 7, and in each the places of its copies (fs/ext4/resize.c, `reserve_backup_gdb`);
   * make_ext4fs leaves the last one out, and growing then stops half-way with EINVAL.
   */
  canGrowMounted(): boolean {
    const {features, blockSize, descriptorSize, reservedDescriptorBlocks, firstBlock} = this.superblock
    if (!features.has('resize_inode') || reservedDescriptorBlocks === 0) return true
    const used = Math.ceil((groupsOf(this.superblock) * descriptorSize) / blockSize)
    const list = this.#exactly(this.inode(resizeInode).block.readUInt32LE(4 * 13) * blockSize, blockSize)
    return Array.from({length: reservedDescriptorBlocks}, (_, index) => index).every((index) => {
      const place = firstBlock + 1 + used + index
      return list.readUInt32LE((4 * (used + index)) % blockSize) === place && this.#listsCopies(place)
    })
  }

  #listsCopies(place: number): boolean {
    const {blockSize, blocksPerGroup, sparse} = this.superblock
    const copies = this.#exactly(place * blockSize, blockSize)
    const groups = Array.from({length: groupsOf(this.superblock)}, (_, group) => group).filter((group) => group > 0 && hasSuperblock(group, sparse))
    return groups.length <= blockSize / 4 && groups.every((group, index) => copies.readUInt32LE(4 * index) === place + group * blocksPerGroup)
  }

  #runs(inode: Inode): readonly Run[] {
    const {blockSize} = this.superblock
    return runsOf(inode, blockSize, (block) => this.#exactly(block * blockSize, blockSize))
  }

  #addNames(names: Map<string, number>, bytes: Buffer, folder: Inode): void {
    const {blockSize} = this.superblock
    for (let block = 0; block < bytes.length; block += blockSize) {
      const end = Math.min(block + blockSize, bytes.length)
      let offset = block
      while (offset + 8 <= end) {
        const [number, length, nameLength] = [bytes.readUInt32LE(offset), bytes.readUInt16LE(offset + 4), bytes.readUInt8(offset + 6)]
        // 64 KiB do not fit into 16 bits
        const step = blockSize === 65536 && (length === 65535 || length === 0) ? blockSize : length
        if (step < 8 || step % 4 !== 0 || offset + step > end || 8 + nameLength > step) throw new Problem('image-filesystem', `inode ${folder.number} of the image is a broken folder`)
        const name = bytes.toString('latin1', offset + 8, offset + 8 + nameLength)
        if (number !== 0 && name !== '.' && name !== '..' && !names.has(name)) names.set(name, number)
        offset += step
      }
    }
  }

  /** The block where a group's inodes begin, by its descriptor. */
  #inodeTable(group: number): number {
    const {blockSize, descriptorSize, firstBlock, firstMetaGroup, blocksPerGroup, sparse} = this.superblock
    const perBlock = blockSize / descriptorSize
    const meta = Math.floor(group / perBlock)
    const home = firstMetaGroup === undefined || meta < firstMetaGroup
      ? firstBlock + 1 + meta
      : firstBlock + meta * perBlock * blocksPerGroup + (hasSuperblock(meta * perBlock, sparse) ? 1 : 0)
    const descriptor = this.#exactly(home * blockSize + (group % perBlock) * descriptorSize, descriptorSize)
    return descriptor.readUInt32LE(8) + (descriptorSize >= 64 ? descriptor.readUInt32LE(0x28) * 2 ** 32 : 0)
  }

  * #pieces(start: number, length: number): Generator<Buffer> {
    for (let done = 0; done < length; done += chunk) yield this.#exactly(start + done, Math.min(chunk, length - done))
  }

  #exactly(offset: number, length: number): Buffer {
    const {blocks, blockSize} = this.superblock
    const bytes = offset + length <= blocks * blockSize ? this.#read(offset, length) : Buffer.alloc(0)
    if (bytes.length < length) throw new Problem('image-filesystem', 'something in the image points beyond the end of its file system')
    return bytes
  }
}

/** Names are compared byte for byte. */
export function nameKey(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1')
}

function* zeros(length: number): Generator<Buffer> {
  for (let done = 0; done < length; done += chunk) yield Buffer.alloc(Math.min(chunk, length - done))
}
