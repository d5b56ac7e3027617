import {Problem} from './problem.ts'

/** Where the superblock lies in a file system, and how long it is. */
export const superblockOffset = 1024
export const superblockLength = 1024

/** Features by the names that e2fsprogs gives them; a kernel that does not know one must not mount (`incompat`), or not write (`roCompat`). */
const incompat: Readonly<Record<number, string>> = {
  0x1: 'compression', 0x2: 'filetype', 0x4: 'needs_recovery', 0x8: 'journal_dev', 0x10: 'meta_bg', 0x40: 'extent', 0x80: '64bit', 0x100: 'mmp', 0x200: 'flex_bg', 0x400: 'ea_inode',
  0x1000: 'dirdata', 0x2000: 'metadata_csum_seed', 0x4000: 'large_dir', 0x8000: 'inline_data', 0x10000: 'encrypt', 0x20000: 'casefold',
}
const roCompat: Readonly<Record<number, string>> = {
  0x1: 'sparse_super', 0x2: 'large_file', 0x4: 'btree_dir', 0x8: 'huge_file', 0x10: 'uninit_bg', 0x20: 'dir_nlink', 0x40: 'extra_isize', 0x80: 'snapshot', 0x100: 'quota', 0x200: 'bigalloc',
  0x400: 'metadata_csum', 0x800: 'replica', 0x1000: 'read-only', 0x2000: 'project', 0x4000: 'shared_blocks', 0x8000: 'verity', 0x10000: 'orphan_present',
}
const compat: Readonly<Record<number, string>> = {
  0x1: 'dir_prealloc', 0x2: 'imagic_inodes', 0x4: 'has_journal', 0x8: 'ext_attr', 0x10: 'resize_inode', 0x20: 'dir_index', 0x200: 'sparse_super2', 0x400: 'fast_commit', 0x800: 'stable_inodes', 0x1000: 'orphan_file',
}

/** What we need to know of an ext2, ext3 or ext4 file system; numbers of blocks where not said otherwise. */
export interface Superblock {
  readonly label: string
  /** As blkid writes it. */
  readonly uuid: string
  /** Bytes. */
  readonly blockSize: number
  /** Bytes that are taken at a time: a block, or with `bigalloc` several. */
  readonly clusterSize: number
  readonly blocks: number
  readonly freeBlocks: number
  readonly inodes: number
  readonly freeInodes: number
  readonly firstBlock: number
  readonly blocksPerGroup: number
  readonly inodesPerGroup: number
  /** Bytes. */
  readonly inodeSize: number
  /** Bytes of a group's descriptor. */
  readonly descriptorSize: number
  /** The first group whose descriptors lie in the groups themselves; undefined where all lie behind the superblock. */
  readonly firstMetaGroup: number | undefined
  /** Blocks kept behind the superblock for descriptors of a file system that has grown. */
  readonly reservedDescriptorBlocks: number
  readonly sparse: boolean
  /** Seconds since 1970: the latest of the times at which it was made, mounted, written to and checked. */
  readonly latest: number
  /** Whether it was closed properly and no error was found in it. */
  readonly clean: boolean
  /** Names as e2fsprogs gives them; `incompat-400000` for one that nobody had heard of when this was written. */
  readonly features: ReadonlySet<string>
}

/** Whether there is an ext file system, by its magic number alone. */
export function hasExtMagic(bytes: Buffer): boolean {
  return bytes.length >= 58 && bytes.readUInt16LE(56) === 0xef53
}

/**
 * Reads a superblock. Throws a Problem (`image-filesystem`) for one that contradicts itself or its partition.
 * @param partitionBytes length of the partition that it lies in
 */
export function readSuperblock(bytes: Buffer, partitionBytes: number): Superblock {
  if (bytes.length < superblockLength || !hasExtMagic(bytes)) throw new Problem('image-filesystem', 'there is no ext4 file system in the partition')
  const u16 = (offset: number): number => bytes.readUInt16LE(offset)
  const u32 = (offset: number): number => bytes.readUInt32LE(offset)
  if (u32(76) !== 1) throw nonsense(`its revision is ${u32(76)}`)
  if (u32(24) > 6) throw nonsense(`its block size is 2^${u32(24) + 10}`)
  const features = featuresOf(u32(92), u32(96), u32(100))
  const wide = features.has('64bit')
  const long = (low: number, high: number): number => u32(low) + (wide ? u32(high) * 2 ** 32 : 0)
  const superblock: Superblock = {
    label: text(bytes.subarray(120, 136)),
    uuid: bytes.toString('hex', 104, 120).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5'),
    blockSize: 1024 << u32(24),
    clusterSize: 1024 << (features.has('bigalloc') ? Math.min(u32(28), 20) : u32(24)),
    blocks: long(4, 0x150),
    freeBlocks: long(12, 0x158),
    inodes: u32(0),
    freeInodes: u32(16),
    firstBlock: u32(20),
    blocksPerGroup: u32(32),
    inodesPerGroup: u32(40),
    inodeSize: u16(88),
    descriptorSize: wide ? u16(254) : 32,
    firstMetaGroup: features.has('meta_bg') ? u32(260) : undefined,
    reservedDescriptorBlocks: u16(206),
    sparse: features.has('sparse_super'),
    latest: Math.max(u32(264), u32(44), u32(48), u32(64)),
    clean: (u16(58) & 3) === 1,
    features,
  }
  const complaint = complainOf(superblock, partitionBytes)
  if (complaint !== undefined) throw nonsense(complaint)
  return superblock
}

/** Groups of blocks, each with its own bitmaps and inodes. */
export function groupsOf({blocks, firstBlock, blocksPerGroup}: Superblock): number {
  return Math.ceil((blocks - firstBlock) / blocksPerGroup)
}

/** Whether a group carries a copy of the superblock: with `sparse_super` 0, 1 and the powers of 3, 5 and 7. */
export function hasSuperblock(group: number, sparse: boolean): boolean {
  if (!sparse || group <= 1) return true
  return [3, 5, 7].some((base) => isPower(group, base))
}

function isPower(value: number, base: number): boolean {
  let rest = value
  while (rest % base === 0) rest /= base
  return rest === 1
}

function complainOf(superblock: Superblock, partitionBytes: number): string | undefined {
  const {blockSize, blocks, freeBlocks, inodes, freeInodes, firstBlock, blocksPerGroup, inodesPerGroup, inodeSize, descriptorSize} = superblock
  const bits = 8 * blockSize
  if (blocks * blockSize > partitionBytes) return `it is larger than its partition: ${blocks} blocks of ${blockSize} bytes in ${partitionBytes}`
  if (firstBlock !== (blockSize === 1024 ? 1 : 0)) return `its first block is ${firstBlock}`
  if (blocks <= firstBlock + 2) return `it has ${blocks} blocks`
  // with `bigalloc` a bit stands for many blocks
  if (blocksPerGroup < 8 || (blocksPerGroup > bits && !superblock.features.has('bigalloc'))) return `it has ${blocksPerGroup} blocks a group`
  if (inodesPerGroup < 1 || inodesPerGroup > bits) return `it has ${inodesPerGroup} inodes a group`
  if (inodeSize < 128 || inodeSize > blockSize || !Number.isInteger(Math.log2(inodeSize))) return `its inodes have ${inodeSize} bytes`
  if (descriptorSize < 32 || descriptorSize > blockSize || !Number.isInteger(Math.log2(descriptorSize))) return `its descriptors have ${descriptorSize} bytes`
  if (inodes !== groupsOf(superblock) * inodesPerGroup) return `it has ${inodes} inodes in ${groupsOf(superblock)} groups of ${inodesPerGroup}`
  if (freeBlocks > blocks || freeInodes > inodes) return 'more of it is free than there is'
  return undefined
}

function nonsense(what: string): Problem {
  return new Problem('image-filesystem', `the superblock of the root file system cannot be right: ${what}`, {hint: 'The image is damaged: fetch or build it again.'})
}

function featuresOf(...words: [compat: number, incompat: number, roCompat: number]): Set<string> {
  const tables = [['compat', compat], ['incompat', incompat], ['ro-compat', roCompat]] as const
  return new Set(tables.flatMap(([kind, names], index) => {
    const word = words[index] ?? 0
    return bitsOf(word).map((bit) => names[bit] ?? `${kind}-${bit.toString(16)}`)
  }))
}

function bitsOf(word: number): number[] {
  return Array.from({length: 32}, (_, bit) => 2 ** bit).filter((bit) => Math.floor(word / bit) % 2 === 1)
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
