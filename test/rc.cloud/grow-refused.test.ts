import {readFileSync, truncateSync, writeFileSync} from 'node:fs'
import test from 'ava'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {patch} from '../helpers/disk.ts'
import {bytesAt, diskIn, growAll, partitioned, readGpt, verified, writeGpt, type GptOptions, type Part} from '../helpers/growth.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const [small, large] = [16384, 65536]
const boot: Part = {number: 1, start: 512, sectors: 4096}
const root: Part = {number: 2, start: 8192, sectors: 4096}
const mbr = ['label: dos', 'label-id: 0x0badc0de', 'start=512, size=4096, type=83, bootable', 'start=8192, size=4096, type=83']

interface Case {
  readonly make: (path: string) => void
  readonly refused: boolean
  readonly root?: Part
  readonly others?: readonly number[]
}

function byHand(options: Partial<GptOptions> = {}): (path: string) => void {
  return (path) => { writeGpt(path, {sectors: small, parts: [boot, root], ...options}) }
}

/** A GPT with some bytes of it changed. */
function spoiled(offset: number, bytes: readonly number[]): (path: string) => void {
  return (path) => {
    byHand()(path)
    patch(path, offset, Buffer.from(bytes))
  }
}

function withRows(rows: readonly string[], sectors = small): (path: string) => void {
  return (path) => { partitioned(path, sectors, rows) }
}

const full = (sectors: number): Part => ({...root, sectors: sectors - root.start})
const cases: Readonly<Record<string, Case>> = {
  'header-without-name': {make: spoiled(512, [0]), refused: true},
  'header-with-another-sum': {make: spoiled(512 + 57, [0x99]), refused: true},
  'header-of-another-sector': {make: spoiled(512 + 24, [2]), refused: true},
  'list-with-another-sum': {make: spoiled(1024 + 128 + 60, [0x99]), refused: true},
  'empty-header': {make: spoiled(512, Array<number>(512).fill(0)), refused: true},
  // a kernel does not take this size either (block/partitions/efi.c), and its root would not be found
  'entries-of-256-bytes': {make: byHand({entrySize: 256}), refused: true},
  'list-elsewhere': {make: byHand({listAt: 100}), refused: true},
  'no-table': {make: (path) => { writeFileSync(path, Buffer.alloc(1024)) }, refused: true},
  'no-such-partition': {make: byHand(), root: {...root, number: 3}, refused: true},
  'another-start-than-the-kernel-says': {make: withRows(mbr), root: {...root, start: 8200}, refused: true},
  'logical': {make: withRows([...mbr.slice(0, 3), '2: start=4608, size=60000, type=5', '5: start=8192, size=4096, type=83'], large), root: {...root, number: 5}, others: [4608], refused: true},
  // nothing to be done
  'full-mbr': {make: withRows([...mbr.slice(0, 3), `start=8192, size=${large - 8192}, type=83`], large), root: full(large), refused: false},
  'full-gpt': {make: byHand({sectors: large, parts: [boot, full(large - 33)]}), root: full(large - 33), refused: false},
  'less-than-1-MiB': {make: byHand({sectors: large, parts: [boot, full(large - 33 - 2047)]}), root: full(large - 33 - 2047), refused: false},
  'disk-cut-off': {make: byHand({sectors: 2 * large, parts: [boot, full(large + 8192)]}), root: full(large), refused: false},
  'one-behind-mbr': {make: withRows([...mbr, 'start=15000, size=1000, type=83']), others: [15000], refused: false},
  'one-behind-gpt': {make: byHand({parts: [boot, root, {number: 3, start: 15000, sectors: 1000}]}), others: [15000], refused: false},
  'logical-behind': {make: withRows([...mbr, 'start=14000, size=2000, type=5', '5: start=15000, size=500, type=83']), others: [14000, 15000], refused: false},
}

inRoot(`what is not to be grown is not touched${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const trials = Object.entries(cases).map(([name, {make, root: part = root, others = []}]) => {
    make(diskIn(machine, name))
    truncateSync(diskIn(machine, name), large * 512)
    return {name, sectors: large, root: part, others: [boot.start, ...others]}
  })
  const before = trials.map(({name}) => readFileSync(diskIn(machine, name)))
  for (const [index, {code, said}] of growAll(machine, trials).entries()) {
    const {name, root: {sectors}} = trials[index] ?? {name: '', root}
    const refused = cases[name]?.refused
    t.deepEqual({name, code, said}, {name, code: Number(refused), said: refused ? '/dev/root: not grown\n' : `/dev/root: ${Math.floor(sectors / 2048)} MiB\n`})
    t.true(readFileSync(diskIn(machine, name)).equals(before[index] ?? Buffer.alloc(0)), name)
  }
})

inRoot(`a GPT of another length, or with an MBR that guards it in another way${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const guards = {'plain': large - 1, 'all-of-it': large - 1, 'hybrid': small - 1}
  const trials = [4, 56, 128, 1000].flatMap((count) => Object.keys(guards).map((guard) => ({name: `${count}-${guard}`, root, sectors: large, count, guard})))
  for (const {name, count, guard} of trials) {
    const path = diskIn(machine, name)
    writeGpt(path, {sectors: small, count, parts: [boot, root]})
    if (guard === 'all-of-it') patch(path, 458, Buffer.alloc(4, 0xff))
    if (guard === 'hybrid') patch(path, 462, Buffer.from('80000200830000000002000000100000', 'hex'))
    truncateSync(path, large * 512)
  }
  t.true(growAll(machine, trials).every(({code}) => code === 0))
  for (const {name, count, guard} of trials) {
    const path = diskIn(machine, name)
    const blocks = Math.ceil(count / 4)
    const expected = {lastUsable: large - 2 - blocks, parts: [boot, {...root, sectors: large - 1 - blocks - root.start}]}
    t.like(readGpt(path, 1), {...expected, other: large - 1, listAt: 2}, name)
    t.like(readGpt(path, large - 1), {...expected, other: 1, listAt: large - 1 - blocks}, name)
    t.is(bytesAt(path, 458, 4).readUInt32LE(), guards[guard as keyof typeof guards], name)
    if (guard !== 'hybrid') t.regex(verified(path), /No errors detected/, name)
  }
})

inRoot(`a disk that cannot be written: said, and to be tried again${why}`, async (t) => {
  const machine = await cloudRoot(t, {before: 'mount --bind "$1/tmp/disk" "$1/tmp/disk"; mount -o remount,bind,ro "$1/tmp/disk"'})
  partitioned(diskIn(machine, 'disk'), small, mbr)
  truncateSync(diskIn(machine, 'disk'), large * 512)
  const before = readFileSync(diskIn(machine, 'disk'))
  t.deepEqual(growAll(machine, [{name: 'disk', root, sectors: large}]), [{code: 1, said: '/dev/root: not grown\n'}])
  t.true(readFileSync(diskIn(machine, 'disk')).equals(before))
})
