import type {Patch} from './partition.ts'

/** Bytes of a cluster, as QEMU makes them. */
export const clusterSize = 1 << 16
const clusterBits = 16

/** A table of offsets fills a cluster; so does a block of reference counts, 16 bits each. */
const entriesPerTable = clusterSize / 8
const countsPerBlock = clusterSize / 2

/** Flags of an entry: the cluster is this image's alone; the cluster is deflated. */
const copied = 1n << 63n
const compressed = 1n << 62n
/** Where in an entry the number of further sectors stands that deflated data reaches into: 62 - (cluster bits - 8). */
const sectorsShift = 54n

/** Bytes of a header of version 3 without the fields that say another compression than deflate. */
const headerLength = 104

/**
 * The map of a qcow2 image that is written from front to back (docs/interop/qcow2.txt of QEMU): header, data, then tables. Deflated
 * clusters lie one behind the other, byte by byte.
 */
export class Qcow2Map {
  readonly #size: number
  readonly #tables = new Map<number, Buffer>()
  readonly #counts: number[] = [1]
  #end = clusterSize

  /** @param size of the disk that a guest sees, in bytes */
  constructor(size: number) {
    this.#size = size
  }

  /** Where the bytes of a cluster of the disk go. @param index of the cluster, from the disk's start */
  place(index: number, length: number, deflated: boolean): number {
    if (!deflated) this.#align()
    const offset = this.#end
    this.#end += length
    const further = BigInt(Math.floor((offset + length - 1) / 512) - Math.floor(offset / 512))
    this.#table(index).writeBigUInt64BE(deflated ? compressed | (further << sectorsShift) | BigInt(offset) : copied | BigInt(offset), 8 * (index % entriesPerTable))
    this.#count(offset, length)
    return offset
  }

  /** All that is to be written besides the data. */
  finish(): readonly Patch[] {
    this.#align()
    const directory = Buffer.alloc(8 * Math.max(1, Math.ceil(this.#size / clusterSize / entriesPerTable)))
    const patches: Patch[] = []
    for (const [index, bytes] of [...this.#tables].sort(([a], [b]) => a - b)) {
      const offset = this.#append(patches, bytes)
      directory.writeBigUInt64BE(copied | BigInt(offset), 8 * index)
    }
    const directoryOffset = this.#append(patches, directory)
    const countsOffset = this.#appendCounts(patches)
    return [...patches, {offset: 0, bytes: header(this.#size, directory.length / 8, directoryOffset, countsOffset)}]
  }

  /** The counts count the clusters that they lie in as well. One cluster of their table is enough for 16 TiB. */
  #appendCounts(patches: Patch[]): number {
    const used = this.#counts.length
    const blocks = Math.ceil((used + 1) / (countsPerBlock - 1))
    const counts = Buffer.alloc(blocks * clusterSize)
    const table = Buffer.alloc(clusterSize)
    const first = this.#append(patches, counts)
    for (let block = 0; block < blocks; block += 1) table.writeBigUInt64BE(BigInt(first + block * clusterSize), 8 * block)
    const offset = this.#append(patches, table)
    for (const [cluster, count] of this.#counts.entries()) counts.writeUInt16BE(count, 2 * cluster)
    return offset
  }

  /** Puts bytes at the end, in clusters of their own. */
  #append(patches: Patch[], bytes: Buffer): number {
    const offset = this.#end
    patches.push({offset, bytes})
    this.#end += bytes.length
    this.#count(offset, bytes.length)
    this.#align()
    return offset
  }

  #table(index: number): Buffer {
    const number = Math.floor(index / entriesPerTable)
    const table = this.#tables.get(number) ?? Buffer.alloc(clusterSize)
    this.#tables.set(number, table)
    return table
  }

  #count(offset: number, length: number): void {
    for (let cluster = Math.floor(offset / clusterSize); cluster * clusterSize < offset + length; cluster += 1) this.#counts[cluster] = (this.#counts[cluster] ?? 0) + 1
  }

  #align(): void {
    this.#end = Math.ceil(this.#end / clusterSize) * clusterSize
  }
}

function header(size: number, directoryEntries: number, directoryOffset: number, countsOffset: number): Buffer {
  const bytes = Buffer.alloc(clusterSize)
  bytes.write('QFI\xfb', 0, 'latin1')
  bytes.writeUInt32BE(3, 4)
  bytes.writeUInt32BE(clusterBits, 20)
  bytes.writeBigUInt64BE(BigInt(size), 24)
  bytes.writeUInt32BE(directoryEntries, 36)
  bytes.writeBigUInt64BE(BigInt(directoryOffset), 40)
  bytes.writeBigUInt64BE(BigInt(countsOffset), 48)
  bytes.writeUInt32BE(1, 56)
  // the width of a reference count: 2^4 bits
  bytes.writeUInt32BE(4, 96)
  bytes.writeUInt32BE(headerLength, 100)
  return bytes
}
