import {copyFileSync, readdirSync, readFileSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot, type DemoRoot} from '../helpers/demo-root.ts'
import {patch} from '../helpers/disk.ts'
import {diskIn, dumped, growAll, partitioned, readGpt, verified, writeGpt, type Part, type Trial} from '../helpers/growth.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const [small, large] = [2048, 6144]
const boot: Part = {number: 1, start: 128, sectors: 128}
const root: Part = {number: 2, start: 512, sectors: 1024}
const mbr = ['label: dos', 'label-id: 0x0badc0de', 'start=128, size=128, type=83, bootable', 'start=512, size=1024, type=83']

/** Keeps the sectors that each dd has put on the disk, by their place. */
const recorded = `
dd() {
  local a count=1 bytes= at=
  command dd "$@" || return
  for a; do
    case $a in seek=*) at=\${a#*=} ;; bs=*) bs=\${a#*=} ;; count=*) count=\${a#*=} ;; oflag=seek_bytes) bytes=1 ;; esac
  done
  [ -n "$at" ] || return 0
  [ -z "$bytes" ] || at=$((at / bs))
  command dd if=/tmp/disk "of=/tmp/write-$(ls /tmp | grep -c write- | xargs printf %02d)-$at" bs=$bs skip=$at count=$count 2> /dev/null
}
`

interface Write {
  readonly offset: number
  readonly bytes: Buffer
}

function writesIn(machine: DemoRoot, logical: number): readonly Write[] {
  return readdirSync(join(machine.folder, 'tmp')).filter((name) => name.startsWith('write-')).sort()
    .map((name) => ({offset: Number(name.split('-')[2]) * logical, bytes: readFileSync(diskIn(machine, name))}))
}

/**
 * Every state that a disk can be in while it is written: after each write, and within one of several sectors after some of
 * them, the first or the last first, for a disk writes them in the order it likes, but each whole or not at all.
 */
function states(before: Buffer, writes: readonly Write[], logical: number): readonly Buffer[] {
  const found = [before]
  let disk = before
  for (const {offset, bytes} of writes) {
    const all = bytes.length / logical
    for (const [from, to] of [[0, 1], [0, all >> 1], [1, all], [all - 1, all]] as const) {
      if (all > 1) found.push(put(disk, offset + from * logical, bytes.subarray(from * logical, to * logical)))
    }
    found.push(disk = put(disk, offset, bytes))
  }
  return found
}

function put(disk: Buffer, offset: number, bytes: Buffer): Buffer {
  const copy = Buffer.from(disk)
  bytes.copy(copy, offset)
  return copy
}

interface Kind {
  readonly make: (path: string) => void
  readonly logical?: number
  readonly writes: number
}

const gpt = (logical: number, count: number) => (path: string): void => { writeGpt(path, {sectors: small, logical, count, parts: [boot, root]}) }
const kinds: Readonly<Record<string, Kind>> = {
  'mbr': {make: (path) => { partitioned(path, small, mbr) }, writes: 1},
  'gpt': {make: gpt(512, 128), writes: 7},
  'gpt-4096': {make: gpt(4096, 128), logical: 4096, writes: 7},
  // where the new copy's list lies over the old copy
  'gpt-near': {make: (path) => { writeGpt(path, {sectors: large - 8, parts: [boot, root]}) }, writes: 7},
  // where the disk has its size already
  'gpt-same': {make: (path) => { writeGpt(path, {sectors: large, parts: [boot, root]}) }, writes: 7},
  'gpt-no-copy': {make: (path) => { gpt(512, 128)(path); patch(path, (small - 33) * 512, Buffer.alloc(33 * 512)) }, writes: 7},
}

/** What a kernel sees of a disk. */
function rootOf(path: string, logical: number, isGpt: boolean): Part | undefined {
  if (!isGpt) return {...root, sectors: dumped(path).sizes[1] ?? 0}
  const parts = readGpt(path, 1, logical)?.parts
  return parts?.[0]?.sectors === boot.sectors ? parts[1] : undefined
}

async function checkCuts(t: ExecutionContext, kind: string, {make, logical = 512, writes: expected}: Kind): Promise<void> {
  const machine = await cloudRoot(t)
  const isGpt = kind !== 'mbr'
  const disk = diskIn(machine, 'disk')
  make(disk)
  truncateSync(disk, large * logical)
  const before = readFileSync(disk)
  const identity = readGpt(disk, 1, logical)?.identity
  growAll(machine, [{name: 'disk', root, sectors: large, logical}], recorded)
  const [writes, final] = [writesIn(machine, logical), readFileSync(disk)]
  t.is(writes.length, expected)
  t.regex(verified(disk, logical), /No errors detected/)
  const ended = rootOf(disk, logical, isGpt)
  t.true((ended?.sectors ?? 0) > root.sectors)
  const cuts = states(before, writes, logical)
  t.true(cuts.at(-1)?.equals(final))
  const trials: Trial[] = []
  for (const [index, cut] of cuts.entries()) {
    const name = `cut-${index}`
    const path = diskIn(machine, name)
    copyFileSync(disk, path)
    patch(path, 0, cut)
    const found = rootOf(path, logical, isGpt)
    t.true(found !== undefined && (found.sectors === root.sectors || found.sectors === ended?.sectors), `${kind}, state ${index}: ${JSON.stringify(found)}`)
    t.is(readGpt(path, 1, logical)?.identity, identity)
    if (logical === 512) t.deepEqual(dumped(path).rows, dumped(disk).rows, `${kind}, state ${index}`)
    trials.push({name, root: found ?? root, sectors: large, logical})
  }
  t.true(growAll(machine, trials).every(({code}) => code === 0))
  for (const {name} of trials) t.true(readFileSync(diskIn(machine, name)).equals(final), `${kind}, after ${name}`)
}

for (const [kind, expected] of Object.entries(kinds)) {
  inRoot(`the power goes at any write of ${kind}: it can be read, and the next boot ends what was begun${why}`, async (t) => {
    await checkCuts(t, kind, expected)
  })
}

inRoot(`the disk grows once more before that next boot${why}`, async (t) => {
  const machine = await cloudRoot(t)
  const disk = diskIn(machine, 'disk')
  gpt(512, 128)(disk)
  truncateSync(disk, large * 512)
  const before = readFileSync(disk)
  growAll(machine, [{name: 'disk', root, sectors: large}], recorded)
  const larger = large + 2500
  const trials: Trial[] = states(before, writesIn(machine, 512), 512).map((cut, index) => {
    const path = diskIn(machine, `cut-${index}`)
    copyFileSync(disk, path)
    patch(path, 0, cut)
    truncateSync(path, larger * 512)
    return {name: `cut-${index}`, root: rootOf(path, 512, true) ?? root, sectors: larger}
  })
  t.true(growAll(machine, trials).every(({code}) => code === 0))
  for (const {name} of trials) {
    t.deepEqual(readGpt(diskIn(machine, name), 1)?.parts, [boot, {...root, sectors: larger - 33 - root.start}], name)
    t.regex(verified(diskIn(machine, name)), /No errors detected/, name)
  }
})
