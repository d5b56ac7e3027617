import {join} from 'node:path'
import {rm} from 'node:fs/promises'
import {formatSize} from '../../base/size.ts'
import {gptBackupSectors, gptPatches} from '../../model/gpt.ts'
import {mbrLengthPatch} from '../../model/mbr.ts'
import {sectorSize, type Partition, type PartitionTable, type Patch} from '../../model/partition.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import {copyPart, DiskFile} from '../../tools/disk-file.ts'
import {resize2fs} from '../../tools/e2fsprogs.ts'

export interface Growth {
  readonly folder: string
  readonly table: PartitionTable
  readonly partition: Partition
  /** Bytes of the root partition when done. */
  readonly bytes: number
  readonly blockSize: number
  readonly time: number
}

/** What an entry of an MBR can say. */
const mostSectors = 2 ** 32 - 1

/**
 * Makes the image, its last partition and the file system in it larger. What `root=PARTUUID=` names stays: the disk's signature, all
 * GUIDs, the partition's start and number. Of a GPT the copy at the end is written anew.
 */
export async function growRoot(disk: DiskFile, growth: Growth, run: Run): Promise<void> {
  const {folder, partition: {number, start}, bytes, blockSize, time} = growth
  requireRoom(growth)
  const oldSectors = Math.floor(disk.size / sectorSize)
  const sectors = bytes / sectorSize
  const behind = growth.table.kind === 'gpt' ? gptBackupSectors(disk.read) : 0
  const newSectors = Math.max(oldSectors, start + sectors + behind)
  const patches = growth.table.kind === 'gpt' ? gptPatches(disk.read, oldSectors, newSectors, {number, sectors}) : [mbrLengthPatch(disk.read, {number, sectors})]
  const path = join(folder, 'root')
  {
    using root = new DiskFile(path, 'wx+')
    copyPart(disk, start * sectorSize, growth.partition.sectors * sectorSize, root.sparseWriter())
    root.resize(bytes)
  }
  await resize2fs(run, {folder, name: 'root', offset: 0, time}, Math.floor(bytes / blockSize))
  {
    using root = new DiskFile(path, 'r')
    // emptied first: where the new partition has holes, nothing of the old one may show
    disk.resize(start * sectorSize)
    copyPart(root, 0, Math.min(root.size, bytes), disk.sparseWriter(start * sectorSize))
  }
  disk.resize(newSectors * sectorSize)
  disk.write(patches)
  await rm(path)
}

/** Writes the copy of a GPT at the end of the disk anew; all else of the table stays. */
export function mendGpt(disk: DiskFile, {partitions}: PartitionTable): void {
  const oldSectors = Math.floor(disk.size / sectorSize)
  const end = Math.max(...partitions.map(({start, sectors}) => start + sectors))
  const sectors = Math.max(oldSectors, end + gptBackupSectors(disk.read))
  const patches: readonly Patch[] = gptPatches(disk.read, oldSectors, sectors)
  disk.resize(sectors * sectorSize)
  disk.write(patches)
}

function requireRoom({table: {kind, partitions}, partition, bytes}: Growth): void {
  const last = partitions.at(-1)
  if (last !== partition) throw new Problem('image-root', `the root, partition ${partition.number}, cannot grow to ${formatSize(bytes)}: partition ${last?.number} lies behind it`)
  if (kind === 'mbr' && (partition.number > 4 || partition.start + bytes / sectorSize > mostSectors)) {
    throw new Problem('image-root', `the root, partition ${partition.number}, cannot grow to ${formatSize(bytes)}: ${partition.number > 4 ? 'it is a logical one' : 'a partition table of the MBR kind ends at 2 TiB'}`)
  }
}
