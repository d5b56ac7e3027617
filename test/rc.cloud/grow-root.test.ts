import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {rcCloud} from '../helpers/cloud-root.ts'
import {debugfs, flawAsMakeExt4fs, fsckCode, makeDisk, program, type Disk} from '../helpers/disk.ts'
import {makeBench, MiB, noLoop} from '../helpers/edit-bench.ts'
import {findProgram} from '../../pipeline/tools/run.ts'
import {tempDir} from '../helpers/temp.ts'

const noMount = noLoop ?? (existsSync('/bin/busybox') ? undefined : 'needs busybox')
/** CAP_SYS_RESOURCE, without which no kernel grows a file system: root in a container may lack it. */
const capable = (BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`) >> 24n) % 2n === 1n
const noGrowth = noMount ?? (capable ? undefined : 'needs CAP_SYS_RESOURCE')
const noUcode = noGrowth ?? (findProgram('ucode') === undefined ? 'no ucode' : undefined)

/** A test, unless something is missing for it. */
function testUnless(missing: string | undefined, title: string, body: (t: ExecutionContext) => Promise<void>): void {
  if (missing === undefined) test(title, body)
  else test.skip(`${title} (skipped: ${missing})`, body)
}

/** Shell text: the root is the file system mounted at $1, in a partition of $2 sectors; $3 is all of PATH, $4 a folder, $5 where rc.cloud is. */
const grow = `
. "$5/base.sh"; . "$5/grow.sh"
log() { echo "$*"; }
LOG=$4/log STATE=$4 FS=ext4 WHOLE=$2 START=0
while read -r x x x x point rest; do
  [ "$point" != "$1" ] || DEVICE=\${rest#* - ext4 }
done < /proc/self/mountinfo
DEVICE=\${DEVICE%% *} POINT=$1 SIZE=$2 PATH=$3
grow_root
[ ! -e "$STATE/disk" ] || log grown
`

interface Growth {
  readonly said: string
  readonly blocks: number
  readonly sound: boolean
}

/** Mounts the root of a disk whose partition is that large, has it grow as on a machine, and looks at what came of it. */
function grown(folder: string, {path, offset}: Disk, sectors: number, tools: readonly string[]): Growth {
  const [place, scratch] = [join(folder, 'mount'), join(folder, 'scratch')]
  const bin = join(scratch, 'bin')
  mkdirSync(place)
  mkdirSync(bin, {recursive: true})
  for (const name of ['dd', 'hexdump']) execFileSync('ln', ['-s', '/bin/busybox', join(bin, name)])
  for (const name of tools) execFileSync('ln', ['-s', program(name), join(bin, name)])
  truncateSync(path, offset + sectors * 512)
  execFileSync('mount', ['-t', 'ext4', '-o', `loop,offset=${offset},sizelimit=${sectors * 512}`, path, place])
  try {
    const {stdout, stderr} = spawnSync('/bin/busybox', ['ash', '-c', grow, 'ash', place, String(sectors), bin, scratch, join(rcCloud, 'lib')], {encoding: 'utf8'})
    execFileSync('umount', [place])
    return {said: (stdout + stderr).replace(/\/dev\/loop\d+/g, 'DEVICE'), blocks: Number(/Block count: +(\d+)/.exec(debugfs(path, 'stats', offset))?.[1]), sound: fsckCode({path, offset}) === 0}
  } finally {
    spawnSync('umount', [place])
    rmSync(place, {recursive: true})
    rmSync(scratch, {recursive: true})
  }
}

const stays = 'DEVICE: its ext4 cannot grow\n'
const before = 104 * MiB / 512
const after = 600 * MiB / 512

testUnless(noGrowth, 'a root that make_ext4fs has made grows while it is mounted, once the edit stage had it; before, it does not', async (t) => {
  const bench = await makeBench(t, {size: 104, spoil: flawAsMakeExt4fs})
  await bench.done(t)
  const raw = grown(bench.folder, bench.disk, after, ['resize2fs'])
  const edited = grown(bench.folder, bench.edited, after, ['resize2fs'])
  t.deepEqual(edited, {said: 'grown\n', blocks: after / 8, sound: true})
  t.true(raw.blocks < after / 8)
  t.is(raw.said, stays)
})

testUnless(noGrowth, 'a root grows again and again, also with blocks of 1 KiB, and numbers of 64 bits', async (t) => {
  const folder = await tempDir(t)
  const disk = makeDisk(folder, 'disk.img', {size: 24, features: ['-O', '64bit,metadata_csum,^resize_inode,meta_bg', '-b', '1024']})
  // the last one is as it should be
  for (const size of [64, 300, 300]) {
    t.deepEqual(grown(folder, disk, size * 2048, ['resize2fs']), {said: 'grown\n', blocks: size * 1024, sound: true})
  }
})

testUnless(noMount, 'with nothing to grow it by, what is missing is said', async (t) => {
  const folder = await tempDir(t)
  const disk = makeDisk(folder, 'disk.img', {size: 104})
  t.deepEqual(grown(folder, disk, after, []), {said: stays, blocks: before / 8, sound: true})
})

testUnless(noUcode, 'ucode does it where there is no resize2fs', async (t) => {
  const bench = await makeBench(t, {size: 104, spoil: flawAsMakeExt4fs})
  await bench.done(t)
  for (const _ of [1, 2]) t.deepEqual(grown(bench.folder, bench.edited, after, ['ucode']), {said: 'grown\n', blocks: after / 8, sound: true})
  t.is(grown(bench.folder, bench.disk, after, ['ucode']).said, stays)
})
