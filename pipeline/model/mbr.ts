import type {ReadAt} from '../base/read-at.ts'
import {sectorSize, type Partition, type PartitionTable, type Patch} from './partition.ts'
import {Problem} from './problem.ts'

/** Where the four entries of 16 bytes begin, in an MBR as in each link of the chain of logical partitions. */
const entriesOffset = 446
const entryLength = 16

/** Types of an entry that is not a partition but the head of a chain of logical ones. */
const extended = new Set([0x05, 0x0f, 0x85])

/** More logical partitions than Linux shows. */
const mostLogical = 60

interface Entry {
  /** Place of the entry in the table, from 0. */
  readonly index: number
  readonly type: number
  readonly start: number
  readonly sectors: number
}

/** Reads a classic table with its chain of logical partitions. Whether they overlap or end beyond the disk is the caller's to check. */
export function readMbr(read: ReadAt, sectors: number): PartitionTable {
  const sector = read(0, sectorSize)
  const signature = hex(sector.readUInt32LE(440), 8)
  const entries = entriesOf(sector)
  const wrong = entries.find(({index}) => (sector[entriesOffset + entryLength * index] ?? 0) % 0x80 !== 0)
  if (wrong !== undefined) throw new Problem('image-table', `entry ${wrong.index + 1} of the partition table is neither active nor inactive: this is not a partition table`)
  const primary = entries.filter(({type}) => !extended.has(type)).map((entry) => partition(entry, entry.index + 1, signature))
  const heads = entries.filter(({type}) => extended.has(type))
  if (heads.length > 1) throw new Problem('image-table', 'the partition table has more than one extended partition')
  const logical = heads.flatMap((head) => readChain(read, head, sectors)).map((entry, index) => partition(entry, 5 + index, signature))
  return {kind: 'mbr', partitions: [...primary, ...logical]}
}

/** Bytes of the entry of a primary partition that say how long it is, and where they are. Its cylinders are those of no disk, as Linux writes them. */
export function mbrLengthPatch(read: ReadAt, {number, sectors}: Pick<Partition, 'number' | 'sectors'>): Patch {
  const offset = entriesOffset + entryLength * (number - 1)
  const entry = Buffer.from(read(offset, entryLength))
  entry.set([0xfe, 0xff, 0xff], 5)
  entry.writeUInt32LE(sectors, 12)
  return {offset, bytes: entry}
}

/** Follows the chain: each link names one partition, from its own place, and the next link, from the head's place. */
function readChain(read: ReadAt, head: Entry, sectors: number): Entry[] {
  const found: Entry[] = []
  const seen = new Set<number>()
  let place: number | undefined = head.start
  while (place !== undefined) {
    const at: number = place
    if (seen.has(at)) throw new Problem('image-table', 'the chain of logical partitions goes in a circle')
    if (found.length >= mostLogical || at >= sectors) throw new Problem('image-table', 'the chain of logical partitions leads nowhere')
    seen.add(at)
    const link = read(at * sectorSize, sectorSize)
    if (link.length < sectorSize || link.readUInt16LE(510) !== 0xaa55) throw new Problem('image-table', `the chain of logical partitions is broken at sector ${at}`)
    const entries = entriesOf(link)
    found.push(...entries.filter(({type}) => !extended.has(type)).map((entry) => ({...entry, start: entry.start + at})))
    const next: Entry | undefined = entries.find(({type}) => extended.has(type))
    place = next === undefined ? undefined : head.start + next.start
  }
  return found
}

function entriesOf(sector: Buffer): Entry[] {
  return [0, 1, 2, 3].flatMap((index) => {
    const offset = entriesOffset + entryLength * index
    const type = sector.readUInt8(offset + 4)
    return type === 0 ? [] : [{index, type, start: sector.readUInt32LE(offset + 8), sectors: sector.readUInt32LE(offset + 12)}]
  })
}

function partition({type, start, sectors}: Entry, number: number, signature: string): Partition {
  return {number, start, sectors, type: hex(type, 2), partuuid: `${signature}-${hex(number, 2)}`}
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
