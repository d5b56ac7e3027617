/**
 * What an edit costs: both editors against a plain script (cp, losetup, mount, cp, umount; it checks nothing) and against virt-customize,
 * all on copies of one image, turn by turn. Copy included, and for the editors every check and the reading back. Bars: user space at most twice
 * the script, and a hundred times as quick as virt-customize. Needs root and loop devices for all but user space.
 *
 * ROUNDS=1 for a first look; WITHOUT=virt-customize leaves it out.
 */
import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {EditorName} from '../../pipeline/model/recipe.ts'
import {editImage} from '../../pipeline/stages/edit/edit-image.ts'
import {loop} from '../../pipeline/stages/edit/loop.ts'
import {createRun, findProgram} from '../../pipeline/tools/run.ts'
import {flawAsMakeExt4fs, makeDisk} from '../helpers/disk.ts'
import {writeFiles, type Files} from '../helpers/files.ts'
import {median} from './measure.ts'

const rounds = Number(process.env['ROUNDS'] ?? 5)
const bars = {script: 2, virtCustomize: 100}
const hash = '$6$c1dR8Uk0jN0Lk3/w$' + 'x'.repeat(86)

const folder = mkdtempSync(join(tmpdir(), 'cloudwrt-bench-'))
const [work, overlay] = [join(folder, 'work'), join(folder, 'overlay')]

/** Bytes that do not compress, the same each time. */
function noise(length: number, seed: number): string {
  let state = seed + 1
  return Array.from({length}, () => String.fromCharCode(33 + ((state = (state * 1103515245 + 12345) % 2147483648) % 90))).join('')
}

/** About what an OpenWrt root has: 1800 files, 30 MiB; and what virt-customize takes for a system. */
function rootFiles(): Files {
  const many = Object.fromEntries(Array.from({length: 1700}, (_, index) => [`usr/lib/part${index % 40}/file${index}`, noise(index % 17 === 0 ? 200_000 : 6000, index)]))
  return {...many, 'etc/os-release': 'NAME="OpenWrt"\nID="openwrt"\nVERSION="24.10"\n', 'etc/hosts': '127.0.0.1 localhost\n', 'etc/fstab': '', 'etc/hostname': 'OpenWrt\n', 'bin/ash!': '#!/bin/sh\n'}
}

/** 52 entries: 35 files, 16 folders, a link comes with the script's `cp -a` as well. */
const overlayFiles: Files = Object.fromEntries(Array.from({length: 35}, (_, index) => [`${['etc', 'usr', 'lib', 'srv'][index % 4]}/cloud${index % 12}/file${index}`, noise(2000 + index * 500, index)]))

const script = `
set -e
cp --sparse=always "$1" "$2/image"
device=$(losetup --find --show --offset "$3" --sizelimit "$4" "$2/image")
mkdir -p "$2/mount"
mount "$device" "$2/mount"
sed -i 's,^root:[^:]*:,root:*:,' "$2/mount/etc/shadow"
cp -a "$5/." "$2/mount/"
umount "$2/mount"
losetup --detach "$device"
sync "$2/image"
`

const disk = makeDisk(folder, 'disk.img', {size: 104, files: rootFiles(), spoil: flawAsMakeExt4fs})
writeFiles(overlay, overlayFiles)
const run = createRun({signal: new AbortController().signal, emit: () => {}})

async function edit(editor: EditorName): Promise<void> {
  await editImage({image: disk.path, folder: work, hash, keys: [], overlays: [{name: 'bench', path: overlay}], editor}, {run, signal: new AbortController().signal, emit: () => {}})
}

function plainScript(): void {
  execFileSync('sh', ['-c', script, 'sh', disk.path, work, String(disk.offset), String(104 * 2 ** 20), overlay], {stdio: 'pipe'})
}

function virtCustomize(): void {
  execFileSync('cp', ['--sparse=always', disk.path, join(work, 'image')])
  const laid = ['etc', 'usr', 'lib', 'srv'].flatMap((name) => ['--copy-in', `${join(overlay, name)}:/`])
  execFileSync('virt-customize', ['-q', '--no-network', '-a', join(work, 'image'), '--root-password', 'password:x', '--password-crypto', 'sha512', ...laid], {
    stdio: 'pipe', env: {...process.env, LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg'},
  })
}

const withoutLoop = loop.unavailable()
const contenders: readonly (readonly [name: string, missing: string | undefined, work: () => Promise<void> | void])[] = [
  ['userspace', undefined, () => edit('userspace')],
  ['loop', withoutLoop, () => edit('loop')],
  ['script', withoutLoop, plainScript],
  ['virt-customize', process.env['WITHOUT'] === 'virt-customize' ? 'left out' : findProgram('virt-customize') === undefined ? 'is not installed' : undefined, virtCustomize],
]

const times = new Map<string, number[]>()
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, missing, contend] of contenders) {
      if (missing !== undefined) continue
      mkdirSync(work)
      const began = performance.now()
      await contend()
      times.set(name, [...times.get(name) ?? [], performance.now() - began])
      rmSync(work, {recursive: true})
    }
  }
} finally {
  rmSync(folder, {recursive: true, force: true})
}

const medians = new Map([...times].map(([name, values]) => [name, median(values)]))
const mine = medians.get('userspace') ?? NaN
console.log(`medians of ${rounds}; one image of ${104 + 2} MiB, 1800 files; password and an overlay of 35 files`)
for (const [name, missing] of contenders) {
  const time = medians.get(name)
  console.log(`${name.padEnd(16)}${time === undefined ? `skipped: ${missing}` : `${(time / 1000).toFixed(3).padStart(9)} s   ${(time / mine).toFixed(2).padStart(8)} x userspace   (${(times.get(name) ?? []).map((value) => (value / 1000).toFixed(2)).join(' ')})`}`)
}
const [slower, quicker] = [mine / (medians.get('script') ?? NaN), (medians.get('virt-customize') ?? NaN) / mine]
console.log(`userspace takes ${slower.toFixed(2)} x the script (bar ${bars.script}); virt-customize takes ${quicker.toFixed(0)} x userspace (bar ${bars.virtCustomize})`)
process.exitCode = slower > bars.script || quicker < bars.virtCustomize ? 1 : 0
