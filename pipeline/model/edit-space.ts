import {basename, dirname} from 'node:path/posix'
import type {LaidEntry, Step} from './edit-plan.ts'
import type {Superblock} from './ext4-superblock.ts'
import {Problem} from './problem.ts'

/** What an edit takes of a root, less what it gives back. Never less than what it will take in truth. */
export interface Space {
  /** Bytes; whole blocks. */
  readonly bytes: number
  readonly inodes: number
}

/** A link shorter than this lives in its inode. */
const inlineLink = 60
/** The longest entry of a folder: what may be left over at the end of each of its blocks. */
const longestEntry = 264

export function spaceOf(steps: readonly Step[], {blockSize, clusterSize}: Pick<Superblock, 'blockSize' | 'clusterSize'>): Space {
  let bytes = 0
  let inodes = 0
  const names = new Map<string, number>()
  const made = new Set(steps.flatMap((step) => (step.do === 'make' ? [step.path] : [])))
  for (const step of steps) {
    if (step.do === 'remove') {
      // of a file with more names the others keep its blocks
      if (step.node.kind === 'directory' || step.node.links === 1) {
        bytes -= step.node.allocated
        inodes -= 1
      }
    } else if (step.do !== 'attributes') {
      bytes += step.do === 'make' ? clusterSize : contentSpace(sizeOf(step.entry), blockSize, clusterSize)
      inodes += 1
      names.set(dirname(step.path), (names.get(dirname(step.path)) ?? 0) + entrySize(basename(step.path)))
    }
  }
  for (const [folder, length] of names) bytes += (Math.ceil(length / (blockSize - longestEntry)) + (made.has(folder) ? 0 : 1)) * clusterSize
  return {bytes, inodes}
}

/** Throws a Problem (`root-full`) that says by how much, where an edit does not fit. @param reserved bytes that the editor cannot use */
export function requireSpace(steps: readonly Step[], superblock: Superblock, reserved: number): Space {
  const space = spaceOf(steps, superblock)
  const free = superblock.freeBlocks * superblock.blockSize - reserved
  if (space.bytes > free) {
    const lacking = Math.ceil((space.bytes - free) / 1024)
    const sizes = `overlays, keys and password take ${Math.ceil(space.bytes / 1024)} KiB, ${Math.max(0, Math.floor(free / 1024))} KiB are free`
    throw new Problem('root-full', `the root lacks ${lacking} KiB: ${sizes}`, {hint: 'Give image.root more room, or lay less.'})
  }
  if (space.inodes > superblock.freeInodes) {
    const counts = `overlays have ${space.inodes} new ones, ${superblock.freeInodes} can be made`
    throw new Problem('root-full', `the root lacks room for ${space.inodes - superblock.freeInodes} files: ${counts}`, {hint: 'Give image.root more room: the number of files grows with it. Or lay fewer.'})
  }
  return space
}

/** Whole clusters, and blocks that say where these are: in the worst case each lies by itself. */
function contentSpace(size: number, blockSize: number, clusterSize: number): number {
  const clusters = Math.ceil(size / clusterSize)
  const perBlock = Math.floor((blockSize - 16) / 12)
  const maps = clusters <= 4 ? 0 : Math.ceil(clusters / perBlock) + Math.ceil(clusters / perBlock / perBlock)
  return (clusters + maps) * clusterSize
}

/** Bytes that are kept outside of the inode. */
function sizeOf(entry: LaidEntry): number {
  if (entry.kind === 'file') return entry.content.size
  const length = entry.kind === 'link' ? Buffer.byteLength(entry.target) : 0
  return length < inlineLink ? 0 : length
}

/** Of an entry in a folder: eight bytes and the name, to the next multiple of four. */
function entrySize(name: string): number {
  return 8 + Math.ceil(Buffer.byteLength(name) / 4) * 4
}
