import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Overlay} from '../../pipeline/model/recipe.ts'
import {openwrtFeatures, patch, program, readAtOf} from '../helpers/disk.ts'
import {Bench, editors, key, noLoop} from '../helpers/edit-bench.ts'
import type {Files} from '../helpers/files.ts'
import {tempDir} from '../helpers/temp.ts'

/** Files of this machine that a link in an image leads to. */
class Victim {
  readonly folder: string
  readonly #before: string

  constructor(folder: string) {
    this.folder = join(folder, 'victim')
    mkdirSync(join(this.folder, 'below'), {recursive: true})
    for (const name of ['shadow', 'passwd', 'authorized_keys', 'motd', 'below/file']) writeFileSync(join(this.folder, name), `root:x:0:0:::\n${name}\n`)
    this.#before = this.#now()
  }

  untouched(t: ExecutionContext): void {
    t.is(this.#now(), this.#before)
  }

  /** Names, times and contents, and those of this machine's own users. */
  #now(): string {
    const names = [...readdirSync(this.folder, {recursive: true, encoding: 'utf8'}).map((name) => join(this.folder, name)), '/etc', '/etc/shadow', '/etc/passwd', '/etc/motd', '/']
    return names.sort().map((name) => {
      const stat = lstatSync(name, {throwIfNoEntry: false})
      const content = stat?.isFile() === true && name.startsWith(this.folder) ? createHash('sha256').update(readFileSync(name)).digest('hex') : ''
      return `${name} ${stat?.mode} ${stat?.size} ${stat?.ino} ${stat?.isDirectory() === true && !name.startsWith(this.folder) ? '' : stat?.mtimeMs} ${content}`
    }).join('\n')
  }
}

/** Bends the tree of a root before it is made. */
type Bend = (tree: string, victim: string) => void

const replace = (tree: string, path: string, target: string): void => {
  rmSync(join(tree, path), {recursive: true, force: true})
  symlinkSync(target, join(tree, path))
}

const overlays: Readonly<Record<string, Files>> = {motd: {'etc/motd': 'laid\n'}, below: {'etc/below/file': 'laid\n'}, gone: {'.overlay': 'etc/below absent\n'}, mode: {'.overlay': 'etc/motd mode=0777\n'}}

/** What an image may try, what is asked for, and how it must end: in a Problem, or in a root in which this holds. */
const attempts: Readonly<Record<string, {readonly bend: Bend; readonly password?: true; readonly keys?: true; readonly overlay?: string; readonly refused?: RegExp; readonly leaves?: Readonly<Record<string, RegExp>>}>> = {
  '/etc leads to the root of this machine': {bend: (tree) => replace(tree, 'etc', '/'), password: true, refused: /\/etc of the image is a link to "\/", not a folder/},
  '/etc leads to the root of this machine, and an overlay lies in it': {bend: (tree) => replace(tree, 'etc', '/'), overlay: 'motd', refused: /\/etc, which is a link to "\/"/},
  '/etc leads to a folder of this machine': {bend: (tree, victim) => replace(tree, 'etc', victim), password: true, keys: true, refused: /is a link/},
  '/etc leads up and out': {bend: (tree) => replace(tree, 'etc', '../../../../../../../../etc'), password: true, refused: /is a link/},
  '/etc/shadow leads to this machine\'s': {bend: (tree) => replace(tree, 'etc/shadow', '/etc/shadow'), password: true, refused: /\/etc\/shadow of the image is a link to "\/etc\/shadow", not a file/},
  '/etc/shadow leads to a file': {bend: (tree, victim) => replace(tree, 'etc/shadow', join(victim, 'shadow')), password: true, refused: /is a link/},
  '/etc/passwd leads to a file': {bend: (tree, victim) => replace(tree, 'etc/passwd', join(victim, 'passwd')), password: true, refused: /\/etc\/passwd of the image is a link/},
  '/etc/shadow leads to itself': {bend: (tree) => replace(tree, 'etc/shadow', 'shadow'), password: true, refused: /is a link/},
  '/etc/shadow is a folder': {bend: (tree) => { rmSync(join(tree, 'etc/shadow')); mkdirSync(join(tree, 'etc/shadow')) }, password: true, refused: /is a folder, not a file/},
  '/etc/shadow is a pipe, which would never end': {bend: (tree) => { rmSync(join(tree, 'etc/shadow')); execFileSync('mkfifo', [join(tree, 'etc/shadow')]) }, password: true, refused: /is a named pipe, not a file/},
  '/etc/shadow is another file as well': {bend: (tree) => linkSync(join(tree, 'etc/shadow'), join(tree, 'etc/other')), password: true, leaves: {'/etc/shadow': /^100600 0:0 /, '/etc/other': /^100600 .* cm9vdDo6/}},
  '/etc/dropbear leads to a folder': {bend: (tree, victim) => replace(tree, 'etc/dropbear', victim), keys: true, refused: /\/etc\/dropbear of the image is a link/},
  'authorized_keys leads to a file': {bend: (tree, victim) => replace(tree, 'etc/dropbear/authorized_keys', join(victim, 'authorized_keys')), keys: true, refused: /authorized_keys of the image is a link/},
  'what is replaced leads to a file': {bend: (tree, victim) => replace(tree, 'etc/motd', join(victim, 'motd')), overlay: 'motd', leaves: {'/etc/motd': /^100644 0:0 bGFpZAo=$/}},
  'what is laid in leads to a folder': {bend: (tree, victim) => replace(tree, 'etc/below', join(victim, 'below')), overlay: 'below', refused: /\/etc\/below, which is a link/},
  'what is to go leads to a folder': {bend: (tree, victim) => replace(tree, 'etc/below', join(victim, 'below')), overlay: 'gone', leaves: {'/etc/below': /^$/}},
  'what is to go holds what leads to a folder': {bend: (tree, victim) => { mkdirSync(join(tree, 'etc/below/more'), {recursive: true}); symlinkSync(join(victim, 'below'), join(tree, 'etc/below/more/link')) }, overlay: 'gone', leaves: {'/etc/below': /^$/}},
  'what gets a mode leads to a file': {bend: (tree, victim) => replace(tree, 'etc/motd', join(victim, 'motd')), overlay: 'mode', refused: /is a link/},
  'a name has a line break and a command in it': {bend: (tree) => { mkdirSync(join(tree, 'etc/below')); writeFileSync(join(tree, 'etc/below/x"\nrm "'), '') }, overlay: 'gone', refused: /a name in it that cannot be told/},
}

for (const {editor, tested} of editors) {
  for (const [what, {bend, password, keys, overlay, refused, leaves = {}}] of Object.entries(attempts)) {
    tested(`${editor}: ${what}`, async (t) => {
      const folder = await tempDir(t)
      const victim = new Victim(folder)
      const bench = new Bench(folder, {dress: (tree) => bend(tree, victim.folder)}, {editor, password: {kind: password ? 'locked' : 'keep'}, keys: keys ? [key] : []})
      const laid: readonly Overlay[] = overlay === undefined ? [] : [bench.overlay(overlay, overlays[overlay] ?? {})]
      bench.set({overlays: laid})
      if (refused === undefined) {
        await bench.done(t)
        const tree = bench.tree
        for (const [path, pattern] of Object.entries(leaves)) t.regex(tree[path] ?? '', pattern)
      } else await bench.refused(t, 'root-path', refused)
      victim.untouched(t)
      t.notRegex(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(folder))
    })
  }
}

/** Does something to the disk once it is made. */
type Spoil = (bench: Bench) => void

const debugfs = (...commands: readonly string[]): Spoil => ({disk: {path, offset}}) => {
  execFileSync(program('debugfs'), ['-w', '-f', '-', `${path}?offset=${offset}`], {input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'ignore']})
}
const superblock = (offset: number, ...bytes: readonly number[]): Spoil => ({disk}) => patch(disk.path, disk.offset + 1024 + offset, Uint8Array.from(bytes))
const table = (offset: number, ...bytes: readonly number[]): Spoil => ({disk}) => patch(disk.path, 446 + offset, Uint8Array.from(bytes))

const broken: Readonly<Record<string, readonly [code: 'image-table' | 'image-filesystem' | 'image-root' | 'root-path', pattern: RegExp, spoil: Spoil]>> = {
  'partitions that overlap': ['image-table', /partitions 1 and 2 overlap/, table(16 + 8, 0, 3, 0, 0)],
  'a partition beyond the end': ['image-table', /partition 2 ends at sector/, table(16 + 12, 0, 0, 0, 16)],
  'no partition table': ['image-table', /no partition table/, table(64, 0, 0)],
  'no ext4 anywhere': ['image-root', /no partition of the image has an ext4 root: 1 \(ext4 "kernel"\), 2 \(no file system that we know\)/, superblock(56, 0, 0)],
  'a squashfs': ['image-root', /squashfs, which cannot be written to/, ({disk}) => { patch(disk.path, disk.offset, Buffer.alloc(4096)); patch(disk.path, disk.offset, Buffer.from('hsqs')) }],
  'a superblock of rubbish': ['image-filesystem', /cannot be right/, superblock(20, ...Array.from({length: 30}, (_, index) => (index * 77) % 256))],
  'a file system larger than its partition': ['image-filesystem', /larger than its partition/, superblock(4, 0, 0, 1, 0)],
  'a journal that waits to be replayed': ['image-filesystem', /journal waits to be replayed/, debugfs('feature needs_recovery')],
  'a feature that nobody has heard of': ['image-filesystem', /incompat-80000000/, superblock(96 + 3, 0x80)],
  'files that share blocks': ['image-filesystem', /shared_blocks/, superblock(100 + 1, 0x40)],
  'no inodes': ['image-filesystem', /is damaged/, ({disk: {path, offset}}) => patch(path, offset + 4096 * readAtOf(path)(offset + 4096 + 8, 4).readUInt32LE(), Buffer.alloc(4096 * 8, 0xff))],
  'a folder that is its own grandparent': ['image-filesystem', /is damaged/, debugfs('link / /etc/config/loop')],
  'an /etc/shadow of 100 GB': ['root-path', /\/etc\/shadow of the image has 1000000000\d\d bytes/, ({disk}) => {
    debugfs('sif /etc/shadow size 100000000000')({disk} as Bench)
    execFileSync('sh', ['-c', `${program('e2fsck')} -fy '${disk.path}?offset=${disk.offset}' >/dev/null 2>&1; true`])
    debugfs('sif /etc/shadow size 100000000000')({disk} as Bench)
  }],
}

for (const [what, [code, pattern, spoil]] of Object.entries(broken)) {
  for (const {editor, tested} of editors) {
    tested(`${editor} refuses ${what}`, async (t) => {
      const bench = new Bench(await tempDir(t), {}, {editor, password: {kind: 'locked'}})
      spoil(bench)
      const before = readFileSync(bench.disk.path)
      await bench.refused(t, code, pattern)
      t.true(readFileSync(bench.disk.path).equals(before), 'the image itself is only read')
    })
  }
}

test('what debugfs must not touch goes to the kernel, or is refused', async (t) => {
  const features = ['-O', `${openwrtFeatures[1]},inline_data,dir_index`, ...openwrtFeatures.slice(2)]
  const bench = new Bench(await tempDir(t), {features}, {password: {kind: 'locked'}})
  if (noLoop === undefined) {
    await bench.done(t)
    t.is(bench.record.editor, 'loop')
  }
  bench.set({editor: 'userspace'})
  await bench.refused(t, 'editor-unfit', noLoop === undefined ? /userspace must not touch a file system with inline_data[^]*--editor loop can/ : /userspace must not touch/)
})

test.runIf(process.geteuid?.() === 0)('without root, loop is refused with the reason', (t) => {
  const {SUDO_UID: _, ...env} = process.env
  const script = "import('./pipeline/stages/edit/loop.ts').then(({loop}) => console.log(loop.unavailable()))"
  const said = execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script], {encoding: 'utf8', env, cwd: process.cwd()})
  t.is(said.trim(), 'needs root')
})

test('the disk of a test is one that is accepted', async (t) => {
  const bench = new Bench(await tempDir(t), {}, {password: {kind: 'locked'}})
  await bench.done(t)
  t.true(statSync(bench.workspace.edited).size > 0)
})
