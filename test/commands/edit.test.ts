import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import test, {type ExecutionContext} from 'ava'
import {cli, type CliResult} from '../helpers/cli.ts'
import {fsckCode, makeDisk, treeOf, type Disk, type DiskOptions} from '../helpers/disk.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

interface Project {
  readonly folder: string
  readonly disk: Disk
  edit(...args: readonly string[]): Promise<CliResult>
}

async function project(t: ExecutionContext, root: string, disk: DiskOptions = {}): Promise<Project> {
  const folder = await tempDir(t)
  await writeTarget(folder, 'x', `source: {path: ${folder}}\nimage: {root: 16 MiB}\nroot: ${root}\n`)
  mkdirSync(join(folder, 'files/etc'), {recursive: true})
  writeFileSync(join(folder, 'files/etc/motd'), 'laid\n')
  return {folder, disk: makeDisk(folder, 'disk.img', disk), edit: (...args) => cli(['edit', 'disk.img', '-t', 'x', ...args], {cwd: folder, env: {PASSWORD: 'a secret one'}})}
}

/** An image as a raw disk again. */
function raw({folder, disk}: Project, name: string): Disk {
  const [from, path] = [join(folder, name), join(folder, 'raw')]
  if (name.endsWith('.qcow2')) execFileSync('qemu-img', ['convert', '-O', 'raw', from, path])
  else writeFileSync(path, name.endsWith('.gz') ? gunzipSync(readFileSync(from)) : name.endsWith('.zst') ? zstdDecompressSync(readFileSync(from)) : readFileSync(from))
  return {path, offset: disk.offset}
}

test('any image, in the format that the output\'s ending says', async (t) => {
  const here = await project(t, '{password: {env: PASSWORD}, overlays: [../files]}')
  const before = readFileSync(here.disk.path)
  for (const name of ['out.img', 'out.img.gz', 'out.raw.zst', 'out.qcow2']) {
    const {code, stdout, stderr} = await here.edit('-o', name)
    t.is(code, 0, stderr)
    t.is(stdout, `${join(here.folder, name)}\n`)
    t.false(stderr.includes('a secret one'))
    const disk = raw(here, name)
    t.is(fsckCode(disk), 0)
    t.regex(treeOf(disk, here.folder)['/etc/motd'] ?? '', /bGFpZAo=/)
  }
  t.true(readFileSync(here.disk.path).equals(before), 'the image is only read')
  t.deepEqual(readdirSync(here.folder).filter((name) => name.startsWith('.')), [])
})

test('--key, --json, --partition', async (t) => {
  const here = await project(t, '{password: keep}')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(here.folder, 'id')])
  const {code, stdout, stderr} = await here.edit('-o', 'out.img', '--key', 'id.pub', '--json', '--partition', '2')
  t.is(code, 0, stderr)
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as {readonly type: string; readonly sha256?: string})
  t.is(events.find(({type}) => type === 'artifact')?.sha256, createHash('sha256').update(readFileSync(join(here.folder, 'out.img'))).digest('hex'))
  t.is(Buffer.from(treeOf(raw(here, 'out.img'), here.folder)['/etc/dropbear/authorized_keys']?.split(' ')[2] ?? '', 'base64').toString(), readFileSync(join(here.folder, 'id.pub'), 'utf8'))
  t.regex((await here.edit('-o', 'out.img', '--partition', '1')).stderr, /partition 1|\/etc/)
  t.regex((await here.edit('-o', 'out.img', '--partition', '7')).stderr, /has no partition 7/)
})

test('what is wrong on the command line ends with 2, and makes nothing', async (t) => {
  const here = await project(t, '{password: keep}')
  for (const [args, pattern] of [
    [['-o', 'out.vmdk'], /ending names no format/],
    [['-o', 'disk.img'], /is the image itself/],
    [['-o', 'out.img', '--editor', 'vi'], /Allowed choices are userspace, loop|userspace/],
    [['-o', 'out.img', '--partition', 'two'], /expected a number/],
    [[], /required option.*--output/],
  ] as const) {
    const {code, stderr} = await here.edit(...args)
    t.is(code, 2, stderr)
    t.regex(stderr, pattern)
  }
  t.deepEqual(readdirSync(here.folder).filter((name) => /^out|^\./.test(name)), [])
})

test('--mend-gpt writes the copy of a GPT anew, and only then is it touched', async (t) => {
  const here = await project(t, '{password: keep}', {table: 'gpt'})
  const size = readFileSync(here.disk.path).length
  writeFileSync(here.disk.path, Buffer.concat([readFileSync(here.disk.path).subarray(0, size - 33 * 512), Buffer.alloc(33 * 512)]))
  const verify = (name: string): string => execFileSync('sh', ['-c', `PATH=$PATH:/sbin:/usr/sbin; sfdisk --verify ${join(here.folder, name)} 2>&1; true`], {encoding: 'utf8'})
  t.is((await here.edit('-o', 'left.img')).code, 0)
  t.regex(verify('left.img'), /backup GPT table is corrupt/i)
  t.is((await here.edit('-o', 'mended.img', '--mend-gpt')).code, 0)
  t.notRegex(verify('mended.img'), /corrupt/i)
  t.is(readFileSync(join(here.folder, 'mended.img')).length, size)
})
