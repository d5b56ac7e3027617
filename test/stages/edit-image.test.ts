import {execFileSync} from 'node:child_process'
import {copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {constants, gzipSync, zstdCompressSync} from 'node:zlib'
import test, {type ExecutionContext} from 'ava'
import {readPartitionTable} from '../../pipeline/model/partition-table.ts'
import {debugfs, flawAsMakeExt4fs, patch, program, readAtOf, type Disk} from '../helpers/disk.ts'
import {Bench, editors, makeBench, MiB, noLoop} from '../helpers/edit-bench.ts'
import {textsOf} from '../helpers/stage.ts'

/** What fwtool appends: some bytes, and a footer with their length. */
function fwtool(content: string): Buffer {
  const footer = Buffer.alloc(16)
  footer.write('FWx0', 0, 'latin1')
  footer.writeUInt32BE(Buffer.byteLength(content) + 16, 12)
  return Buffer.concat([Buffer.from(content), footer])
}

/** The bench's disk in another form. */
function packed(bench: Bench, name: string, pack: (raw: Buffer) => Uint8Array): string {
  const path = join(bench.folder, name)
  writeFileSync(path, pack(readFileSync(bench.disk.path)))
  return path
}

const signature = fwtool('{"metadata_version": "1.1"}')

/** Forms in which the same disk comes, with the layers and the bytes behind them that are found. */
const forms: Readonly<Record<string, readonly [pack: (raw: Buffer) => Uint8Array, layers: readonly string[], trailer: number]>> = {
  'raw': [(raw) => raw, [], 0],
  'raw with a signature': [(raw) => Buffer.concat([raw, fwtool('one'), signature]), [], 19 + signature.length],
  'raw with an odd tail': [(raw) => Buffer.concat([raw, Buffer.from('tail')]), [], 4],
  'gz': [(raw) => gzipSync(raw, {level: 1}), ['gzip'], 0],
  'gz with a signature': [(raw) => Buffer.concat([gzipSync(raw, {level: 1}), signature]), ['gzip'], signature.length],
  'gz with zeros behind': [(raw) => Buffer.concat([gzipSync(raw, {level: 1}), Buffer.alloc(1000)]), ['gzip'], 1000],
  'gz of several members': [(raw) => Buffer.concat([gzipSync(raw.subarray(0, 3 * MiB + 17), {level: 1}), gzipSync(raw.subarray(3 * MiB + 17), {level: 1}), signature]), ['gzip'], signature.length],
  'gz of a signed raw image': [(raw) => gzipSync(Buffer.concat([raw, signature]), {level: 1}), ['gzip'], signature.length],
  'zst': [(raw) => zstdCompressSync(raw), ['zstd'], 0],
  'zst of several frames, with something behind': [(raw) => Buffer.concat([zstdCompressSync(raw.subarray(0, 5 * MiB)), Buffer.from('502a4d18030000006e6f2e', 'hex'), zstdCompressSync(raw.subarray(5 * MiB)), Buffer.from('tail')]), ['zstd'], 4],
}

for (const [form, [pack, layers, trailer]] of Object.entries(forms)) {
  test(`an image that is ${form}`, async (t) => {
    const bench = await makeBench(t)
    await bench.done(t, packed(bench, 'packed', pack))
    t.true(readFileSync(bench.workspace.edited).equals(await plainEdit(t, bench)))
    t.deepEqual([bench.record.packed, bench.record.trailer], [layers, trailer])
  })
}

/** What comes of the raw disk itself. */
async function plainEdit(t: ExecutionContext, {disk}: Bench): Promise<Buffer> {
  const other = await makeBench(t)
  copyFileSync(disk.path, other.disk.path)
  await other.done(t)
  return readFileSync(other.workspace.edited)
}

test('an image that is qcow2, also in gz; one that reads other files is refused', async (t) => {
  const bench = await makeBench(t)
  const qcow2 = join(bench.folder, 'disk.qcow2')
  execFileSync('qemu-img', ['convert', '-c', '-O', 'qcow2', bench.disk.path, qcow2])
  const plain = await plainEdit(t, bench)
  await bench.done(t, qcow2)
  t.true(readFileSync(bench.workspace.edited).equals(plain))
  writeFileSync(`${qcow2}.gz`, gzipSync(readFileSync(qcow2)))
  await bench.done(t, `${qcow2}.gz`)
  t.deepEqual(bench.record.packed, ['gzip', 'qcow2'])
  const backed = join(bench.folder, 'backed.qcow2')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', bench.disk.path, '-F', 'raw', backed])
  await bench.refused(t, 'image-unreadable', /backing file/, backed)
  const split = join(bench.folder, 'split.qcow2')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', `data_file=${join(bench.folder, 'data')}`, split, '1M'])
  await bench.refused(t, 'image-unreadable', /keeps its data in another file/, split)
})

const gz = (raw: Buffer): Buffer => gzipSync(raw, {level: 1})
const damaged: Readonly<Record<string, readonly [pack: (raw: Buffer) => Uint8Array, pattern: RegExp]>> = {
  'empty': [() => Buffer.alloc(0), /is empty/],
  'smaller than a sector': [() => Buffer.from('x'), /too small/],
  'a gz that was cut off': [(raw) => gz(raw).subarray(0, 20_000), /was cut off/],
  'a gz that was cut off in its last bytes': [(raw) => gz(raw).subarray(0, -3), /was cut off/],
  'a gz that was cut off in its header': [() => Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 0x61]), /broken gzip header/],
  'a gz with another checksum': [(raw) => { const bytes = gz(raw); bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1; return bytes }, /checksum/],
  'a gz with another length': [(raw) => { const bytes = gz(raw); bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1; return bytes }, /checksum/],
  'a gz with what begins like a second one behind': [(raw) => Buffer.concat([gz(raw), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff])]), /cut off|damaged/],
  'a zst that was cut off': [(raw) => zstdCompressSync(raw).subarray(0, -2), /cut off/],
  'a zst with something else in it': [(raw) => { const bytes = zstdCompressSync(raw, {params: {[constants.ZSTD_c_checksumFlag]: 1}}); bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1; return bytes }, /cut off|damaged/],
  'packed again and again': [(raw) => gz(gz(gz(gz(raw)))), /more than 3 times/],
  'an xz archive': [() => Buffer.from('fd377a585a000004', 'hex'), /is an xz archive, not a disk image/],
}

for (const [what, [pack, pattern]] of Object.entries(damaged)) {
  test(`refused: an image that is ${what}`, async (t) => {
    const bench = await makeBench(t)
    await bench.refused(t, 'image-unreadable', pattern, packed(bench, 'packed', pack))
  })
}

test('refused: an image that is not there, or a folder', async (t) => {
  const bench = await makeBench(t)
  await bench.refused(t, 'image-unreadable', /is not there/, join(bench.folder, 'none'))
  await bench.refused(t, 'image-unreadable', /is no file/, bench.folder)
})

test('what was unpacked is kept: used again for the same image, and only for that, untouched', async (t) => {
  const bench = await makeBench(t)
  const image = packed(bench, 'disk.img.gz', (raw) => Buffer.concat([gz(raw), signature]))
  const programs = async (): Promise<string> => {
    const {events} = await bench.done(t, image)
    return events.flatMap((event) => (event.type === 'progress' && event.label === 'unpack' ? 'unpacked' : []))[0] ?? 'copied'
  }
  t.is(await programs(), 'unpacked')
  const [first, record] = [readFileSync(bench.workspace.edited), bench.record]
  t.is(await programs(), 'copied')
  t.true(readFileSync(bench.workspace.edited).equals(first))
  t.deepEqual(bench.record, record)
  const kept = join(bench.workspace.unpacked, 'image')
  patch(kept, bench.disk.offset + MiB, Buffer.from('changed by somebody else'))
  t.is(await programs(), 'unpacked')
  t.true(readFileSync(bench.workspace.edited).equals(first))
  rmSync(kept)
  t.is(await programs(), 'unpacked')
  patch(bench.disk.path, bench.disk.offset + 1024 + 104, Buffer.alloc(16, 7))
  writeFileSync(image, gz(readFileSync(bench.disk.path)))
  t.is(await programs(), 'unpacked')
  t.regex(bench.record.root.uuid, /^07070707/)
})

test('which partition is the root: by its label, by being the only one, by what GRUB says; else it is asked', async (t) => {
  const unnamed = await makeBench(t, {label: ''})
  await unnamed.done(t)
  t.is(unnamed.record.root.partition, 2)
  const both = await makeBench(t, {label: ''})
  // the boot file system has no label either, as up to 19.07
  patch(both.disk.path, 512 * 512 + 1024 + 120, Buffer.alloc(16))
  await both.done(t)
  t.is(both.record.root.partition, 2)
  const silent = await makeBench(t, {label: ''})
  patch(silent.disk.path, 512 * 512 + 1024 + 120, Buffer.alloc(16))
  execFileSync(program('debugfs'), ['-w', '-R', 'rm /boot/grub/grub.cfg', `${silent.disk.path}?offset=${512 * 512}`], {stdio: 'ignore'})
  await silent.refused(t, 'image-root', /more than one partition may be the root: 1 \(ext4\), 2 \(ext4\)[^]*--partition/)
})

function partitions({path}: Disk): readonly {readonly number: number; readonly start: number; readonly sectors: number; readonly partuuid: string}[] {
  return readPartitionTable(readAtOf(path), readFileSync(path).length / 512).partitions
}

function blocks({path, offset}: Disk): number {
  return Number(/Block count: +(\d+)/.exec(debugfs(path, 'stats', offset))?.[1])
}

for (const {editor, tested} of editors) {
  for (const table of ['mbr', 'gpt'] as const) {
    tested(`${editor}: a root on ${table} grows; what the kernel finds it by stays`, async (t) => {
      // OpenWrt's EFI images have no copy of the table that could be used
      const bench = await makeBench(t, {table, files: {'srv/big': 'x'.repeat(3 * MiB)}}, {editor, password: {kind: 'locked'}})
      if (table === 'gpt') patch(bench.disk.path, readFileSync(bench.disk.path).length - 33 * 512, Buffer.alloc(33 * 512))
      const before = partitions(bench.disk)
      bench.set({}, 200 * MiB)
      const run = await bench.done(t)
      t.deepEqual(partitions(bench.edited), before.map((partition) => (partition.number === 2 ? {...partition, sectors: 200 * 2048} : partition)))
      t.is(blocks(bench.edited), 200 * MiB / 4096)
      t.is(Buffer.from(bench.tree['/srv/big']?.split(' ')[2] ?? '', 'base64').length, 3 * MiB)
      t.regex(textsOf(run, 'note').join('\n'), /grown from 16 MiB to 200 MiB/)
      t.deepEqual([bench.record.root.sizeBefore, bench.record.root.size], [16 * MiB, 200 * MiB])
      t.regex(execFileSync(program('sfdisk'), ['--verify', bench.edited.path], {encoding: 'utf8'}), /No errors detected/)
    })
  }
}

test('a root that is larger than asked stays so, and says it', async (t) => {
  const bench = await makeBench(t, {size: 24})
  bench.set({}, 16 * MiB)
  t.regex(textsOf(await bench.done(t), 'note').join('\n'), /has 24 MiB, more than the 16 MiB asked for/)
  t.is(blocks(bench.edited), 24 * MiB / 4096)
})

test('a root with something behind it cannot grow', async (t) => {
  const bench = await makeBench(t)
  const end = readFileSync(bench.disk.path).length
  truncateSync(bench.disk.path, end + MiB)
  execFileSync(program('sfdisk'), ['-q', '-a', '-f', bench.disk.path], {input: `start=${end / 512}, size=2048, type=83\n`, stdio: ['pipe', 'ignore', 'ignore']})
  bench.set({}, 32 * MiB)
  await bench.refused(t, 'image-root', /partition 2, cannot grow to 32 MiB: partition 3 lies behind it/)
})

test('a file system as make_ext4fs makes it: mended where it must be, and made able to grow; one that is able stays as it is', async (t) => {
  const flawed = await makeBench(t, {size: 104, spoil: flawAsMakeExt4fs})
  t.is(execFileSync('sh', ['-c', `${program('e2fsck')} -fn '${flawed.disk.path}?offset=${flawed.disk.offset}' >/dev/null 2>&1; echo $?`], {encoding: 'utf8'}), '4\n')
  await flawed.done(t)
  t.deepEqual(flawed.record.dropped, ['resize_inode'])
  const again = await makeBench(t, {size: 104})
  await again.done(t, flawed.workspace.edited)
  t.deepEqual(again.record.dropped, [])
  const sound = await makeBench(t, {size: 104})
  await sound.done(t)
  t.deepEqual(sound.record.dropped, [])
  t.regex(debugfs(sound.edited.path, 'stats', sound.edited.offset), /resize_inode/)
})

/** CAP_SYS_RESOURCE, without which no kernel grows a file system: root in a container may lack it. */
const mayGrow = noLoop === undefined && (BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`) >> 24n) % 2n === 1n

test.runIf(mayGrow)(`once edited, a kernel grows it while it is mounted; as it came, it does not${mayGrow ? '' : ' (skipped: no loop devices, or no CAP_SYS_RESOURCE)'}`, async (t) => {
  const bench = await makeBench(t, {size: 104, spoil: flawAsMakeExt4fs})
  await bench.done(t)
  t.is(growMounted(bench, bench.edited), 400 * MiB / 4096)
  t.not(growMounted(bench, bench.disk), 400 * MiB / 4096)
})

/** Blocks of a root after it was mounted on a disk of 400 MiB and told to fill it. */
function growMounted({folder}: Bench, {path, offset}: Disk): number {
  const [alone, place] = [join(folder, 'alone.img'), join(folder, 'grow')]
  execFileSync('dd', [`if=${path}`, `of=${alone}`, 'bs=512', `skip=${offset / 512}`, `count=${104 * 2048}`, 'conv=sparse', 'status=none'])
  truncateSync(alone, 400 * MiB)
  mkdirSync(place)
  execFileSync('mount', ['-t', 'ext4', '-o', 'loop', alone, place])
  try {
    const device = execFileSync('findmnt', ['-n', '-o', 'SOURCE', place], {encoding: 'utf8'}).trim()
    execFileSync('sh', ['-c', `${program('resize2fs')} ${device} >/dev/null 2>&1; true`])
  } finally {
    execFileSync('umount', [place])
    rmSync(place, {recursive: true})
  }
  const count = blocks({path: alone, offset: 0})
  rmSync(alone)
  return count
}

test('paths of the project that programs could take for something else', async (t) => {
  const bench = await makeBench(t)
  const folder = join(bench.folder, 'what? "a" $HOME & größe')
  mkdirSync(folder)
  const odd = new Bench(folder, {}, {password: {kind: 'locked'}})
  odd.set({overlays: [odd.overlay('o', {'etc/motd': 'x'})]})
  const image = join(folder, 'disk.img')
  await odd.done(t, image)
})
