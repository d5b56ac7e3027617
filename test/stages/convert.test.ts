import {execFileSync} from 'node:child_process'
import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import test, {type ExecutionContext} from 'ava'
import {formats, type Format} from '../../pipeline/model/formats.ts'
import type {Manifest} from '../../pipeline/model/manifest.ts'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {convert} from '../../pipeline/stages/convert.ts'
import {writeQcow2} from '../../pipeline/stages/convert/qcow2.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'
import {runStage} from '../helpers/stage.ts'
import {tempDir} from '../helpers/temp.ts'

const noise = randomBytes(300_000)

/** A workspace in which everything before `convert` has been done. */
async function edited(t: ExecutionContext, asked: readonly Format[]): Promise<{recipe: Recipe; workspace: Workspace}> {
  const recipe = makeRecipe({image: {...makeRecipe().image, formats: asked}})
  const workspace = makeWorkspace(await tempDir(t), recipe)
  mkdirSync(dirname(workspace.finalConfig), {recursive: true})
  writeFileSync(workspace.edited, noise)
  truncateSync(workspace.edited, 24 << 20)
  writeFileSync(workspace.source, JSON.stringify({kind: 'git', repository: 'https://example.org/openwrt.git', ref: 'v1', commit: 'a'.repeat(40), revision: 'r1-aaaa', changed: [], mirror: 'https://mirror.example.org/', path: '/home/me/openwrt'}))
  writeFileSync(workspace.feeds, JSON.stringify([{name: 'cloud', kind: 'path', url: '/home/me/feeds/cloud'}]))
  writeFileSync(workspace.built, JSON.stringify({image: join(workspace.builtFolder, 'openwrt.img.gz'), sha256: 'b'.repeat(64), size: 5, release: '25.12', revision: 'r1-aaaa', kernel: '6.12', packages: [{name: 'busybox', version: '1'}], buildinfo: {}}))
  writeFileSync(workspace.editRecord, JSON.stringify({editor: 'userspace'}))
  writeFileSync(workspace.finalConfig, 'CONFIG_X=y\n')
  return {recipe, workspace}
}

async function converted(t: ExecutionContext, recipe: Recipe, workspace: Workspace): Promise<Manifest> {
  const {problems} = await runStage(convert, recipe, workspace)
  t.deepEqual(problems.map(({message}) => message), [])
  return JSON.parse(readFileSync(workspace.manifest, 'utf8')) as Manifest
}

test('every format holds the same disk; checksums and manifest are true', async (t) => {
  const {recipe, workspace} = await edited(t, formats)
  const {artifacts} = await converted(t, recipe, workspace)
  t.deepEqual(artifacts.map(({format}) => format), [...formats])
  t.is(execFileSync('sha256sum', ['-c', '--quiet', workspace.checksums], {cwd: workspace.images, encoding: 'utf8'}), '')
  for (const {name, format, bytes, virtualSize, sha512} of artifacts) {
    const content = readFileSync(workspace.image(name))
    t.is(bytes, content.length)
    t.is(virtualSize, 24 << 20)
    t.is(sha512, createHash('sha512').update(content).digest('hex'))
    const plain = join(dirname(workspace.edited), 'plain')
    writeFileSync(plain, format.endsWith('.gz') ? gunzipSync(content) : format.endsWith('.zst') ? zstdDecompressSync(content) : content)
    execFileSync('qemu-img', ['compare', '-q', '-f', format.startsWith('raw') ? 'raw' : 'qcow2', '-F', 'raw', plain, workspace.edited])
    t.pass()
  }
  const qcow2 = artifacts.find(({format}) => format === 'qcow2')
  t.regex(execFileSync('qemu-img', ['info', workspace.image(qcow2?.name ?? '')], {encoding: 'utf8'}), /compression type: zlib/)
  execFileSync('qemu-img', ['check', '-q', workspace.image(qcow2?.name ?? '')])
})

test('the same disk gives the same files, whenever and wherever', async (t) => {
  const [one, two] = [await edited(t, formats), await edited(t, formats)]
  await converted(t, one.recipe, one.workspace)
  chmodSync(two.workspace.edited, 0o600)
  await converted(t, two.recipe, two.workspace)
  for (const path of ['checksums', 'manifest'] as const) t.is(readFileSync(one.workspace[path], 'utf8'), readFileSync(two.workspace[path], 'utf8'))
})

test('the manifest: what the image was made of, and no path, mirror or time of this machine', async (t) => {
  const {recipe, workspace} = await edited(t, ['raw'])
  const manifest = await converted(t, recipe, workspace)
  t.is(manifest.source.commit, 'a'.repeat(40))
  t.is(manifest.built.sha256, 'b'.repeat(64))
  t.is(manifest.config.sha256, createHash('sha256').update('CONFIG_X=y\n').digest('hex'))
  t.deepEqual(manifest.packages, [{name: 'busybox', version: '1'}])
  t.deepEqual(manifest.edit, {editor: 'userspace'})
  const text = readFileSync(workspace.manifest, 'utf8')
  for (const word of ['/home/me', 'mirror', workspace.project.root]) t.false(text.includes(word), word)
})

test('a format that is no longer asked for goes away; nothing else does', async (t) => {
  const {recipe, workspace} = await edited(t, ['qcow2', 'raw'])
  await converted(t, recipe, workspace)
  writeFileSync(workspace.image('mine.img'), 'not ours')
  const fewer = {...recipe, image: {...recipe.image, formats: ['qcow2'] as const}}
  await converted(t, fewer, workspace)
  t.deepEqual(readdirSync(workspace.images).sort(), ['SHA256SUMS', 'manifest.json', 'mine.img', 'test.qcow2'])
})

test('a manifest that somebody else wrote leads nowhere', async (t) => {
  const {recipe, workspace} = await edited(t, ['raw'])
  const victim = join(workspace.project.root, 'victim')
  mkdirSync(workspace.images, {recursive: true})
  for (const name of ['../victim', '../../victim', victim]) {
    writeFileSync(victim, 'x')
    writeFileSync(workspace.manifest, JSON.stringify({artifacts: [{name}]}))
    await converted(t, recipe, workspace)
    t.true(existsSync(victim))
  }
  writeFileSync(workspace.manifest, 'rubbish')
  await converted(t, recipe, workspace)
  t.true(statSync(workspace.image('test.img')).blocks * 512 < 2 << 20, 'holes stay holes')
})

test('interrupted: the former image stays, and nothing half-made', async (t) => {
  const {recipe, workspace} = await edited(t, ['qcow2'])
  await converted(t, recipe, workspace)
  const before = readFileSync(workspace.image('test.qcow2'))
  writeFileSync(workspace.edited, Buffer.alloc(8 << 20, 'another'))
  const {problems} = await runStage(convert, recipe, workspace, AbortSignal.abort())
  t.deepEqual(problems.map(({code}) => code), ['interrupted'])
  t.true(readFileSync(workspace.image('test.qcow2')).equals(before))
  t.deepEqual(readdirSync(workspace.images).sort(), ['SHA256SUMS', 'manifest.json', 'test.qcow2'])
})

const MiB = 1 << 20

/** Disks by what is in them: pieces with their places. */
const disks: Readonly<Record<string, readonly [size: number, pieces: readonly (readonly [offset: number, bytes: Uint8Array])[]]>> = {
  'without a byte that is not zero': [3 * MiB, []],
  'of one sector': [512, [[0, Buffer.alloc(512, 'x')]]],
  'that ends within a cluster': [5 * MiB + 512, [[5 * MiB, Buffer.alloc(512, 'end')]]],
  'that does not compress, in places that do': [4 * MiB, [[100_000, randomBytes(300_000)], [1 * MiB, Buffer.alloc(MiB, 'text ')], [3 * MiB - 7, randomBytes(70_000)]]],
  'of more than one table, with data at both ends': [1200 * MiB, [[0, randomBytes(1000)], [512 * MiB - 10, Buffer.from('across the border of two')], [1200 * MiB - 3, Buffer.from('end')]]],
  'full': [20 * MiB, [[0, randomBytes(10 * MiB)], [10 * MiB, Buffer.from('something that compresses well, '.repeat(10 * MiB / 32))]]],
}

for (const [what, [size, pieces]] of Object.entries(disks)) {
  test(`qcow2: a disk ${what}`, async (t) => {
    const folder = await tempDir(t)
    const [raw, qcow2] = [join(folder, 'raw'), join(folder, 'qcow2')]
    writeFileSync(raw, '')
    truncateSync(raw, size)
    const file = openSync(raw, 'r+')
    for (const [offset, bytes] of pieces) writeSync(file, bytes, 0, bytes.length, offset)
    closeSync(file)
    await writeQcow2({signal: new AbortController().signal, emit: () => {}}, raw, qcow2)
    execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', qcow2])
    t.regex(execFileSync('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', qcow2, raw], {encoding: 'utf8'}), /identical/)
    t.is((JSON.parse(execFileSync('qemu-img', ['info', '--output=json', qcow2], {encoding: 'utf8'})) as Record<string, unknown>)['virtual-size'], size)
  })
}
