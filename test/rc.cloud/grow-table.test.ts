import {copyFileSync, readFileSync, truncateSync} from 'node:fs'
import test from 'ava'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {patch} from '../helpers/disk.ts'
import {bytesAt, diskIn, dumped, growAll, partitioned, readGpt, verified, writeGpt, type Part, type Trial} from '../helpers/growth.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** OpenWrt's, but smaller: sectors of the disk as it was written, and as it is found. */
const [small, large] = [16384, 65536]
const root: Part = {number: 2, start: 8192, sectors: 4096}
const uuid = '11111111-2222-3333-4444-5555555555'
const layouts = {
  mbr: ['label: dos', 'label-id: 0x0badc0de', 'start=512, size=4096, type=83, bootable', 'start=8192, size=4096, type=83'],
  // 128 is where GRUB lies, as gen_image_generic.sh has it made
  gpt: [
    'label: gpt', 'first-lba: 34', `label-id: ${uuid}00`, `start=512, size=4096, type=U, uuid=${uuid}01`,
    `start=8192, size=4096, type=L, uuid=${uuid}02, name="root $(fs)", attrs="LegacyBIOSBootable GUID:60"`,
    `128: start=34, size=478, type=21686148-6449-6E6F-744E-656564454649, uuid=${uuid}80`,
  ],
} as const

/** The end of a GPT's last partition: behind it are the copy's list of 32 sectors and its header. */
const endOf = {mbr: large, gpt: large - 33} as const

inRoot(`a table that sfdisk made: only the root's size changes, and what follows from it${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const trials: Trial[] = []
  for (const [name, rows, spoil] of [
    ['mbr', layouts.mbr], ['gpt', layouts.gpt],
    // as dd leaves it when the image has none
    ['gpt-no-copy', layouts.gpt, (path: string) => { patch(path, (small - 33) * 512, Buffer.alloc(33 * 512)) }],
  ] as const) {
    const path = diskIn(machine, name)
    partitioned(path, small, rows)
    spoil?.(path)
    copyFileSync(path, `${path}.old`)
    truncateSync(path, large * 512)
    truncateSync(`${path}.old`, large * 512)
    trials.push({name, root, sectors: large})
  }
  const grown = growAll(machine, trials)
  for (const [index, {name}] of trials.entries()) {
    const path = diskIn(machine, name)
    const size = endOf[name === 'mbr' ? 'mbr' : 'gpt'] - root.start
    t.deepEqual(grown[index], {code: 0, said: `partx -u -n 2 /dev/../tmp/${name}\n/dev/root: 2 MiB\n`})
    t.regex(verified(path), /No errors detected/)
    t.deepEqual(dumped(path).rows, dumped(`${path}.old`).rows)
    t.deepEqual(dumped(path).sizes, dumped(`${path}.old`).sizes.map((old, at) => (at === 1 ? size : old)))
  }
  // of the MBR only the 4 bytes of the root's size
  const [before, after] = ['mbr.old', 'mbr'].map((name) => readFileSync(diskIn(machine, name)))
  const changed = [...before?.keys() ?? []].filter((at) => before?.[at] !== after?.[at])
  t.true(changed.length > 0 && changed.every((at) => at >= 474 && at < 478), changed.join())
  const disk = diskIn(machine, 'gpt-no-copy')
  const [front, copy] = [readGpt(disk, 1), readGpt(disk, large - 1)]
  t.deepEqual([front?.other, front?.listAt, front?.lastUsable, copy?.other, copy?.listAt], [large - 1, 2, large - 34, 1, large - 33])
  t.is(front?.identity, readGpt(`${disk}.old`, 1)?.identity)
  t.deepEqual({...copy, other: 0, listAt: 0}, {...front, other: 0, listAt: 0})
  t.is(bytesAt(disk, 458, 4).readUInt32LE(), large - 1)
  // once more: nothing
  const done = trials.map(({name}) => readFileSync(diskIn(machine, name)))
  t.deepEqual(growAll(machine, trials.map((trial) => ({...trial, root: {...root, sectors: endOf[trial.name === 'mbr' ? 'mbr' : 'gpt'] - root.start}}))), trials.map(({name}) => ({code: 0, said: `/dev/root: ${name === 'mbr' ? 28 : 27} MiB\n`})))
  t.true(trials.every(({name}, index) => readFileSync(diskIn(machine, name)).equals(done[index] ?? Buffer.alloc(0))))
})

inRoot(`sectors of 4096 bytes${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const part: Part = {number: 2, start: 1024, sectors: 1024}
  const [sectors, logical] = [8192, 4096]
  const [gpt, mbr] = [diskIn(machine, 'gpt'), diskIn(machine, 'mbr')]
  // a list whose end is within a sector
  writeGpt(gpt, {sectors: 4096, logical, count: 100, parts: [{number: 1, start: 64, sectors: 64}, part]})
  const before = readGpt(gpt, 1, logical)
  partitioned(mbr, 4096 * 8, ['label: dos', 'label-id: 0x0badc0de', 'start=64, size=64, type=83', `start=${part.start}, size=${part.sectors}, type=83`])
  for (const path of [gpt, mbr]) truncateSync(path, sectors * logical)
  t.deepEqual(growAll(machine, ['gpt', 'mbr'].map((name) => ({name, root: part, sectors, logical}))).map(({code}) => code), [0, 0])
  for (const path of [gpt, mbr]) t.regex(verified(path, logical), /No errors detected/)
  const after = readGpt(gpt, 1, logical)
  t.deepEqual(after?.parts, [{number: 1, start: 64, sectors: 64}, {...part, sectors: sectors - 1 - 4 - part.start}])
  t.deepEqual([after?.identity, after?.other], [before?.identity, sectors - 1])
  t.deepEqual(readGpt(gpt, sectors - 1, logical)?.parts, after?.parts)
  t.is(bytesAt(mbr, 474, 4).readUInt32LE(), sectors - part.start)
})

inRoot(`a disk of more than 2 TiB: a GPT takes it, an MBR what it can count${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const huge = 3 * 2 ** 31
  for (const kind of ['mbr', 'gpt'] as const) {
    partitioned(diskIn(machine, kind), small, layouts[kind])
    truncateSync(diskIn(machine, kind), huge * 512)
  }
  growAll(machine, ['mbr', 'gpt'].map((name) => ({name, root, sectors: huge})))
  t.deepEqual(dumped(diskIn(machine, 'mbr')).sizes, [4096, 2 ** 32 - root.start])
  t.deepEqual(dumped(diskIn(machine, 'gpt')).sizes, [4096, huge - 33 - root.start, 478])
  for (const kind of ['mbr', 'gpt']) t.regex(verified(diskIn(machine, kind)), /No errors detected/)
  t.is(bytesAt(diskIn(machine, 'gpt'), 458, 4).readUInt32LE(), 0xffffffff)
  // the last sector beyond 32 bits, where the root was there before
  truncateSync(diskIn(machine, 'gpt'), (huge + 2 ** 20) * 512)
  growAll(machine, [{name: 'gpt', root: {...root, sectors: huge - 33 - root.start}, sectors: huge + 2 ** 20}])
  t.deepEqual(dumped(diskIn(machine, 'gpt')).sizes, [4096, huge + 2 ** 20 - 33 - root.start, 478])
  t.regex(verified(diskIn(machine, 'gpt')), /No errors detected/)
})
