import type {ReadAt} from '../../base/read-at.ts'
import {hasExtMagic, superblockLength, superblockOffset} from '../../model/ext4-superblock.ts'
import {Ext4Reader} from '../../model/ext4-reader.ts'
import {sectorSize, type Partition, type PartitionTable} from '../../model/partition.ts'
import {Problem} from '../../model/problem.ts'
import type {DiskFile} from '../../tools/disk-file.ts'

/** What OpenWrt calls the file systems of root and boot, from 21.02 on. */
const labels = {root: 'rootfs', boot: 'kernel'} as const
const grubConfig = '/boot/grub/grub.cfg'
const largestGrubConfig = 1 << 20

interface Candidate {
  readonly partition: Partition
  readonly holds: 'ext' | 'squashfs' | 'other'
  /** Of an ext file system. */
  readonly label: string
}

/**
 * The partition with the root: the one whose file system is called so, else the only one that it can be, else the one that
 * GRUB's configuration names. Throws a Problem (`image-root`) where there is none, or more than one.
 * @param wanted number of the partition, where a person says it
 */
export function findRoot(disk: DiskFile, {partitions}: PartitionTable, wanted: number | undefined): Partition {
  const candidates = partitions.map((partition) => candidate(partOf(disk, partition), partition))
  if (wanted !== undefined) return chosen(candidates, wanted)
  const named = candidates.filter(({label}) => label === labels.root)
  if (named.length === 1) return named[0]!.partition
  if (named.length === 0 && candidates.some(({holds}) => holds === 'squashfs')) throw squashfs()
  const possible = (named.length > 0 ? named : candidates).filter(({holds, label}) => holds === 'ext' && label !== labels.boot)
  if (possible.length === 0) throw new Problem('image-root', `no partition of the image has an ext4 root: ${words(candidates)}`, {hint: 'Take the image that OpenWrt calls ext4-combined.'})
  const uuid = possible.length === 1 ? undefined : rootInGrub(disk, possible)
  const found = possible.length === 1 ? possible[0] : possible.find(({partition}) => partition.partuuid === uuid)
  if (found !== undefined) return found.partition
  throw new Problem('image-root', `more than one partition may be the root: ${words(possible)}`, {hint: 'cloudwrt edit takes --partition NUMBER.'})
}

/** Reads of one partition, from its first byte. */
export function partOf(disk: DiskFile, {start, sectors}: Partition): ReadAt {
  return disk.part(start * sectorSize, sectors * sectorSize)
}

function chosen(candidates: readonly Candidate[], wanted: number): Partition {
  const found = candidates.find(({partition}) => partition.number === wanted)
  if (found === undefined) throw new Problem('image-root', `the image has no partition ${wanted}: ${words(candidates)}`)
  if (found.holds === 'squashfs') throw squashfs()
  if (found.holds === 'other') throw new Problem('image-root', `partition ${wanted} has no ext4 file system`)
  return found.partition
}

function candidate(read: ReadAt, partition: Partition): Candidate {
  const superblock = read(superblockOffset, superblockLength)
  if (read(0, 4).toString('latin1') === 'hsqs') return {partition, holds: 'squashfs', label: ''}
  if (!hasExtMagic(superblock)) return {partition, holds: 'other', label: ''}
  return {partition, holds: 'ext', label: superblock.toString('latin1', 120, 136).replace(/\0.*$/s, '')}
}

/** The PARTUUID that a GRUB configuration on one of the partitions gives the kernel; undefined where none does, or two differ. */
function rootInGrub(disk: DiskFile, candidates: readonly Candidate[]): string | undefined {
  const texts = candidates.map(({partition}) => grubText(partOf(disk, partition), partition))
  const uuids = new Set(texts.flatMap((text) => [...text.matchAll(/\broot=PARTUUID=([\da-f-]+)/gi)].map((match) => match[1]?.toLowerCase())))
  return uuids.size === 1 ? [...uuids][0] : undefined
}

function grubText(read: ReadAt, partition: Partition): string {
  try {
    const reader = new Ext4Reader(read, partition.sectors * sectorSize)
    const file = reader.find(grubConfig)
    return file?.kind === 'file' && file.size <= largestGrubConfig ? Buffer.concat([...reader.contents(file)]).toString('latin1') : ''
  } catch (error) {
    // a file system that is no good says nothing
    if (error instanceof Problem) return ''
    throw error
  }
}

function squashfs(): Problem {
  return new Problem('image-root', 'the root of the image is a squashfs, which cannot be written to', {hint: 'Take the image that OpenWrt calls ext4-combined.'})
}

function words(candidates: readonly Candidate[]): string {
  return candidates.map(({partition: {number}, holds, label}) => `${number} (${holds === 'ext' ? `ext4${label === '' ? '' : ` ${JSON.stringify(label)}`}` : holds === 'other' ? 'no file system that we know' : holds})`).join(', ')
}
