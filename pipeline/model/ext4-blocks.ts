import {inodeFlags, type Inode} from './ext4-inode.ts'
import {Problem} from './problem.ts'

/** Blocks of a file that lie one behind the other. `physical` is undefined for what was reserved and never written: it reads as zero. */
export interface Run {
  /** The first block, as the file counts. */
  readonly logical: number
  readonly physical: number | undefined
  readonly blocks: number
}

/** A tree of extents has at most five levels (ext4's own limit). */
const deepest = 5
const extentMagic = 0xf30a
/** A length above this is that of an extent which was reserved only. */
const longestWritten = 0x8000

type ReadBlock = (block: number) => Buffer

/** Where the blocks of a file lie, in its own order, holes left out. Throws a Problem (`image-filesystem`) for a map that goes astray. */
export function runsOf(inode: Inode, blockSize: number, readBlock: ReadBlock): readonly Run[] {
  const found = (inode.flags & inodeFlags.extents) === 0
    ? mappedRuns(inode, Math.ceil(inode.size / blockSize), blockSize, readBlock)
    : extentRuns(inode.block, readBlock, deepest)
  const runs: Run[] = []
  let next = 0
  // judged one by one: a tree whose branches meet again could yield runs without end
  for (const run of found) {
    if (run.logical < next || run.blocks === 0) throw astray(inode)
    next = run.logical + run.blocks
    runs.push(run)
  }
  return runs
}

function* extentRuns(node: Buffer, readBlock: ReadBlock, depthBelow: number): Generator<Run> {
  const [magic, entries, depth] = [node.readUInt16LE(0), node.readUInt16LE(2), node.readUInt16LE(6)]
  const empty = entries === 0 && depthBelow < deepest
  if (magic !== extentMagic || depth > depthBelow || empty || 12 + 12 * entries > node.length) throw new Problem('image-filesystem', 'a file of the image has a broken tree of extents')
  for (let index = 1; index <= entries; index += 1) {
    const entry = node.subarray(12 * index, 12 * index + 12)
    if (depth > 0) {
      yield* extentRuns(readBlock(entry.readUInt32LE(4) + entry.readUInt16LE(8) * 2 ** 32), readBlock, depth - 1)
      continue
    }
    const length = entry.readUInt16LE(4)
    const physical = entry.readUInt32LE(8) + entry.readUInt16LE(6) * 2 ** 32
    yield {logical: entry.readUInt32LE(0), ...(length > longestWritten ? {physical: undefined, blocks: length - longestWritten} : {physical, blocks: length})}
  }
}

/** ext2's way: twelve blocks, then blocks of numbers of blocks, once, twice and three times removed. */
function* mappedRuns(inode: Inode, count: number, blockSize: number, readBlock: ReadBlock): Generator<Run> {
  const state = {logical: 0}
  for (let index = 0; index < 15 && state.logical < count; index += 1) {
    yield* mapped(inode.block.readUInt32LE(4 * index), Math.max(0, index - 11), state, count, blockSize, readBlock)
  }
  if (state.logical < count) throw astray(inode)
}

function* mapped(block: number, levels: number, state: {logical: number}, count: number, blockSize: number, readBlock: ReadBlock): Generator<Run> {
  if (block === 0) {
    state.logical += (blockSize / 4) ** levels
    return
  }
  if (levels === 0) {
    yield {logical: state.logical, physical: block, blocks: 1}
    state.logical += 1
    return
  }
  const numbers = readBlock(block)
  for (let offset = 0; offset < blockSize && state.logical < count; offset += 4) yield* mapped(numbers.readUInt32LE(offset), levels - 1, state, count, blockSize, readBlock)
}

function astray({number}: Inode): Problem {
  return new Problem('image-filesystem', `the blocks of inode ${number} of the image are in no order that a file could have`)
}
