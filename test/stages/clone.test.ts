import {chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import type {Recipe, Source} from '../../pipeline/model/recipe.ts'
import type {SourceRecord} from '../../pipeline/model/source-record.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {clone} from '../../pipeline/stages/clone.ts'
import {writeFiles} from '../helpers/files.ts'
import {commit, git, makeLongHistory, makeRepository} from '../helpers/git.ts'
import {serveFiles, serveGit} from '../helpers/git-server.ts'
import {openwrtFiles} from '../helpers/openwrt.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'
import {runStage, textsOf, type StageRun} from '../helpers/stage.ts'
import {tempDir} from '../helpers/temp.ts'

process.env['GIT_HTTP_LOW_SPEED_TIME'] = '2'
process.env['HOME'] = '/nonexistent'

interface Cloned extends StageRun {
  readonly workspace: Workspace
  readonly record: SourceRecord | undefined
}

async function cloned(folder: string, source: Source, target = 'test'): Promise<Cloned> {
  const recipe: Recipe = makeRecipe({source, target})
  const workspace = makeWorkspace(folder, recipe)
  const result = await runStage(clone, recipe, workspace)
  return {...result, workspace, record: existsSync(workspace.source) ? JSON.parse(readFileSync(workspace.source, 'utf8')) as SourceRecord : undefined}
}

function fromGit(repository: string, hash: string, mirrors: readonly string[] = []): Source {
  return {kind: 'git', repository, mirrors, ref: 'main', commit: hash}
}

/** A repository with this many commits, behind which is a tree of OpenWrt. */
function makeUpstream(folder: string, commits = 3): string {
  let last = makeRepository(folder, openwrtFiles)
  for (let count = 1; count < commits; count += 1) last = commit(folder, {'package/a/Makefile': `# ${count}\n`}, `change ${count}`)
  return last
}

test.serial('a commit comes with its files, its history and its true revision, whatever the umask is', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'openwrt'))
  const before = process.umask(0o077)
  const {workspace: {tree}, record, problems} = await cloned(folder, fromGit(join(folder, 'openwrt'), last))
  process.umask(before)
  t.deepEqual(problems, [])
  t.is(record?.revision, `r3-${last.slice(0, 10)}`)
  t.like(record, {kind: 'git', commit: last, version: '24.10-SNAPSHOT', mirror: join(folder, 'openwrt'), changed: []})
  t.is(readFileSync(join(tree, 'package/a/Makefile'), 'utf8'), '# 2\n')
  t.deepEqual(['rules.mk', 'scripts/feeds', 'package'].map((name) => statSync(join(tree, name)).mode & 0o777), [0o644, 0o755, 0o755])
  t.is(git(tree, 'status', '--porcelain'), '')
  t.is(git(tree, 'rev-list', '--count', 'HEAD', '--', 'package/a'), '3')
})

test('a commit of a tag or of long ago has its own true revision', async (t) => {
  const folder = await tempDir(t)
  makeUpstream(join(folder, 'openwrt'))
  const old = git(join(folder, 'openwrt'), 'rev-parse', 'HEAD~1')
  t.is((await cloned(folder, fromGit(join(folder, 'openwrt'), old))).record?.revision, `r2-${old.slice(0, 10)}`)
})

test('mirrors are asked in order, and each one passed over is named with the reason', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'good/openwrt'))
  makeRepository(join(folder, 'old/openwrt'), openwrtFiles)
  const [down, good] = [await serveGit(t, folder), await serveGit(t, join(folder, 'good'))]
  down.fail({kind: 'status', status: 503})
  const result = await cloned(folder, fromGit(`${down.url}/openwrt`, last, [`file://${folder}/old/openwrt`, `${good.url}/openwrt`]))
  t.deepEqual(result.problems, [])
  t.is(result.record?.mirror, `${good.url}/openwrt`)
  const notes = textsOf(result, 'note')
  t.is(notes[0], `${down.url}/openwrt is passed over: the server answered 503`)
  t.regex(notes[1] ?? '', /old\/openwrt is passed over: none of its branches and tags has the commit/)
})

test('when nobody has the commit, the Problem has every reason', async (t) => {
  const folder = await tempDir(t)
  makeUpstream(join(folder, 'openwrt'))
  const missing = '1'.repeat(40)
  const {problems: [problem]} = await cloned(folder, fromGit(join(folder, 'openwrt'), missing, [join(folder, 'nowhere')]))
  t.is(problem?.code, 'commit-unknown')
  t.is(problem?.message, `commit ${missing} of OpenWrt could not be had:\n  ${folder}/openwrt: none of its branches and tags has the commit\n  ${folder}/nowhere: there is no such repository`)
})

test('a mirror that stalls or breaks off is passed over', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'openwrt'))
  const server = await serveGit(t, folder)
  for (const [kind, reason] of [['stall', 'it stalled'], ['cut', 'the transfer broke off']] as const) {
    server.fail({kind, after: 60})
    const result = await cloned(join(folder, kind), fromGit(`${server.url}/openwrt`, last, [join(folder, 'openwrt')]))
    t.deepEqual(result.problems, [])
    t.is(textsOf(result, 'note')[0], `${server.url}/openwrt is passed over: ${reason}`)
  }
})

test('a hash that is not a commit is refused', async (t) => {
  const folder = await tempDir(t)
  makeUpstream(join(folder, 'openwrt'))
  git(join(folder, 'openwrt'), 'tag', '--annotate', '--message', 'x', 'v1')
  const {problems: [problem]} = await cloned(folder, fromGit(join(folder, 'openwrt'), git(join(folder, 'openwrt'), 'rev-parse', 'v1')))
  t.is(problem?.code, 'commit-unknown')
  t.regex(problem?.message ?? '', /is a tag, not a commit/)
})

test('a plain web server will do', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'openwrt'))
  git(join(folder, 'openwrt'), 'update-server-info')
  const server = await serveFiles(t, folder)
  const {problems, record} = await cloned(folder, fromGit(`${server}/openwrt/.git`, last))
  t.deepEqual(problems, [])
  t.is(record?.revision, `r3-${last.slice(0, 10)}`)
})

test('a server that knows no filters will do', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'openwrt'))
  git(join(folder, 'openwrt'), 'config', 'uploadpack.allowFilter', 'false')
  const {problems, record} = await cloned(folder, fromGit(join(folder, 'openwrt'), last))
  t.deepEqual([problems, record?.revision], [[], `r3-${last.slice(0, 10)}`])
})

test.serial('a server of old, which gives only branches and tags, will do', async (t) => {
  const folder = await tempDir(t)
  makeUpstream(join(folder, 'openwrt'))
  const old = git(join(folder, 'openwrt'), 'rev-parse', 'HEAD~1')
  writeFiles(folder, {gitconfig: '[protocol]\n\tversion = 0\n'})
  process.env['GIT_CONFIG_GLOBAL'] = join(folder, 'gitconfig')
  t.teardown(() => { delete process.env['GIT_CONFIG_GLOBAL'] })
  const {problems, record} = await cloned(folder, fromGit(join(folder, 'openwrt'), old))
  t.deepEqual([problems, record?.revision], [[], `r2-${old.slice(0, 10)}`])
})

test('a second clone needs no network, keeps what was built and mends what was changed', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'openwrt'))
  const server = await serveGit(t, folder)
  const source = fromGit(`${server.url}/openwrt`, last)
  const {workspace: {tree}} = await cloned(folder, source)
  mkdirSync(join(tree, 'build_dir'))
  writeFileSync(join(tree, 'build_dir/made'), 'hours')
  writeFileSync(join(tree, 'rules.mk'), 'changed')
  writeFileSync(join(tree, 'stray'), '')
  const before = server.requests.length
  const again = await cloned(folder, source)
  t.is(server.requests.length, before)
  t.deepEqual(textsOf(again, 'warning'), [`2 files in ${tree} were not those of the commit, and are again: rules.mk, stray`])
  t.is(readFileSync(join(tree, 'build_dir/made'), 'utf8'), 'hours')
  t.deepEqual([readFileSync(join(tree, 'rules.mk'), 'utf8'), existsSync(join(tree, 'stray'))], [openwrtFiles['rules.mk'], false])
  t.deepEqual((await cloned(folder, source, 'other')).problems, [])
  t.is(server.requests.length, before)
})

test('a tree of another commit is made anew', async (t) => {
  const folder = await tempDir(t)
  const upstream = join(folder, 'openwrt')
  const first = makeUpstream(upstream)
  const {workspace: {tree, root}} = await cloned(folder, fromGit(upstream, first))
  mkdirSync(join(tree, 'build_dir'))
  const second = commit(upstream, {'package/b/Makefile': 'b\n', 'package/a/Makefile': null}, 'b for a')
  const {record} = await cloned(folder, fromGit(upstream, second))
  t.is(record?.revision, `r4-${second.slice(0, 10)}`)
  t.deepEqual([existsSync(join(tree, 'build_dir')), readdirSync(join(tree, 'package')).join()], [false, 'b'])
  t.false(readdirSync(root).some((name) => name.includes('.partial-')))
})

test('an interrupted fetch loses a step, not what came before it', async (t) => {
  const folder = await tempDir(t)
  const last = makeLongHistory(join(folder, 'openwrt'), 7000, openwrtFiles)
  const server = await serveGit(t, folder)
  const source = fromGit(`${server.url}/openwrt`, last)
  // the snapshot, the first commit of the history, and a step of 2000
  server.fail({kind: 'cut', after: 5000}, 3)
  const {problems: [problem], workspace} = await cloned(folder, source)
  t.is(problem?.code, 'source-unreachable')
  const history = join(workspace.gitCache, readdirSync(workspace.gitCache).find((name) => name.endsWith('.history.git')) ?? '')
  t.is(git(history, 'rev-list', '--count', `refs/partial/${last}`), '2001')
  server.fail(undefined)
  const packs = server.requests.length
  const {record} = await cloned(folder, source)
  t.is(record?.revision, `r7000-${last.slice(0, 10)}`)
  t.true(server.requests.length > packs)
})

test('two at once on one cache both succeed, and one fetch serves both', async (t) => {
  const folder = await tempDir(t)
  const last = makeUpstream(join(folder, 'openwrt'))
  const server = await serveGit(t, folder)
  const results = await Promise.all(['a', 'b'].map((target) => cloned(folder, fromGit(`${server.url}/openwrt`, last), target)))
  for (const {problems, record} of results) t.deepEqual([problems, record?.revision], [[], `r3-${last.slice(0, 10)}`])
  t.true(results.some((result) => textsOf(result, 'note').some((note) => note.startsWith('waiting for process'))))
  const single = await cloned(join(folder, 'single'), fromGit(`${server.url}/openwrt`, last))
  t.deepEqual(single.problems, [])
})

test('a damaged cache is named, and once it is removed all is well', async (t) => {
  const folder = await tempDir(t)
  const source = fromGit(join(folder, 'openwrt'), makeUpstream(join(folder, 'openwrt')))
  const {workspace: {tree, gitCache}} = await cloned(folder, source)
  const snapshots = join(gitCache, readdirSync(gitCache).find((name) => /-[0-9a-f]{12}\.git$/.test(name)) ?? '')
  const packs = join(snapshots, 'objects/pack')
  for (const name of readdirSync(packs).filter((pack) => pack.endsWith('.pack'))) {
    chmodSync(join(packs, name), 0o644)
    truncateSync(join(packs, name), 100)
  }
  rmSync(tree, {recursive: true})
  const {problems: [problem]} = await cloned(folder, source)
  t.is(problem?.code, 'checkout-failed')
  t.true(problem?.hint?.includes(`Remove ${snapshots} `))
  rmSync(snapshots, {recursive: true})
  t.deepEqual((await cloned(folder, source)).problems, [])
})

test('a repository that is not of OpenWrt is refused', async (t) => {
  const folder = await tempDir(t)
  const {problems: [problem]} = await cloned(folder, fromGit(join(folder, 'other'), makeRepository(join(folder, 'other'), {README: 'x'})))
  t.is(problem?.code, 'source-invalid')
  t.regex(problem?.message ?? '', /it has no rules.mk, no scripts\/feeds, no feeds.conf.default/)
})

test('a folder is copied with links and with the modes that git knows, without what was built in it', async (t) => {
  const folder = await tempDir(t)
  const from = join(folder, 'mine')
  writeFiles(from, {...openwrtFiles, 'build_dir/made': 'x', '.config': 'x', 'feeds/a/b': 'x', 'scripts/config/conf.o': 'x', 'files/etc/motd': 'hi\n', 'private': 'x'})
  symlinkSync('rules.mk', join(from, 'link'))
  symlinkSync('/nowhere', join(from, 'dangling'))
  const {workspace: {tree}, record, problems} = await cloned(folder, {kind: 'path', path: from})
  t.deepEqual(problems, [])
  t.like(record, {kind: 'path', path: from, revision: 'unknown', changed: []})
  t.deepEqual(['build_dir', '.config', 'feeds', 'scripts/config/conf.o'].filter((name) => existsSync(join(tree, name))), [])
  t.deepEqual([readlinkSync(join(tree, 'link')), readlinkSync(join(tree, 'dangling')), readFileSync(join(tree, 'files/etc/motd'), 'utf8')], ['rules.mk', '/nowhere', 'hi\n'])
  t.is(statSync(join(tree, 'scripts/feeds')).mode & 0o777, 0o755)
  // not the revision of whatever repository the workspace lies in
  t.is(readFileSync(join(tree, 'version'), 'utf8'), 'unknown\n')
})

test('a folder copied again leaves what is the same as it is, and what was built', async (t) => {
  const folder = await tempDir(t)
  const from = join(folder, 'mine')
  writeFiles(from, openwrtFiles)
  const first = await cloned(folder, {kind: 'path', path: from})
  const {tree} = first.workspace
  mkdirSync(join(tree, 'build_dir'))
  const times = (): number[] => ['rules.mk', 'scripts/getver.sh'].map((name) => lstatSync(join(tree, name)).mtimeMs)
  const before = times()
  // the same bytes, but newer, as after a fresh checkout
  utimesSync(join(from, 'rules.mk'), new Date(), new Date())
  writeFileSync(join(from, 'package/a/Makefile'), 'other\n')
  utimesSync(join(from, 'package/a/Makefile'), 1, 1)
  writeFiles(from, {'package/c/Makefile': 'c\n'})
  const built = Date.now()
  const second = await cloned(folder, {kind: 'path', path: from})
  t.deepEqual(times(), before)
  t.true(lstatSync(join(tree, 'package/a/Makefile')).mtimeMs >= built - 1000, 'what changed must look new to make')
  t.true(existsSync(join(tree, 'build_dir')))
  t.not(second.record?.digest, first.record?.digest)
  t.deepEqual(textsOf(second, 'note'), [`2 of ${Object.keys(openwrtFiles).length + 1} files copied from ${from}`])
})

test('what a folder has no more goes from the copy', async (t) => {
  const folder = await tempDir(t)
  const from = join(folder, 'mine')
  writeFiles(from, {...openwrtFiles, 'package/old/files/x': 'x'})
  await cloned(folder, {kind: 'path', path: from})
  writeFiles(from, {'package/old': null})
  const {workspace: {tree}} = await cloned(folder, {kind: 'path', path: from})
  t.deepEqual(readdirSync(join(tree, 'package')), ['a'])
})

test('of a folder that is a work tree of git, what git ignores is not copied, files/ is, and what is in no commit is said', async (t) => {
  const folder = await tempDir(t)
  const from = join(folder, 'mine')
  const last = makeRepository(from, openwrtFiles)
  writeFiles(from, {'files/etc/motd': 'hi\n', 'bin/made': 'x', 'package/a/Makefile': 'changed\n', 'package/new/Makefile': 'new\n'})
  const result = await cloned(folder, {kind: 'path', path: from})
  const {workspace: {tree}, record} = result
  t.like(record, {commit: last, changed: ['package/a/Makefile', 'package/new/Makefile']})
  t.regex(textsOf(result, 'warning')[0] ?? '', /is not as in its last commit: package\/a\/Makefile, package\/new\/Makefile/)
  t.deepEqual(['files/etc/motd', 'bin/made', 'package/new/Makefile', '.git'].map((name) => existsSync(join(tree, name))), [true, false, true, false])
  t.is(record?.revision, readFileSync(join(tree, 'version'), 'utf8').trim())
  t.is(readFileSync(join(tree, 'version.date'), 'utf8'), `${Date.parse('2026-01-02T03:04:05Z') / 1000}\n`)
})

test('a tree is used where it is, and nothing in it is written', async (t) => {
  const folder = await tempDir(t)
  const from = join(folder, 'mine')
  const last = makeRepository(from, openwrtFiles)
  writeFiles(from, {'build_dir/made': 'x', '.config': 'mine\n'})
  const before = snapshot(from)
  const {workspace, record, problems} = await cloned(folder, {kind: 'tree', path: from})
  t.deepEqual(problems, [])
  t.is(workspace.tree, from)
  t.like(record, {kind: 'tree', path: from, commit: last, changed: []})
  t.deepEqual(snapshot(from), before)
})

test('a folder that is no tree of OpenWrt is refused', async (t) => {
  const folder = await tempDir(t)
  mkdirSync(join(folder, 'empty'))
  for (const path of [join(folder, 'empty'), join(folder, 'nowhere')]) {
    const {problems: [problem]} = await cloned(folder, {kind: 'path', path})
    t.is(problem?.code, 'source-invalid')
  }
})

function snapshot(root: string): readonly string[] {
  return readdirSync(root, {recursive: true, encoding: 'utf8'}).filter((name) => !name.startsWith('.git')).sort().map((name) => `${name} ${lstatSync(join(root, name)).mtimeMs}`)
}
