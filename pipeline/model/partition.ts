/** Bytes of a sector; disks with other sectors are not made by OpenWrt. */
export const sectorSize = 512

/** One partition. All numbers of sectors. */
export interface Partition {
  /** As Linux counts: 1 to 4 and, for logical ones, from 5; GPT by entry. */
  readonly number: number
  readonly start: number
  readonly sectors: number
  /** MBR: two hex digits (`83`). GPT: the type's GUID in lower case. */
  readonly type: string
  /** What the kernel calls it in `root=PARTUUID=`. */
  readonly partuuid: string
}

export interface PartitionTable {
  readonly kind: 'mbr' | 'gpt'
  /** In order of their place on the disk; none overlaps another, none ends beyond the disk. */
  readonly partitions: readonly Partition[]
  /** GPT: whether the copy of the table at the end of the disk can be used. OpenWrt's EFI images have none that can. */
  readonly backup?: 'good' | 'bad'
}

/** Bytes to write at an offset of the disk. */
export interface Patch {
  readonly offset: number
  readonly bytes: Buffer
}
