import {crc32} from 'node:zlib'
import type {ReadAt} from '../base/read-at.ts'
import {sectorSize, type Partition, type PartitionTable, type Patch} from './partition.ts'
import {Problem} from './problem.ts'

/** Places in a header of a GPT (UEFI 2.10, table 5-5). */
const at = {headerSize: 12, headerCrc: 16, own: 24, other: 32, firstUsable: 40, lastUsable: 48, entries: 72, count: 80, entrySize: 84, entriesCrc: 88} as const
const smallestHeader = 92

/** 128 is usual; a table that claims more than this is not one that anybody made. */
const mostEntries = 1024

/** A header whose checksums are right, with its entries. */
interface Gpt {
  readonly header: Buffer
  readonly entries: Buffer
  readonly entrySize: number
}

/** Reads the table at the beginning of the disk and looks whether the copy at the end can be used. */
export function readGpt(read: ReadAt, sectors: number): PartitionTable {
  const gpt = readHeader(read, 1, sectors)
  if (typeof gpt === 'string') throw new Problem('image-table', `the GPT cannot be used: ${gpt}`)
  const copy = readHeader(read, Number(gpt.header.readBigUInt64LE(at.other)), sectors)
  return {kind: 'gpt', partitions: partitionsOf(gpt), backup: typeof copy === 'string' || !copy.entries.equals(gpt.entries) ? 'bad' : 'good'}
}

/**
 * What to write so that the table is that of a disk of `sectors`, with its copy at the end, and one partition's length is
 * another. All GUIDs stay.
 */
export function gptPatches(read: ReadAt, oldSectors: number, sectors: number, change?: Pick<Partition, 'number' | 'sectors'>): readonly Patch[] {
  const gpt = readHeader(read, 1, oldSectors)
  if (typeof gpt === 'string') throw new Problem('image-table', `the GPT cannot be used: ${gpt}`)
  const entries = Buffer.from(gpt.entries)
  if (change !== undefined) {
    const offset = (change.number - 1) * gpt.entrySize
    entries.writeBigUInt64LE(entries.readBigUInt64LE(offset + 32) + BigInt(change.sectors) - 1n, offset + 40)
  }
  const entrySectors = Math.ceil(entries.length / sectorSize)
  const last = sectors - 1
  const place = {lastUsable: last - entrySectors - 1, entriesCrc: crc32(entries)}
  const first = headerFor(gpt.header, {...place, own: 1, other: last, entries: Number(gpt.header.readBigUInt64LE(at.entries))})
  const copy = headerFor(gpt.header, {...place, own: last, other: 1, entries: last - entrySectors})
  return [
    {offset: 446 + 16 * protectiveIndex(read), bytes: protectiveEntry(read, sectors)},
    {offset: sectorSize, bytes: first},
    {offset: Number(gpt.header.readBigUInt64LE(at.entries)) * sectorSize, bytes: entries},
    {offset: (last - entrySectors) * sectorSize, bytes: entries},
    {offset: last * sectorSize, bytes: copy},
  ]
}

/** Sectors that the copy of the table takes at the end of the disk. */
export function gptBackupSectors(read: ReadAt): number {
  const header = read(sectorSize, sectorSize)
  return 1 + Math.ceil((header.readUInt32LE(at.count) * header.readUInt32LE(at.entrySize)) / sectorSize)
}

/** The header at a sector with its entries; or what is wrong with it. */
function readHeader(read: ReadAt, sector: number, sectors: number): Gpt | string {
  if (!(sector >= 1 && sector < sectors)) return `sector ${sector} is not on the disk`
  const bytes = read(sector * sectorSize, sectorSize)
  if (bytes.length < sectorSize || bytes.toString('latin1', 0, 8) !== 'EFI PART') return `there is no header at sector ${sector}`
  const size = bytes.readUInt32LE(at.headerSize)
  if (size < smallestHeader || size > sectorSize) return `its header claims ${size} bytes`
  const header = Buffer.from(bytes.subarray(0, size))
  if (crcOf(header) !== header.readUInt32LE(at.headerCrc)) return 'the checksum of its header is wrong'
  if (header.readBigUInt64LE(at.own) !== BigInt(sector)) return 'its header is meant for another sector'
  const [count, entrySize] = [header.readUInt32LE(at.count), header.readUInt32LE(at.entrySize)]
  if (count > mostEntries || entrySize < 128 || entrySize > 4096 || entrySize % 8 !== 0) return `it claims ${count} entries of ${entrySize} bytes`
  const place = header.readBigUInt64LE(at.entries)
  const entries = place < BigInt(sectors) ? read(Number(place) * sectorSize, count * entrySize) : Buffer.alloc(0)
  if (entries.length < count * entrySize) return 'its entries lie beyond the end of the disk'
  if (crc32(entries) !== header.readUInt32LE(at.entriesCrc)) return 'the checksum of its entries is wrong'
  return {header, entries, entrySize}
}

function partitionsOf({header, entries, entrySize}: Gpt): Partition[] {
  const [firstUsable, lastUsable] = [header.readBigUInt64LE(at.firstUsable), header.readBigUInt64LE(at.lastUsable)]
  const found: Partition[] = []
  for (let offset = 0; offset + entrySize <= entries.length; offset += entrySize) {
    const number = offset / entrySize + 1
    const type = guid(entries, offset)
    if (/^[0-]*$/.test(type)) continue
    const [first, last] = [entries.readBigUInt64LE(offset + 32), entries.readBigUInt64LE(offset + 40)]
    if (first > last || first < firstUsable || last > lastUsable) throw new Problem('image-table', `partition ${number} reaches from sector ${first} to ${last}, but the table allows ${firstUsable} to ${lastUsable}`)
    found.push({number, start: Number(first), sectors: Number(last - first) + 1, type, partuuid: guid(entries, offset + 16)})
  }
  return found
}

function headerFor(header: Buffer, place: {readonly own: number; readonly other: number; readonly entries: number; readonly lastUsable: number; readonly entriesCrc: number}): Buffer {
  const bytes = Buffer.from(header)
  for (const key of ['own', 'other', 'entries', 'lastUsable'] as const) bytes.writeBigUInt64LE(BigInt(place[key]), at[key])
  bytes.writeUInt32LE(place.entriesCrc, at.entriesCrc)
  bytes.writeUInt32LE(crcOf(bytes), at.headerCrc)
  return bytes
}

/** The checksum covers the header with zero in the checksum's own place. */
function crcOf(header: Buffer): number {
  const zeroed = Buffer.from(header)
  zeroed.writeUInt32LE(0, at.headerCrc)
  return crc32(zeroed)
}

function protectiveIndex(read: ReadAt): number {
  return [0, 1, 2, 3].find((index) => read(446 + 16 * index + 4, 1)[0] === 0xee) ?? 0
}

function protectiveEntry(read: ReadAt, sectors: number): Buffer {
  const entry = Buffer.from(read(446 + 16 * protectiveIndex(read), 16))
  entry.writeUInt32LE(Math.min(sectors - 1, 0xffffffff), 12)
  return entry
}

/** The first three fields of a GUID are little-endian, the rest is in order. */
function guid(bytes: Buffer, offset: number): string {
  const hex = (start: number, end: number, reverse: boolean): string => {
    const part = Buffer.from(bytes.subarray(offset + start, offset + end))
    return (reverse ? part.reverse() : part).toString('hex')
  }
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-')
}
