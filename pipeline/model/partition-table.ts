import type {ReadAt} from '../base/read-at.ts'
import {readGpt} from './gpt.ts'
import {readMbr} from './mbr.ts'
import {sectorSize, type Partition, type PartitionTable} from './partition.ts'
import {Problem} from './problem.ts'

/**
 * Reads the table of a disk. Throws a Problem (`image-table`) for one that cannot be trusted: no table, wrong checksum,
 * partitions that overlap or end beyond the disk, chains that go in circles.
 * @param sectors of the whole disk
 */
export function readPartitionTable(read: ReadAt, sectors: number): PartitionTable {
  const first = read(0, sectorSize)
  if (first.length < sectorSize || first.readUInt16LE(510) !== 0xaa55) {
    throw new Problem('image-table', 'the image has no partition table: its first sector does not end in 55 aa', {hint: 'Take the image that OpenWrt calls ext4-combined; a file system alone cannot boot.'})
  }
  const table = isProtective(first) ? readGpt(read, sectors) : readMbr(read, sectors)
  return {...table, partitions: inOrder(table.partitions, sectors)}
}

/** A GPT hides behind an MBR with one entry of type ee. */
function isProtective(mbr: Buffer): boolean {
  return [0, 1, 2, 3].some((index) => mbr[446 + 16 * index + 4] === 0xee)
}

function inOrder(partitions: readonly Partition[], sectors: number): readonly Partition[] {
  const sorted = partitions.toSorted((a, b) => a.start - b.start || a.number - b.number)
  if (sorted.length === 0) throw new Problem('image-table', 'the partition table is empty')
  for (const [index, {number, start, sectors: length}] of sorted.entries()) {
    if (start < 1 || length < 1) throw new Problem('image-table', `partition ${number} begins at sector ${start} and has ${length} sectors`)
    if (start + length > sectors) throw new Problem('image-table', `partition ${number} ends at sector ${start + length}, but the disk at ${sectors}`, {hint: 'The image may have been cut off: fetch or build it again.'})
    const before = sorted[index - 1]
    if (before !== undefined && before.start + before.sectors > start) throw new Problem('image-table', `partitions ${before.number} and ${number} overlap`)
  }
  return sorted
}
