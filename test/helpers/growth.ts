import {execFileSync} from 'node:child_process'
import {closeSync, openSync, readSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {crc32} from 'node:zlib'
import {patch, program} from './disk.ts'
import type {DemoRoot} from './demo-root.ts'

/** Numbers in sectors of the disk, as a table has them. */
export interface Part {
  readonly number: number
  readonly start: number
  readonly sectors: number
}

/** A disk that is a file in /tmp of a root, and the partition on it that the kernel took for the root. */
export interface Trial {
  readonly name: string
  readonly root: Part
  readonly sectors: number
  readonly logical?: number
  /** The starts of other partitions that the kernel shows. */
  readonly others?: readonly number[]
}

export interface Grown {
  /** 1 where the disk is to be looked at again. */
  readonly code: number
  /** What was logged, and how partx was called. */
  readonly said: string
}

/** Shell text: find_root finds what a test says, what is logged and how partx is called is said. */
const quiet = `
. /usr/lib/rc.cloud/lib.sh
log() { echo "$*"; }
partx() { echo "partx $*"; }
try() {
  ROOT=/tmp/sys/$1/root NUMBER=$2 START=$3 SIZE=$4 WHOLE=$5 SECTOR=$6
  mkdir -p $ROOT
  echo $START > $ROOT/start; echo $SIZE > $ROOT/size; echo DEVNAME=root > $ROOT/uevent
  echo DEVNAME=../tmp/$1 > $ROOT/../uevent
  shift 6
  for start; do mkdir -p $ROOT/../at$start; echo $start > $ROOT/../at$start/start; done
  find_root() { FS=ext4; }
  grow_disk
  [ -n "$FS" ]
  echo "= $?"
}
`

/** Grows the root of each, in this order. */
export function growAll(root: DemoRoot, trials: readonly Trial[], before = ''): readonly Grown[] {
  const calls = trials.map(({name, root: {number, start, sectors: size}, sectors, logical = 512, others = []}) => {
    const unit = logical / 512
    return `try ${name} ${number} ${start * unit} ${size * unit} ${sectors * unit} ${logical} ${others.map((other) => other * unit).join(' ')}\n`
  })
  const {stdout, stderr, code} = root.run(quiet + before + calls.join(''))
  const said = [...stdout.matchAll(/((?:(?!= ).*\n)*)= (\d+)\n/g)].map((match) => ({said: match[1] ?? '', code: Number(match[2])}))
  if (said.length !== trials.length || code !== 0 || stderr !== '') throw new Error(`${code}: ${stdout}${stderr}`)
  return said
}

export function diskIn(root: DemoRoot, name: string): string {
  return join(root.folder, 'tmp', name)
}

/** Makes a table by sfdisk on a disk of that many sectors of 512 bytes. */
export function partitioned(path: string, sectors: number, rows: readonly string[]): void {
  writeFileSync(path, '')
  truncateSync(path, sectors * 512)
  execFileSync(program('sfdisk'), ['-q', path], {input: `${rows.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe']})
}

/** What sfdisk reads, less the sizes of the disk; each row's size apart. */
export function dumped(path: string): {readonly rows: readonly string[]; readonly sizes: readonly number[]} {
  const text = execFileSync(program('sfdisk'), ['-d', path], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']})
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('last-lba'))
  return {
    // behind a name that ends in a digit it puts a p
    rows: lines.map((line) => line.replace(path, '').replace(/^p/, '').replace(/size= *\d+/, 'size=')),
    sizes: lines.flatMap((line) => /size= *(\d+)/.exec(line)?.[1] ?? []).map(Number),
  }
}

/** What sfdisk, or for other sectors fdisk, thinks of a table. */
export function verified(path: string, logical = 512): string {
  return logical === 512
    ? execFileSync(program('sfdisk'), ['--verify', path], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']})
    : execFileSync(program('fdisk'), ['-b', String(logical), path], {encoding: 'utf8', input: 'v\nq\n', stdio: ['pipe', 'pipe', 'pipe']})
}

export interface GptOptions {
  readonly sectors: number
  readonly parts: readonly Part[]
  readonly logical?: number
  readonly count?: number
  readonly entrySize?: number
  /** Where the list of the front is. */
  readonly listAt?: number
}

/** Writes a GPT by hand, for what sfdisk does not make. */
export function writeGpt(path: string, {sectors, parts, logical = 512, count = 128, entrySize = 128, listAt = 2}: GptOptions): void {
  const blocks = Math.ceil((count * entrySize) / logical)
  const list = Buffer.alloc(blocks * logical)
  for (const {number, start, sectors: length} of parts) {
    const entry = list.subarray((number - 1) * entrySize)
    entry.write('a2a0d0ebe5b9334487c068b6b72699c7', 0, 'hex')
    entry.fill(0xa0 + number, 16, 32)
    entry.writeBigUInt64LE(BigInt(start), 32)
    entry.writeBigUInt64LE(BigInt(start + length - 1), 40)
    entry.writeBigUInt64LE(4n, 48)
    entry.write(`part ${number}`, 56, 'utf16le')
  }
  const header = (my: number, other: number, at: number): Buffer => {
    const bytes = Buffer.alloc(logical)
    bytes.write('EFI PART\0\0\u0001\0\x5c\0\0\0', 0, 'latin1')
    for (const [offset, lba] of [[24, my], [32, other], [40, listAt + blocks], [48, sectors - 2 - blocks], [72, at]] as const) bytes.writeBigUInt64LE(BigInt(lba), offset)
    bytes.write('11111111222233334444555555555500', 56, 'hex')
    for (const [offset, value] of [[80, count], [84, entrySize], [88, crc32(list.subarray(0, count * entrySize))]] as const) bytes.writeUInt32LE(value, offset)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 92)), 16)
    return bytes
  }
  const guard = Buffer.alloc(66)
  guard.write('00000200eeffffff01000000', 0, 'hex')
  guard.writeUInt32LE(Math.min(sectors - 1, 0xffffffff), 12)
  guard.writeUInt16LE(0xaa55, 64)
  writeFileSync(path, '')
  truncateSync(path, sectors * logical)
  patch(path, 446, guard)
  patch(path, logical, header(1, sectors - 1, listAt))
  patch(path, listAt * logical, list)
  patch(path, (sectors - 1 - blocks) * logical, list)
  patch(path, (sectors - 1) * logical, header(sectors - 1, 1, sectors - 1 - blocks))
}

export interface Gpt {
  readonly other: number
  readonly lastUsable: number
  readonly listAt: number
  readonly parts: readonly Part[]
  /** All that must never change: the disk's GUID, and each entry without its end. */
  readonly identity: string
}

/** The GPT that a header at a sector begins, if both its checksums are right: what the kernel asks of it. */
export function readGpt(path: string, sector: number, logical = 512): Gpt | undefined {
  const header = bytesAt(path, sector * logical, 92)
  const number = (offset: number): number => Number(header.readBigUInt64LE(offset))
  const [count, sum] = [header.readUInt32LE(80), header.readUInt32LE(16)]
  header.writeUInt32LE(0, 16)
  if (header.toString('latin1', 0, 8) !== 'EFI PART' || crc32(header) !== sum || number(24) !== sector) return undefined
  const list = bytesAt(path, number(72) * logical, count * 128)
  if (crc32(list) !== header.readUInt32LE(88)) return undefined
  const entries = Array.from({length: count}, (_, index) => list.subarray(index * 128, index * 128 + 128))
  return {
    other: number(32), lastUsable: number(48), listAt: number(72),
    parts: entries.flatMap((entry, index) => {
      const [start, end] = [Number(entry.readBigUInt64LE(32)), Number(entry.readBigUInt64LE(40))]
      return entry.readBigUInt64LE(0) === 0n ? [] : [{number: index + 1, start, sectors: end - start + 1}]
    }),
    identity: [header.subarray(56, 72), ...entries.flatMap((entry) => [entry.subarray(0, 40), entry.subarray(48)])].map((bytes) => bytes.toString('hex')).join(),
  }
}

export function bytesAt(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    readSync(file, bytes, 0, length, offset)
    return bytes
  } finally {
    closeSync(file)
  }
}
