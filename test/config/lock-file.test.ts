import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import test from 'ava'
import {loadTarget} from '../../pipeline/config/load-target.ts'
import {readLock, writeLock} from '../../pipeline/config/lock-file.ts'
import type {Lock} from '../../pipeline/model/lock.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'
import {complaintsOf, loadText, makeRoots} from '../helpers/project.ts'

const source = 'source: {repository: https://example.org/o.git, ref: v1}\n'
const commit = '58aa1b7f16c5c8d8e9f0a1b2c3d4e5f607182930'
const pin = {repository: 'https://example.org/o.git', ref: 'v1', commit}
const lock: Lock = {
  source: pin,
  feeds: {packages: {...pin, ref: 'openwrt-24.10'}, cloud: {repository: '/srv/feed', ref: 'HEAD', commit: commit.replace(/./g, '0')}},
  added: ['cloud'], pruned: ['luci', 'video'],
}

test('a lock that is written is read back, in the order of its feeds', async (t) => {
  const target = await loadText(t, source)
  t.is(await readLock(target), undefined)
  t.is(await writeLock(target, lock), 'targets/x.lock.yaml')
  const read = await readLock(target)
  t.deepEqual(read?.lock, lock)
  t.deepEqual(Object.keys(read?.lock.feeds ?? {}), ['packages', 'cloud'])
  t.deepEqual((await readdir(dirname(target.lockFile))).sort(), ['x.lock.yaml', 'x.yaml'])
})

test('a lock of folders has no source', async (t) => {
  const target = await loadText(t, 'source: {path: .}\n')
  const empty: Lock = {feeds: {}, added: [], pruned: []}
  await writeLock(target, empty)
  t.deepEqual((await readLock(target))?.lock, empty)
})

test('the file says who made it, and reads well', async (t) => {
  const target = await loadText(t, source)
  await writeLock(target, lock)
  t.is(await readFile(target.lockFile, 'utf8'), `# Made by \`cloudwrt lock\`: the commits that the target of the same name is built from. Keep it in git, and let
# \`cloudwrt lock --update\` change it.
source:
  repository: https://example.org/o.git
  ref: v1
  commit: ${commit}
feeds:
  packages:
    repository: https://example.org/o.git
    ref: openwrt-24.10
    commit: ${commit}
  cloud:
    repository: /srv/feed
    ref: HEAD
    commit: '0000000000000000000000000000000000000000'
added:
  - cloud
pruned:
  - luci
  - video
`)
})

test('the lock of a shipped target is the project\'s own; a shipped lock is read until there is one', async (t) => {
  const roots = await makeRoots(t, {'package/targets/x.yaml': source, 'project/': ''})
  const target = await loadTarget('x', roots)
  const shipped = join(roots.package, 'targets/x.lock.yaml')
  await writeFile(shipped, 'feeds: {}\nadded: []\npruned: [shipped]\n')
  t.deepEqual((await readLock(target))?.lock.pruned, ['shipped'])
  t.is(await writeLock(target, lock), 'targets/x.lock.yaml')
  t.deepEqual((await readLock(target))?.lock, lock)
  t.regex(await readFile(shipped, 'utf8'), /shipped/)
})

/** Locks that cloudwrt did not write, each with every complaint. */
const refused: readonly (readonly [string, ...string[]])[] = [
  ['', 'targets/x.lock.yaml:undefined:undefined: targets/x.lock.yaml is empty'],
  ['feeds: {}\nadded: []\n', 'targets/x.lock.yaml:1:1: pruned: is missing'],
  ['feeds: {}\nadded: []\npruned: []\nsource: {repository: https://example.org/o.git, ref: v1, commit: 58aa1b7}\n', 'targets/x.lock.yaml:4:66: source.commit: expected 40 hex digits'],
  ['feeds: {f: {}}\nadded: [a-b]\npruned: []\nmore: 1\n',
    'targets/x.lock.yaml:1:9: feeds.f.repository: is missing', 'targets/x.lock.yaml:1:9: feeds.f.ref: is missing', 'targets/x.lock.yaml:1:9: feeds.f.commit: is missing',
    'targets/x.lock.yaml:2:9: added: expected the name of a feed', 'targets/x.lock.yaml:4:1: more: unknown key'],
  ['<<<<<<< HEAD\nfeeds: {}\n', 'targets/x.lock.yaml:2:6: not YAML: end of the stream or a document separator is expected'],
]

for (const [text, ...expected] of refused) {
  test(`refused: ${JSON.stringify(text)}`, async (t) => {
    const target = await loadText(t, source)
    await writeFile(target.lockFile, text)
    const reading = readLock(target)
    t.deepEqual((await complaintsOf(reading)).toSorted(), expected.toSorted())
    for (const problem of problemsOf(await t.throwsAsync(reading))) t.like(problem, {code: 'lock-invalid', hint: 'Take the file away; `cloudwrt lock x` makes it anew, with the commits of today.'})
  })
}

test('a lock that cannot be read is refused', async (t) => {
  const target = await loadText(t, source)
  await mkdir(target.lockFile)
  t.like(await t.throwsAsync(readLock(target)), {code: 'lock-invalid', message: 'targets/x.lock.yaml is a folder, not a file'})
})
