import {Ext4Reader} from '../../model/ext4-reader.ts'
import type {Superblock} from '../../model/ext4-superblock.ts'
import {sectorSize, type Partition} from '../../model/partition.ts'
import {Problem} from '../../model/problem.ts'
import type {DiskFile} from '../../tools/disk-file.ts'
import {dropFeature, e2fsck, type FsPlace} from '../../tools/e2fsprogs.ts'
import {partOf} from './find-root.ts'
import type {Tools} from './unpack.ts'

/** Our own reader over the file system of a partition. */
export function readerOf(disk: DiskFile, partition: Partition): Ext4Reader {
  return new Ext4Reader(partOf(disk, partition), partition.sectors * sectorSize)
}

/** make_ext4fs leaves bitmaps that e2fsck mends without a word; what it would have to ask about is damage. */
export async function mendFs(place: FsPlace, {run}: Tools): Promise<void> {
  const {found, lines} = await e2fsck(run, place, 'mend')
  if (found === 'damaged') throw new Problem('image-filesystem', 'the root file system of the image is damaged', {tail: lines, hint: 'Fetch or build it again.'})
}

/** Frees a file system that cannot be grown while it is mounted from what hinders that: it then grows in another way. */
export async function madeGrowable(disk: DiskFile, root: Partition, place: FsPlace, {run}: Tools): Promise<readonly string[]> {
  if (readerOf(disk, root).canGrowMounted()) return []
  await dropFeature(run, place, 'resize_inode')
  const {found, lines} = await e2fsck(run, place, 'all')
  if (found === 'damaged') throw new Problem('image-filesystem', 'the root file system could not be made able to grow', {tail: lines})
  return ['resize_inode']
}

export async function requireClean(place: FsPlace, {latest}: Superblock, {run}: Tools): Promise<void> {
  // a time before the file system's own would be damage as well
  const {found, lines} = await e2fsck(run, {...place, time: Math.max(latest, Math.floor(Date.now() / 1000))}, 'look')
  if (found !== 'clean') throw new Problem('edit-failed', 'the root file system is damaged after the edit', {tail: lines, hint: 'The image was not touched; only a copy was. Please report this.'})
}
