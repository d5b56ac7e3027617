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
  readonly said: string
  readonly root?: Part
  readonly sectors?: number
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

function withRows(rows: readonly string[], sectors = large): (path: string) => void {
  return (path) => { partitioned(path, sectors, rows) }
}

const damaged = 'GPT damaged, or of another kind'
const cases: Readonly<Record<string, Case>> = {
  'header-without-name': {make: spoiled(512, [0]), said: damaged},
  'header-with-another-sum': {make: spoiled(512 + 57, [0x99]), said: damaged},
  'header-of-another-sector': {make: spoiled(512 + 24, [2]), said: damaged},
  'list-with-another-sum': {make: spoiled(1024 + 128 + 60, [0x99]), said: damaged},
  'empty-header': {make: spoiled(512, Array<number>(512).fill(0)), said: damaged},
  // a kernel does not take this size either (block/partitions/efi.c), and its root would not be found
  'entries-of-256-bytes': {make: byHand({entrySize: 256}), said: damaged},
  'list-elsewhere': {make: byHand({listAt: 100, firstUsable: 200}), said: damaged},
  'list-among-partitions': {make: byHand({firstUsable: 20}), said: damaged},
  'no-table': {make: (path) => { writeFileSync(path, Buffer.alloc(1024)) }, said: 'no partition table'},
  'empty-disk': {make: (path) => { writeFileSync(path, '') }, said: 'no partition table', sectors: 0},
  'no-such-partition': {make: byHand(), root: {...root, number: 3}, said: 'no partition 3 in the table'},
  'number-beyond-the-list': {make: byHand({count: 4}), root: {...root, number: 5}, said: 'no partition 5 in the table'},
  'another-start-than-the-kernel-says': {make: withRows(mbr, small), root: {...root, start: 8200}, said: 'no partition 2 in the table'},
  'logical': {make: withRows([...mbr.slice(0, 3), '2: start=4608, size=60000, type=5', '5: start=8192, size=4096, type=83'], large), root: {...root, number: 5}, said: 'no partition 5 in the table'},
  // nothing to be done, and nothing to be said
  'full-mbr': {make: withRows([...mbr.slice(0, 3), `start=8192, size=${large - 8192}, type=83`]), root: {...root, sectors: large - 8192}, said: ''},
  'full-gpt': {make: byHand({sectors: large, parts: [boot, {...root, sectors: large - 33 - 8192}]}), root: {...root, sectors: large - 33 - 8192}, said: ''},
  'less-than-1-MiB': {make: byHand({sectors: large, parts: [boot, {...root, sectors: large - 33 - 2047 - 8192}]}), root: {...root, sectors: large - 33 - 2047 - 8192}, said: ''},
  'next-to-it': {make: withRows([...mbr, 'start=12288, size=2048, type=83']), said: ''},
  'disk-cut-off': {make: byHand({sectors: 2 * large, parts: [boot, {...root, sectors: large}]}), root: {...root, sectors: large}, said: ''},
  'one-behind-beyond-the-disk': {make: byHand({sectors: 2 * large, parts: [boot, root, {number: 3, start: large - 8000, sectors: 9000}]}), said: ''},
  'within-another': {make: byHand({parts: [boot, root, {number: 3, start: 4608, sectors: 10000}]}), said: ''},
}

inRoot(`what is not to be grown is not touched${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const trials = Object.entries(cases).map(([name, {make, sectors = large, ...rest}]) => {
    make(diskIn(machine, name))
    if (sectors > 0) truncateSync(diskIn(machine, name), sectors * 512)
    return {name, sectors, root: rest.root ?? root}
  })
  const before = trials.map(({name}) => readFileSync(diskIn(machine, name)))
  for (const [index, {code, said}] of growAll(machine, trials).entries()) {
    const name = trials[index]?.name ?? ''
    const expected = cases[name]?.said ?? ''
    t.deepEqual({name, code, said}, {name, code: expected === '' ? 0 : 1, said: expected === '' ? '' : `/tmp/${name}: ${expected}\n`})
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
  t.deepEqual(growAll(machine, [{name: 'disk', root, sectors: large}]), [{code: 1, said: '/tmp/disk: cannot be written\n'}])
  t.true(readFileSync(diskIn(machine, 'disk')).equals(before))
})
