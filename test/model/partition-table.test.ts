import {execFileSync} from 'node:child_process'
import {closeSync, ftruncateSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {crc32} from 'node:zlib'
import test, {type ExecutionContext} from 'ava'
import fc from 'fast-check'
import {readerOf} from '../../pipeline/base/read-at.ts'
import {gptPatches} from '../../pipeline/model/gpt.ts'
import {mbrLengthPatch} from '../../pipeline/model/mbr.ts'
import {readPartitionTable} from '../../pipeline/model/partition-table.ts'
import type {PartitionTable} from '../../pipeline/model/partition.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import {program} from '../helpers/disk.ts'
import {tempDir} from '../helpers/temp.ts'

const sectors = 8192

/** The bytes of a disk that sfdisk made. */
async function disk(t: ExecutionContext, script: string): Promise<Buffer> {
  const path = join(await tempDir(t), 'disk')
  const file = openSync(path, 'w')
  ftruncateSync(file, sectors * 512)
  closeSync(file)
  execFileSync(program('sfdisk'), ['-q', path], {input: script, stdio: ['pipe', 'ignore', 'pipe']})
  return readFileSync(path)
}

function read(bytes: Buffer, count = bytes.length / 512): PartitionTable {
  return readPartitionTable(readerOf(bytes), count)
}

function problem(t: ExecutionContext, bytes: Buffer, pattern: RegExp, count?: number): void {
  const error = t.throws(() => read(bytes, count), {instanceOf: Problem})
  t.is(error.code, 'image-table')
  t.regex(error.message, pattern)
}

const mbr = 'label: dos\nlabel-id: 0x0badc0de\nstart=512, size=1024, type=83, bootable\nstart=2048, size=4096, type=83\n'
const gpt = 'label: gpt\nlabel-id: 11111111-2222-3333-4444-555555555500\nstart=512, size=1024, type=L, uuid=AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEE01\nstart=2048, size=4096, type=L, uuid=AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEE02\n'

test('an MBR as OpenWrt has it', async (t) => {
  t.deepEqual(read(await disk(t, mbr)), {
    kind: 'mbr',
    partitions: [{number: 1, start: 512, sectors: 1024, type: '83', partuuid: '0badc0de-01'}, {number: 2, start: 2048, sectors: 4096, type: '83', partuuid: '0badc0de-02'}],
  })
})

test('logical partitions are numbered and placed as sfdisk does', async (t) => {
  const bytes = await disk(t, 'label: dos\nlabel-id: 0x1\nstart=64, size=100, type=83\nstart=1024, size=6000, type=5\nstart=1100, size=100, type=83\nstart=1300, size=200, type=83\nstart=1600, size=300, type=83\n')
  t.deepEqual(read(bytes).partitions.map(({number, start, sectors: length}) => [number, start, length]), [[1, 64, 100], [5, 1100, 100], [6, 1300, 200], [7, 1600, 300]])
})

test('a GPT, and whether its copy is good', async (t) => {
  const bytes = await disk(t, gpt)
  const table = read(bytes)
  t.is(table.kind, 'gpt')
  t.is(table.backup, 'good')
  t.deepEqual(table.partitions.map(({number, start, sectors: length, partuuid}) => [number, start, length, partuuid]), [[1, 512, 1024, 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeee01'], [2, 2048, 4096, 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeee02']])
  bytes.fill(0, bytes.length - 33 * 512)
  t.is(read(bytes).backup, 'bad')
})

test('no table at all', (t) => problem(t, Buffer.alloc(4096), /no partition table/))
test('a file shorter than a sector', (t) => problem(t, Buffer.alloc(100), /no partition table/, 0))

test('an empty table', (t) => {
  const bytes = Buffer.alloc(4096)
  bytes.writeUInt16LE(0xaa55, 510)
  problem(t, bytes, /empty/)
})

test('a boot sector that is no partition table', async (t) => {
  const bytes = await disk(t, mbr)
  bytes[446] = 0x41
  problem(t, bytes, /neither active nor inactive/)
})

test('partitions that overlap', async (t) => {
  const bytes = await disk(t, mbr)
  bytes.writeUInt32LE(1000, 446 + 16 + 8)
  problem(t, bytes, /partitions 1 and 2 overlap/)
})

test('a partition beyond the end of the disk', async (t) => problem(t, await disk(t, mbr), /partition 2 ends at sector 6144, but the disk at 6000/, 6000))

test('a partition of no length, and one that begins at the table', async (t) => {
  const bytes = await disk(t, mbr)
  bytes.writeUInt32LE(0, 446 + 12)
  problem(t, bytes, /has 0 sectors/)
  const other = await disk(t, mbr)
  other.writeUInt32LE(0, 446 + 8)
  problem(t, other, /begins at sector 0/)
})

test('a chain of logical partitions that goes in a circle, leads off the disk, or is broken', async (t) => {
  const script = 'label: dos\nstart=1024, size=6000, type=5\nstart=1100, size=100, type=83\nstart=1300, size=200, type=83\n'
  const chain = async (change: (bytes: Buffer) => void): Promise<Buffer> => {
    const bytes = await disk(t, script)
    change(bytes)
    return bytes
  }
  const next = 1024 * 512 + 446 + 16 + 8
  problem(t, await chain((bytes) => bytes.writeUInt32LE(0, next)), /circle/)
  problem(t, await chain((bytes) => bytes.writeUInt32LE(0x7fffffff, next)), /nowhere/)
  problem(t, await chain((bytes) => bytes.fill(0, 1024 * 512, 1025 * 512)), /broken/)
  problem(t, await chain((bytes) => { bytes[446 + 16 + 4] = 5; bytes.writeUInt32LE(7000, 446 + 16 + 8); bytes.writeUInt32LE(100, 446 + 16 + 12) }), /more than one extended/)
})

test('a GPT that is changed anywhere', async (t) => {
  const bytes = await disk(t, gpt)
  for (const [offset, pattern] of [[512 + 40, /checksum of its header/], [1024 + 32, /checksum of its entries/], [512, /no header/]] as const) {
    const changed = Buffer.from(bytes)
    changed[offset] = (changed[offset] ?? 0) ^ 1
    problem(t, changed, pattern)
  }
})

/** A GPT whose header says something else, with checksums that fit. */
async function forged(t: ExecutionContext, change: (header: Buffer, bytes: Buffer) => void): Promise<Buffer> {
  const bytes = await disk(t, gpt)
  const header = bytes.subarray(512, 512 + 92)
  change(header, bytes)
  header.writeUInt32LE(crc32(bytes.subarray(1024, 1024 + 128 * 128)), 88)
  header.writeUInt32LE(0, 16)
  header.writeUInt32LE(crc32(header), 16)
  return bytes
}

test('a GPT that lies with good checksums', async (t) => {
  problem(t, await forged(t, (header) => header.writeUInt32LE(0x7fffffff, 80)), /claims 2147483647 entries/)
  problem(t, await forged(t, (header) => header.writeUInt32LE(8, 84)), /entries of 8 bytes/)
  problem(t, await forged(t, (header) => header.writeBigUInt64LE(2n ** 63n, 72)), /beyond the end/)
  problem(t, await forged(t, (header) => header.writeBigUInt64LE(7n, 24)), /another sector/)
  problem(t, await forged(t, (_header, bytes) => bytes.writeBigUInt64LE(2n ** 62n, 1024 + 40)), /partition 1 reaches/)
  problem(t, await forged(t, (_header, bytes) => bytes.writeBigUInt64LE(2n, 1024 + 32)), /partition 1 reaches from sector 2/)
  problem(t, await forged(t, (_header, bytes) => bytes.writeBigUInt64LE(1000n, 1024 + 128 + 32)), /overlap/)
})

test('a longer entry of an MBR: sfdisk agrees, and the signature stays', async (t) => {
  const bytes = await disk(t, mbr)
  const {offset, bytes: entry} = mbrLengthPatch(readerOf(bytes), {number: 2, sectors: 6000})
  entry.copy(bytes, offset)
  t.deepEqual(read(bytes).partitions.map(({partuuid, sectors: length}) => [partuuid, length]), [['0badc0de-01', 1024], ['0badc0de-02', 6000]])
})

test('a larger GPT: its copy lies at the new end, sfdisk finds nothing wrong, all GUIDs stay', async (t) => {
  const bytes = await disk(t, gpt)
  bytes.fill(0, bytes.length - 33 * 512)
  const grown = Buffer.alloc(2 * bytes.length)
  bytes.copy(grown)
  for (const {offset, bytes: part} of gptPatches(readerOf(bytes), sectors, 2 * sectors, {number: 2, sectors: 12000})) part.copy(grown, offset)
  const table = read(grown)
  t.is(table.backup, 'good')
  t.deepEqual(table.partitions.map(({partuuid, sectors: length}) => [partuuid, length]), [['aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeee01', 1024], ['aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeee02', 12000]])
  const path = join(await tempDir(t), 'grown')
  writeFileSync(path, grown)
  t.regex(execFileSync(program('sfdisk'), ['--verify', path], {encoding: 'utf8'}), /No errors detected/)
  const {partitiontable: said} = JSON.parse(execFileSync(program('sfdisk'), ['--json', path], {encoding: 'utf8'})) as {partitiontable: {id: string; lastlba: number}}
  t.is(said.id, '11111111-2222-3333-4444-555555555500')
  t.is(said.lastlba, 2 * sectors - 34)
})

test('no bytes make it throw anything but a Problem, nor give partitions off the disk', async (t) => {
  const seeds = [await disk(t, mbr), await disk(t, gpt), await disk(t, 'label: dos\nstart=1024, size=6000, type=5\nstart=1100, size=100, type=83\nstart=1300, size=200, type=83\n')]
  const place = fc.oneof(fc.integer({min: 440, max: 511}), fc.integer({min: 512, max: 1536}), fc.integer({min: 1024 * 512 + 440, max: 1024 * 512 + 511}))
  fc.assert(fc.property(fc.constantFrom(...seeds), fc.array(fc.tuple(place, fc.nat(255)), {minLength: 1, maxLength: 8}), fc.integer({min: 0, max: 2 * sectors}), (seed, changes, count) => {
    const before = changes.map(([offset]) => [offset, seed[offset] ?? 0] as const)
    for (const [offset, value] of changes) seed[offset] = value
    try {
      let end = 1
      for (const {start, sectors: length} of read(seed, count).partitions) {
        if (start < end || length < 1 || start + length > count) return false
        end = start + length
      }
      return true
    } catch (error) {
      return error instanceof Problem
    } finally {
      for (const [offset, value] of before.toReversed()) seed[offset] = value
    }
  }), {numRuns: 3000})
  t.pass()
})
