import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {load} from 'js-yaml'
import type {Lock} from '../../pipeline/model/lock.ts'
import {cli, type CliResult} from '../helpers/cli.ts'
import {packageFiles} from '../helpers/feeds.ts'
import {writeFiles} from '../helpers/files.ts'
import {commit, git, makeRepository} from '../helpers/git.ts'
import {closedPort, serveGit} from '../helpers/git-server.ts'
import {openwrtFiles} from '../helpers/openwrt.ts'
import {tempDir} from '../helpers/temp.ts'

/** A project with a target `x`, and beside it a repository of OpenWrt whose feeds are the feeds `one` and `two`. */
interface Home {
  readonly folder: string
  readonly openwrt: string
  readonly one: string
  readonly two: string
  lock(...args: readonly string[]): Promise<CliResult>
  build(...args: readonly string[]): Promise<CliResult>
  read(): Lock
  write(source: string, rest?: string): void
}

async function makeHome(t: ExecutionContext): Promise<Home> {
  const folder = await tempDir(t)
  const [openwrt, one, two] = ['openwrt', 'one', 'two'].map((name) => join(folder, name)) as [string, string, string]
  makeRepository(one, packageFiles('a'))
  const pinned = makeRepository(two, packageFiles('b'))
  commit(two, packageFiles('c'), 'later')
  makeRepository(openwrt, {...openwrtFiles, 'feeds.conf.default': `src-git one ${one}\nsrc-git two ${two}^${pinned}\nsrc-git gone ${folder}/nowhere\n`})
  const options = {cwd: folder, env: {HOME: folder}}
  const file = join(folder, 'targets/x.lock.yaml')
  const write = (source: string, rest = ''): void => writeFiles(folder, {'targets/x.yaml': `source: ${source}\nfeeds: {prune: [gone]}\n${rest}`})
  write(`{repository: ${openwrt}, ref: main}`)
  return {
    folder, openwrt, one, two, write,
    lock: async (...args) => cli(['lock', ...args], options),
    build: async (...args) => cli(['build', 'x', '--until', 'clone', ...args], options),
    read: () => load(readFileSync(file, 'utf8')) as Lock,
  }
}

function tip(repository: string, ref = 'HEAD'): string {
  return git(repository, 'rev-parse', `${ref}^{commit}`)
}

test('a lock has the commits of OpenWrt and of every feed that stays', async (t) => {
  const home = await makeHome(t)
  const {code, stderr} = await home.lock('x')
  t.is(code, 0, stderr)
  t.deepEqual(home.read(), {
    source: {repository: home.openwrt, ref: 'main', commit: tip(home.openwrt)},
    feeds: {
      one: {repository: home.one, ref: 'HEAD', commit: tip(home.one)},
      // as feeds.conf.default pins it, which is not the newest
      two: {repository: home.two, ref: tip(home.two, 'HEAD~1'), commit: tip(home.two, 'HEAD~1')},
    },
    added: [], pruned: ['gone'],
  })
})

test('feeds of the target are locked too; an annotated tag is the commit behind it', async (t) => {
  const home = await makeHome(t)
  git(home.one, 'tag', '--annotate', '--message', 'x', 'v1')
  home.write(`{repository: ${home.openwrt}, ref: main}`, `feeds: {prune: [gone, one, two], add: {mine: {git: ${home.one}, ref: v1}}}\n`.replace('feeds: ', ''))
  writeFiles(home.folder, {'targets/x.yaml': `source: {repository: ${home.openwrt}, ref: main}\nfeeds: {prune: [gone, one, two], add: {mine: {git: ${home.one}, ref: v1}}}\n`})
  t.is((await home.lock('x')).code, 0)
  t.deepEqual([home.read().feeds, home.read().added], [{mine: {repository: home.one, ref: 'v1', commit: tip(home.one)}}, ['mine']])
})

test('what is locked stays when the branch moves; --update moves it, and shows the commits between', async (t) => {
  const home = await makeHome(t)
  await home.lock('x')
  const before = home.read()
  commit(home.openwrt, {b: '1'}, 'first change')
  commit(home.openwrt, {b: '2'}, 'second change')
  commit(home.one, {b: '2'}, 'change of a feed')
  t.is((await home.lock('x')).code, 0)
  t.deepEqual(home.read(), before)
  const onlyFeed = await home.lock('x', '--update', 'one')
  t.deepEqual([home.read().source, home.read().feeds['one']?.commit], [before.source, tip(home.one)])
  t.regex(onlyFeed.stderr, /one: HEAD: [0-9a-f]{40} -> [0-9a-f]{40}, 1 commit\n +[0-9a-f]{10} change of a feed\n/)
  const all = await home.lock('x', '--update')
  t.is(home.read().source?.commit, tip(home.openwrt))
  t.regex(all.stderr, /source: main: [0-9a-f]{40} -> [0-9a-f]{40}, 2 commits\n +[0-9a-f]{10} second change\n +[0-9a-f]{10} first change\n/)
  t.is(home.read().feeds['two']?.commit, before.feeds['two']?.commit)
})

test('a rewritten history is said', async (t) => {
  const home = await makeHome(t)
  commit(home.openwrt, {b: '1'}, 'to go away')
  await home.lock('x')
  git(home.openwrt, 'reset', '--quiet', '--hard', 'HEAD~1')
  commit(home.openwrt, {b: '2'}, 'instead')
  const {stderr, code} = await home.lock('x', '--update', 'source')
  t.is(code, 0, stderr)
  t.regex(stderr, /source: main: [0-9a-f]{40} -> [0-9a-f]{40}, which does not come after it\n/)
})

test('a name that is not locked cannot be updated', async (t) => {
  const home = await makeHome(t)
  const {code, stderr} = await home.lock('x', '--update', 'on')
  t.is(code, 2)
  t.regex(stderr, /--update on: there is nothing of that name to lock\n.*Did you mean one\? There are source, one, two\./)
})

test('build makes the lock that is missing and what the target has outgrown; --locked refuses both', async (t) => {
  const home = await makeHome(t)
  const refused = await home.build('--locked')
  t.deepEqual([refused.code, existsSync(join(home.folder, 'targets/x.lock.yaml'))], [1, false])
  t.regex(refused.stderr, /x has no lock/)
  const made = await home.build()
  t.is(made.code, 0, made.stderr)
  const before = home.read()
  git(home.openwrt, 'branch', 'other')
  home.write(`{repository: ${home.openwrt}, ref: other}`)
  const moved = await home.build('--locked')
  t.is(moved.code, 1)
  t.regex(moved.stderr, /source: ref is other, locked as main/)
  t.deepEqual(home.read(), before)
  t.is((await home.build()).code, 0)
  t.is(home.read().source?.ref, 'other')
})

test('mirrors answer for a repository that is down, which is said', async (t) => {
  const home = await makeHome(t)
  const [down, missing] = [`http://127.0.0.1:${await closedPort()}/openwrt`, await serveGit(t, home.folder)]
  home.write(`{repository: "${down}", mirrors: ["${missing.url}/nowhere", "${home.openwrt}"], ref: main}`)
  const {code, stderr} = await home.lock('x')
  t.is(code, 0, stderr)
  t.is(home.read().source?.repository, down)
  t.regex(stderr, /openwrt is passed over: the connection was refused\n.*nowhere is passed over: there is no such repository\n/)
})

test('a name that is not there is a Problem with the nearest', async (t) => {
  const home = await makeHome(t)
  home.write(`{repository: ${home.openwrt}, ref: mian}`)
  const {code, stderr} = await home.lock('x')
  t.is(code, 1)
  t.regex(stderr, /mian of OpenWrt could not be had:\n.*it has no branch or tag mian; did you mean main\?/)
})

test('names that could mean two things are refused: branch and tag, and what looks like a commit', async (t) => {
  const home = await makeHome(t)
  const hash = tip(home.openwrt)
  for (const name of ['both', '1'.repeat(40)]) git(home.openwrt, 'update-ref', `refs/heads/${name}`, hash)
  git(home.openwrt, 'tag', 'both')
  const locked = async (ref: string): Promise<CliResult> => {
    home.write(`{repository: ${home.openwrt}, ref: "${ref}"}`)
    return home.lock('x')
  }
  t.regex((await locked('both')).stderr, /OpenWrt has a branch and a tag called both\n.*refs\/heads\/both or refs\/tags\/both/)
  t.regex((await locked('1'.repeat(40))).stderr, /OpenWrt has a branch called 1{40}, which looks like a commit/)
  t.regex((await locked(hash.slice(0, 12))).stderr, /looks like a hash of 12 digits: a short one cannot be fetched/)
  t.is((await locked('refs/heads/both')).code, 0)
})

test('a commit has to be on a branch or tag of the repository', async (t) => {
  const home = await makeHome(t)
  const old = tip(home.openwrt)
  commit(home.openwrt, {b: '1'}, 'newer')
  const stray = git(home.openwrt, 'commit-tree', '-p', 'HEAD', '-m', 'of a fork', 'HEAD^{tree}')
  // as GitHub keeps pull requests, and with them the commits of forks
  git(home.openwrt, 'update-ref', 'refs/pull/1/head', stray)
  home.write(`{repository: ${home.openwrt}, ref: ${stray}}`)
  const refused = await home.lock('x')
  t.is(refused.code, 1)
  t.regex(refused.stderr, /the commit is on none of its branches and tags/)
  home.write(`{repository: ${home.openwrt}, ref: ${old}}`)
  const {code, stderr} = await home.lock('x')
  t.is(code, 0, stderr)
  t.is(home.read().source?.commit, old)
})

test('of a folder only the feeds are locked, those of a prepared tree as they are there', async (t) => {
  const home = await makeHome(t)
  const old = tip(home.one)
  writeFiles(home.openwrt, {'feeds/.keep': ''})
  git(join(home.openwrt, 'feeds'), 'clone', '--quiet', home.one, 'one')
  commit(home.one, {b: '1'}, 'newer')
  home.write(`{tree: ${home.openwrt}}`)
  t.is((await home.lock('x')).code, 0)
  t.deepEqual([home.read().source, home.read().feeds['one']?.commit], [undefined, old])
  t.is((await home.lock('x', '--update', 'one')).code, 0)
  t.is(home.read().feeds['one']?.commit, tip(home.one))
})

test('a target that pins nothing gets no lock', async (t) => {
  const home = await makeHome(t)
  writeFiles(home.folder, {'targets/x.yaml': `source: {path: ${home.openwrt}}\nfeeds: {prune: [gone, one, two]}\n`})
  const {code, stderr} = await home.lock('x')
  t.is(code, 0, stderr)
  t.false(existsSync(join(home.folder, 'targets/x.lock.yaml')))
})

test('without a name all targets of the project are locked, and parents are none', async (t) => {
  const home = await makeHome(t)
  writeFiles(home.folder, {'targets/x.yaml': null, 'targets/parent.yaml': 'feeds: {prune: [gone]}\n', ...Object.fromEntries(['a', 'b'].map((name) => [`targets/${name}.yaml`, `extends: parent\nsource: {repository: ${home.openwrt}, ref: main}\n`]))})
  const {code, stderr} = await home.lock()
  t.is(code, 0, stderr)
  t.deepEqual(['a', 'b', 'parent'].map((name) => existsSync(join(home.folder, `targets/${name}.lock.yaml`))), [true, true, false])
})

test('a repository that is none of OpenWrt\'s is refused', async (t) => {
  const home = await makeHome(t)
  home.write(`{repository: ${home.one}, ref: main}`)
  const {code, stderr} = await home.lock('x')
  t.is(code, 1)
  t.regex(stderr, /there is no feeds\.conf\.default in commit/)
})
