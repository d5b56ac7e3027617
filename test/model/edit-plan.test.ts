import test, {type ExecutionContext} from 'ava'
import {planEdit, type Step} from '../../pipeline/model/edit-plan.ts'
import {requireSpace, spaceOf} from '../../pipeline/model/edit-space.ts'
import type {Superblock} from '../../pipeline/model/ext4-superblock.ts'
import {Problem, problemsOf} from '../../pipeline/model/problem.ts'
import {combine, complainOfRootPath, parentsOf, type Entry, type RootChange} from '../../pipeline/model/root-edit.ts'
import type {RootNode, RootView} from '../../pipeline/model/root-node.ts'

const node = (kind: RootNode['kind'], more: Partial<RootNode> = {}): RootNode => ({kind, mode: 0o755, uid: 0, gid: 0, size: 0, links: 1, allocated: 4096, ...more})

/** A root that is a table. */
function rootOf(nodes: Readonly<Record<string, RootNode>>): RootView {
  const all: Readonly<Record<string, RootNode>> = {'/': node('directory'), ...nodes}
  return {
    look: (path) => (parentsOf(path).every((parent) => all[parent]?.kind === 'directory') ? all[path] : undefined),
    list: (path) => Object.keys(all).filter((other) => other !== '/' && parentsOf(other).at(-1) === path).map((other) => other.slice(other.lastIndexOf('/') + 1)),
    contents: () => [],
  }
}

const openwrt = rootOf({'/etc': node('directory'), '/etc/motd': node('file', {size: 5}), '/etc/config': node('directory'), '/etc/config/network': node('file'), '/tmp': node('directory', {mode: 0o1777}), '/var': node('link', {target: 'tmp'}), '/sbin': node('link', {target: 'usr/sbin'})})

const owned = {mode: 0o644, uid: 0, gid: 0, from: 'overlay x'}
const file = (path: string, size = 1): Entry => ({kind: 'file', path, ...owned, content: {bytes: Buffer.alloc(size), size, sha256: ''}})
const folder = (path: string, more: Partial<Entry> = {}): Entry => ({kind: 'directory', path, from: 'overlay x', ...more} as Entry)
const change = (entries: readonly Entry[], absent: readonly string[] = []): RootChange => ({entries, absent: absent.map((path) => ({path, from: 'overlay x'}))})

function plan(...changes: readonly RootChange[]): readonly Step[] {
  return planEdit(combine(changes), openwrt)
}

const words = (steps: readonly Step[]): string[] => steps.map((step) => `${step.do} ${step.path}`)

function refused(t: ExecutionContext, pattern: RegExp, ...changes: readonly RootChange[]): void {
  const problems = problemsOf(t.throws(() => plan(...changes)))
  t.true(problems.length > 0)
  t.true(problems.every(({code}) => code === 'root-path'))
  t.regex(problems.map(({message, hint}) => `${message} ${hint ?? ''}`).join('\n'), pattern)
}

test('what is there goes first, folders before what lies in them', (t) => {
  t.deepEqual(words(plan(change([file('/srv/www/index'), file('/etc/motd'), folder('/srv/www')]))), ['remove /etc/motd', 'make /srv', 'make /srv/www', 'lay /etc/motd', 'lay /srv/www/index'])
})

test('a folder that is there keeps its mode and owner, unless the manifest says others', (t) => {
  t.deepEqual(plan(change([folder('/tmp')])), [])
  t.deepEqual(words(plan(change([folder('/tmp', {mode: 0o1777})]))), [])
  t.deepEqual(words(plan(change([folder('/tmp', {mode: 0o700})]))), ['attributes /tmp'])
  t.deepEqual(words(plan(change([{kind: 'attributes', path: '/etc/motd', mode: 0o600, from: 'x'}]))), ['attributes /etc/motd'])
})

test('a folder that is to go takes all in it along, the inner first, and may be laid again', (t) => {
  t.deepEqual(words(plan(change([file('/etc/config/dhcp')], ['/etc/config']))), ['remove /etc/config/network', 'remove /etc/config', 'make /etc/config', 'lay /etc/config/dhcp'])
  t.deepEqual(words(plan(change([], ['/etc/config', '/etc/config/network', '/nothing']))), ['remove /etc/config/network', 'remove /etc/config'])
})

test('a link that is there is replaced, never followed', (t) => t.deepEqual(words(plan(change([file('/var')]))), ['remove /var', 'lay /var']))

test('nothing is laid below a link, a file, or another overlay\'s file', (t) => {
  refused(t, /overlay x: \/var\/x would lie below \/var, which is a link to "tmp".*memory, which is empty after each boot/, change([file('/var/x')]))
  refused(t, /\/sbin\/x would lie below \/sbin, which is a link to "usr\/sbin".*true place/, change([file('/sbin/x')]))
  refused(t, /\/etc\/motd\/x would lie below \/etc\/motd, which is a file/, change([file('/etc/motd/x')]))
  refused(t, /\/new\/x lies below \/new, which overlay x lays as a file/, change([file('/new')]), change([file('/new/x')]))
  refused(t, /\/var\/lock would lie below \/var/, change([], ['/var/lock']))
})

test('a folder is never replaced by something else in silence, nor the other way round', (t) => {
  refused(t, /\/etc\/config is a folder in the image, and a file here.*absent/, change([file('/etc/config')]))
  refused(t, /\/etc\/motd is a file in the image, and a folder here/, change([folder('/etc/motd')]))
  t.deepEqual(words(plan(change([file('/etc/config')], ['/etc/config']))), ['remove /etc/config/network', 'remove /etc/config', 'lay /etc/config'])
})

test('modes and owners of what is not there, or is a link', (t) => {
  refused(t, /neither the image nor an overlay has it/, change([{kind: 'attributes', path: '/nothing', mode: 0o600, from: 'x'}]))
  refused(t, /is a link/, change([{kind: 'attributes', path: '/var', mode: 0o600, from: 'x'}]))
})

test('all that is wrong is said at once', (t) => t.is(problemsOf(t.throws(() => plan(change([file('/var/x'), file('/etc/config')])))).length, 2))

test('of two overlays the later wins; what it takes away is not laid; modes are added', (t) => {
  const [laid] = plan(change([file('/a', 1)]), change([file('/a', 2)]))
  t.is(laid?.do === 'lay' && laid.entry.kind === 'file' ? laid.entry.content.size : 0, 2)
  t.deepEqual(plan(change([file('/a/b')]), change([], ['/a'])), [])
  const [moded] = plan(change([file('/a')]), change([{kind: 'attributes', path: '/a', mode: 0o4755, from: 'y'}]))
  t.is(moded?.do === 'lay' ? moded.entry.mode : 0, 0o4755)
})

test('paths that cannot be laid', (t) => {
  for (const path of ['relative', '/a/', '/a//b', '/a/./b', '/a/../b', '/a\nb', '/a\u0007', '/\uFFFD', `/${'x'.repeat(256)}`, '/x'.repeat(2048)]) t.truthy(complainOfRootPath(path), JSON.stringify(path.slice(0, 20)))
  for (const path of ['/', '/a', '/a b', '/größer', '/"quoted"', '/<12>', '/-x', `/${'x'.repeat(255)}`]) t.is(complainOfRootPath(path), undefined, path)
})

const superblock = {blockSize: 4096, clusterSize: 4096, freeBlocks: 100, freeInodes: 10} as Superblock

test('room: whole blocks, folders, long links; what goes gives its own back', (t) => {
  const space = (...changes: readonly RootChange[]): unknown => spaceOf(plan(...changes), superblock)
  t.deepEqual(space(change([file('/etc/x', 4097)])), {bytes: (2 + 2) * 4096, inodes: 1})
  t.deepEqual(space(change([file('/etc/motd', 1)])), {bytes: (1 - 1 + 2) * 4096, inodes: 0})
  t.deepEqual(space(change([], ['/etc/config'])), {bytes: -2 * 4096, inodes: -2})
  t.deepEqual(space(change([{kind: 'link', path: '/etc/l', target: 'x'.repeat(59), ...owned}])), {bytes: 2 * 4096, inodes: 1})
  t.deepEqual(space(change([{kind: 'link', path: '/etc/l', target: 'x'.repeat(60), ...owned}])), {bytes: 3 * 4096, inodes: 1})
})

test('what does not fit says by how much', (t) => {
  const steps = plan(change([file('/etc/x', 100 * 4096)]))
  const error = t.throws(() => requireSpace(steps, superblock, 0), {instanceOf: Problem, code: 'root-full'})
  t.regex(error.message, /lacks 16 KiB: .* take 416 KiB, 400 KiB are free/)
  t.notThrows(() => requireSpace(plan(change([file('/etc/x', 90 * 4096)])), superblock, 0))
  t.throws(() => requireSpace(plan(change([file('/etc/x', 90 * 4096)])), superblock, 20 * 4096), {code: 'root-full'})
  const many = plan(change(Array.from({length: 12}, (_, index) => file(`/etc/${index}`))))
  t.regex(t.throws(() => requireSpace(many, superblock, 0), {code: 'root-full'}).message, /room for 2 files/)
})
