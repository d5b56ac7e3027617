import {cpSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import type {FeedRecord} from '../../pipeline/model/feeds-record.ts'
import type {Feed, GitFeed, Recipe} from '../../pipeline/model/recipe.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {clone} from '../../pipeline/stages/clone.ts'
import {feeds} from '../../pipeline/stages/feeds.ts'
import {brokenFiles, packageFiles} from '../helpers/feeds.ts'
import {writeFiles, type Files} from '../helpers/files.ts'
import {commit, git, makeRepository} from '../helpers/git.ts'
import {serveGit} from '../helpers/git-server.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'
import {runStage, textsOf, type StageRun} from '../helpers/stage.ts'
import {tempDir} from '../helpers/temp.ts'

process.env['HOME'] = '/nonexistent'

interface Wish {
  readonly prune?: readonly string[]
  readonly keep?: readonly GitFeed[]
  readonly add?: readonly Feed[]
  readonly packages?: readonly string[]
  readonly remove?: readonly string[]
  readonly config?: Recipe['config']
  readonly install?: 'needed' | 'all'
  readonly kind?: 'path' | 'tree'
}

interface Fed extends StageRun {
  readonly workspace: Workspace
  readonly records: readonly FeedRecord[]
  /** What is linked into package/feeds: `FEED/SOURCE`. */
  readonly links: readonly string[]
}

/** A tree that answers as OpenWrt's does; it stands at `TREE` of a folder of the test's own, with this feeds.conf.default. */
async function makeHome(t: ExecutionContext, feedsConf = ''): Promise<string> {
  const folder = await tempDir(t)
  cpSync(join(packageRoot, 'targets/demo/openwrt'), join(folder, 'TREE'), {recursive: true})
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': feedsConf})
  return folder
}

async function fed(folder: string, {prune = [], keep = [], add = [], packages = [], remove = [], config = {}, install = 'needed', kind = 'path'}: Wish): Promise<Fed> {
  const recipe = makeRecipe({source: {kind, path: join(folder, 'TREE')}, feeds: {prune, keep, add, install}, packages: {add: packages, remove}, config})
  const workspace = makeWorkspace(folder, recipe)
  const before = await runStage(clone, recipe, workspace)
  if (before.problems.length > 0) throw before.problems[0]
  const result = await runStage(feeds, recipe, workspace)
  const linked = join(workspace.tree, 'package/feeds')
  return {
    ...result, workspace,
    records: existsSync(workspace.feeds) ? JSON.parse(readFileSync(workspace.feeds, 'utf8')) as FeedRecord[] : [],
    links: existsSync(linked) ? readdirSync(linked).flatMap((feed) => readdirSync(join(linked, feed)).map((name) => `${feed}/${name}`)).sort() : [],
  }
}

function pathFeed(folder: string, name: string, files: Files): Feed {
  writeFiles(join(folder, name), files)
  return {kind: 'path', name, path: join(folder, name)}
}

function gitFeed(name: string, repository: string, hash: string, more: Partial<GitFeed> = {}): GitFeed {
  return {kind: 'git', name, repository, mirrors: [], commit: hash, ref: 'HEAD', ...more}
}

function messages({problems}: StageRun): readonly string[] {
  return problems.map(({code, message}) => `${code}: ${message}`)
}

test('feeds.conf is the default with feeds pruned, pinned and added, and only what is needed is installed', async (t) => {
  const folder = await makeHome(t, '# the first line\nsrc-git one URL\n#\nsrc-git-full gone https://example.org/gone.git;main\n')
  const repository = join(folder, 'one.git')
  const hash = makeRepository(repository, {...packageFiles('a', '+b'), ...packageFiles('b'), ...packageFiles('unneeded')})
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': `# the first line\nsrc-git one ${repository}\n#\nsrc-git-full gone https://example.org/gone.git;main\n`})
  const own = pathFeed(folder, 'own', packageFiles('mine', '+a'))
  const result = await fed(folder, {prune: ['gone', 'video'], keep: [gitFeed('one', repository, hash)], add: [own], packages: ['mine']})
  t.deepEqual(result.problems, [])
  t.is(readFileSync(join(result.workspace.tree, 'feeds.conf'), 'utf8'), [
    '# Written by cloudwrt from feeds.conf.default and the target; what is changed here is lost.',
    `src-link own ${folder}/own`, '# the first line', `src-git one ${repository}^${hash}`, '', '# pruned: src-git-full gone https://example.org/gone.git;main', '',
  ].join('\n'))
  t.deepEqual(result.links, ['one/a', 'one/b', 'own/mine'])
  t.deepEqual(result.records, [
    {name: 'own', url: join(folder, 'own'), installed: ['mine']},
    {name: 'one', url: repository, commit: hash, ref: 'HEAD', installed: ['a', 'b']},
  ])
})

test('a feed is at its pin, not at what its branch has become, and is not fetched twice', async (t) => {
  const folder = await makeHome(t)
  const upstream = join(folder, 'feed')
  const pinned = makeRepository(upstream, packageFiles('a'))
  commit(upstream, packageFiles('b'), 'later')
  const server = await serveGit(t, folder)
  const wish = {add: [gitFeed('own', `${server.url}/feed`, pinned)], packages: ['a']}
  const result = await fed(folder, wish)
  t.deepEqual(result.problems, [])
  const checkout = join(result.workspace.tree, 'feeds/own')
  t.deepEqual([git(checkout, 'rev-parse', 'HEAD'), existsSync(join(checkout, 'b')), git(checkout, 'remote', 'get-url', 'origin')], [pinned, false, `${server.url}/feed`])
  const asked = server.requests.length
  t.deepEqual((await fed(folder, wish)).problems, [])
  t.is(server.requests.length, asked)
})

test('a mirror steps in for the repository of a feed', async (t) => {
  const folder = await makeHome(t)
  const hash = makeRepository(join(folder, 'feed'), packageFiles('a'))
  const result = await fed(folder, {add: [gitFeed('own', join(folder, 'nowhere'), hash, {mirrors: [join(folder, 'feed')]})], packages: ['a']})
  t.deepEqual([result.problems, result.links], [[], ['own/a']])
  t.deepEqual(textsOf(result, 'note').slice(0, 1), [`${folder}/nowhere is passed over: there is no such repository`])
})

test('every feed that cannot be had is named, not only the first', async (t) => {
  const folder = await makeHome(t)
  const result = await fed(folder, {add: ['x', 'y'].map((name) => gitFeed(name, join(folder, name), '1'.repeat(40)))})
  t.deepEqual(result.problems.map(({code, message}) => `${code} ${/feed (\w)/.exec(message)?.[1]}`), ['source-unreachable x', 'source-unreachable y'])
})

test('a feed that was changed or left half-made is made right again', async (t) => {
  const folder = await makeHome(t)
  const hash = makeRepository(join(folder, 'feed'), {...packageFiles('a'), ...packageFiles('b')})
  const wish = {add: [gitFeed('own', join(folder, 'feed'), hash)], packages: ['a']}
  const {workspace: {tree}} = await fed(folder, wish)
  writeFiles(join(tree, 'feeds/own'), {'a/Makefile': 'broken'})
  const changed = await fed(folder, wish)
  t.deepEqual([changed.problems, changed.links], [[], ['own/a']])
  t.regex(textsOf(changed, 'warning').join(), /1 files of the feed own were not those, and are again those, of its commit: a\/Makefile/)
  rmSync(join(tree, 'feeds/own/.git'), {recursive: true})
  const halfMade = await fed(folder, wish)
  t.deepEqual([halfMade.problems, git(join(tree, 'feeds/own'), 'rev-parse', 'HEAD')], [[], hash])
})

test('a package whose dependency went away with a pruned feed is a Problem with all three names', async (t) => {
  const folder = await makeHome(t)
  makeRepository(join(folder, 'packages'), {'utils/jq/Makefile': packageFiles('jq')['jq/Makefile'] ?? ''})
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': `src-git packages ${folder}/packages\nsrc-git away ${folder}/nowhere\n`})
  const own = pathFeed(folder, 'own', {...packageFiles('tool', '+middle'), ...packageFiles('middle', '+jq')})
  const result = await fed(folder, {prune: ['packages', 'away'], add: [own], packages: ['tool']})
  t.deepEqual(messages(result), ['package-incomplete: middle (which tool needs) needs jq, and jq is in the feed packages, which this target prunes'])
  t.is(result.problems[0]?.hint, 'Take packages out of feeds.prune, or tool out of packages.')
})

test('a pruned feed that cannot be asked is named as a place to look', async (t) => {
  const folder = await makeHome(t)
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': `src-git away ${folder}/nowhere\n`})
  const result = await fed(folder, {prune: ['away'], add: [pathFeed(folder, 'own', packageFiles('tool', '+jq'))], packages: ['tool']})
  t.deepEqual(messages(result), ['package-incomplete: tool needs jq, and no feed of this target has it'])
  t.is(result.problems[0]?.hint, 'It may be in away, which this target prunes, and which could not be asked. Or take tool out of packages.')
})

test('a dependency counts where its condition is sure to hold', async (t) => {
  const folder = await makeHome(t)
  const own = pathFeed(folder, 'own', {...packageFiles('tool', '+TOOL_PAM:libpam +PACKAGE_extra:missing @SOME_SYMBOL +!USE_X:never'), ...packageFiles('extra')})
  t.deepEqual((await fed(folder, {add: [own], packages: ['tool']})).problems, [])
  const sure = await fed(folder, {add: [own], packages: ['tool', 'extra'], config: {TOOL_PAM: true}})
  t.deepEqual(messages(sure), ['libpam', 'missing'].map((name) => `package-incomplete: tool needs ${name}, and no feed of this target has it`))
})

test('an unknown package is a Problem with the nearest name, or the pruned feed that has it', async (t) => {
  const folder = await makeHome(t)
  makeRepository(join(folder, 'packages'), packageFiles('jq'))
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': `src-git packages ${folder}/packages\n`})
  const result = await fed(folder, {prune: ['packages'], add: [pathFeed(folder, 'own', packageFiles('frobnicate'))], packages: ['frobnicte', 'jq', 'busybox']})
  t.deepEqual(result.problems.map(({message, hint}) => `${message} | ${hint}`), [
    'packages: there is no package frobnicte: neither OpenWrt nor a feed of this target has it | Did you mean frobnicate?',
    'packages: there is no package jq: it is in the feed packages, which this target prunes | Take packages out of feeds.prune, or jq out of packages.',
  ])
})

test('a feed to prune that no release has is a Problem, one that another release has is not', async (t) => {
  const folder = await makeHome(t, 'src-git routing https://example.org/r.git\n')
  const result = await fed(folder, {prune: ['routing', 'video', 'telefony']})
  t.deepEqual(messages(result), ['feed-unknown: feeds.prune: no release of OpenWrt has a feed telefony'])
  t.is(result.problems[0]?.hint, 'Did you mean telephony? feeds.conf.default of this one has routing.')
})

test('what scripts/feeds would take in silence for something else is refused before', async (t) => {
  const folder = await makeHome(t, 'src-git taken https://example.org/r.git\n')
  writeFiles(folder, {'with space/a/Makefile': 'x', 'file': 'x'})
  const path = (name: string, where: string): Feed => ({kind: 'path', name, path: where})
  const result = await fed(folder, {
    keep: [gitFeed('taken', 'https://example.org/r.git', '1'.repeat(40))],
    add: [path('taken', folder), path('base', folder), path('a', join(folder, 'with space')), path('b', join(folder, 'nowhere')), path('c', 'relative'), path('d', join(folder, 'file')), path('e', '/x#y')],
  })
  t.deepEqual(messages(result).map((message) => message.replaceAll(folder, '')), [
    'feeds-conf-invalid: feeds.add.taken: feeds.conf.default has a feed of that name as well',
    'feeds-conf-invalid: feeds.add.base: OpenWrt calls its own packages by that name',
    'feeds-conf-invalid: feeds.add.a: /with space cannot be a feed: scripts/feeds takes what is behind a space for another location',
    'feeds-conf-invalid: feeds.add.b: /nowhere cannot be a feed: it is not there, and scripts/feeds would not say so',
    'feeds-conf-invalid: feeds.add.c: relative cannot be a feed: scripts/feeds would look for it in feeds/',
    'feeds-conf-invalid: feeds.add.d: /file cannot be a feed: it is no folder',
    'feeds-conf-invalid: feeds.add.e: /x#y cannot be a feed: scripts/feeds takes what is behind a # for a comment',
  ])
})

test('a feed of feeds.conf.default that the lock does not pin, or pins otherwise, is a Problem', async (t) => {
  const folder = await makeHome(t, 'src-git new https://example.org/n.git\nsrc-git moved https://example.org/m.git;openwrt-25.12\nsrc-svn old https://example.org/o\n')
  const result = await fed(folder, {keep: [gitFeed('moved', 'https://example.org/m.git', '1'.repeat(40), {ref: 'openwrt-24.10'})]})
  t.deepEqual(messages(result), [
    'lock-moved: the feed new of feeds.conf.default (src-git new https://example.org/n.git) has no pin in the lock of test',
    'lock-moved: the feed moved of feeds.conf.default (src-git moved https://example.org/m.git;openwrt-25.12) is locked as openwrt-24.10 of https://example.org/m.git',
    'feeds-conf-invalid: the feed old of feeds.conf.default (src-svn old https://example.org/o) cannot be pinned: only src-git and src-git-full can',
  ])
})

test('a feed without a package is a Problem', async (t) => {
  const folder = await makeHome(t)
  t.deepEqual(messages(await fed(folder, {add: [pathFeed(folder, 'own', {'README': 'x'})]})), ['feed-failed: scripts/feeds found no package in the feed own'])
})

test('a Makefile that cannot be read is a Problem in a feed of our own, and a warning in others', async (t) => {
  const folder = await makeHome(t)
  const own = await fed(folder, {add: [pathFeed(folder, 'own', {...packageFiles('a'), ...brokenFiles('x')})]})
  t.deepEqual(messages(own), ['feed-failed: feeds/own/x/Makefile cannot be read'])
  t.regex(own.problems[0]?.hint ?? '', /logs\/feeds\/own\/x\/dump\.txt/)
  const hash = makeRepository(join(folder, 'theirs'), {...packageFiles('a'), ...brokenFiles('x')})
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': `src-git theirs ${folder}/theirs\n`})
  const keep = [gitFeed('theirs', join(folder, 'theirs'), hash)]
  const theirs = await fed(folder, {keep, packages: ['a']})
  t.deepEqual([theirs.problems, textsOf(theirs, 'warning')], [[], ['scripts/feeds cannot read a package, and leaves it out: theirs/x']])
  t.deepEqual(messages(await fed(folder, {keep, packages: ['x']})), ['package-unknown: packages: feeds/theirs/x/Makefile cannot be read, so that there is no package x'])
})

test('links that nobody needs any more go', async (t) => {
  const folder = await makeHome(t)
  const own = pathFeed(folder, 'own', {...packageFiles('a'), ...packageFiles('b')})
  t.deepEqual((await fed(folder, {add: [own], packages: ['a']})).links, ['own/a'])
  t.deepEqual((await fed(folder, {add: [own], packages: ['b']})).links, ['own/b'])
  t.deepEqual((await fed(folder, {add: [own], install: 'all'})).links, ['own/a', 'own/b'])
  const gone = await fed(folder, {add: [pathFeed(folder, 'other', packageFiles('c'))]})
  t.deepEqual([gone.links, readdirSync(join(gone.workspace.tree, 'feeds')).filter((name) => name.startsWith('own'))], [[], []])
})

test('a package that is asked for as a symbol is installed as well', async (t) => {
  const folder = await makeHome(t)
  const own = pathFeed(folder, 'own', {...packageFiles('a'), ...packageFiles('b')})
  t.deepEqual((await fed(folder, {add: [own], config: {PACKAGE_a: true, PACKAGE_b: false, PACKAGE_a_OPTION: true}})).links, ['own/a'])
})

test('the feed of our own comes first where two have a package', async (t) => {
  const folder = await makeHome(t)
  const hash = makeRepository(join(folder, 'theirs'), packageFiles('a'))
  writeFiles(join(folder, 'TREE'), {'feeds.conf.default': `src-git theirs ${folder}/theirs\n`})
  const result = await fed(folder, {keep: [gitFeed('theirs', join(folder, 'theirs'), hash)], add: [pathFeed(folder, 'own', packageFiles('a'))], packages: ['a']})
  t.deepEqual([result.problems, result.links], [[], ['own/a']])
})

test('a package that OpenWrt has itself is not taken from a feed, and that is said', async (t) => {
  const folder = await makeHome(t)
  const result = await fed(folder, {add: [pathFeed(folder, 'own', {...packageFiles('busybox'), ...packageFiles('a')})], packages: ['busybox', 'a']})
  t.deepEqual([result.problems, result.links], [[], ['own/a']])
  t.deepEqual(textsOf(result, 'warning'), ['busybox of the feed own is not used: OpenWrt has a package of that name itself'])
})

test('.config is what it was', async (t) => {
  const folder = await makeHome(t)
  const wish = {add: [pathFeed(folder, 'own', packageFiles('a'))], packages: ['a']}
  const {workspace: {tree}} = await fed(folder, wish)
  writeFiles(tree, {'.config': 'CONFIG_X=y\n'})
  t.deepEqual((await fed(folder, wish)).problems, [])
  t.deepEqual([readFileSync(join(tree, '.config'), 'utf8'), existsSync(join(tree, '.config.cloudwrt'))], ['CONFIG_X=y\n', false])
  // a run that was killed left it aside
  writeFiles(tree, {'.config': null, '.config.cloudwrt': 'CONFIG_Y=y\n'})
  t.deepEqual((await fed(folder, wish)).problems, [])
  t.is(readFileSync(join(tree, '.config'), 'utf8'), 'CONFIG_Y=y\n')
})

test('in a tree of the user\'s own, a feed at its pin is used, without a network, with all that is in it', async (t) => {
  const folder = await makeHome(t)
  const {tree, keep} = preparedTree(folder)
  rmSync(join(folder, 'upstream'), {recursive: true})
  writeFiles(tree, {'feeds/one/a/note': 'mine', 'feeds.conf': 'src-git one elsewhere\n', 'package/feeds/one/.keep': ''})
  symlinkSync('../../../feeds/one/nowhere', join(tree, 'package/feeds/one/gone'))
  const result = await fed(folder, {kind: 'tree', keep, packages: ['a']})
  t.deepEqual(result.problems, [])
  t.deepEqual(result.records[0]?.changed, ['a/note'])
  t.regex(textsOf(result, 'warning').join(), /1 files of the feed one are not those of its commit: a\/note/)
  t.deepEqual([readFileSync(join(tree, 'feeds/one/a/note'), 'utf8'), readFileSync(join(tree, 'feeds.conf.orig'), 'utf8')], ['mine', 'src-git one elsewhere\n'])
  t.deepEqual([readlinkSync(join(tree, 'package/feeds/one/a')), lstatSync(join(tree, 'package/feeds/one/gone'), {throwIfNoEntry: false})], ['../../../feeds/one/a', undefined])
})

test('in a tree of the user\'s own, a feed elsewhere than at its pin is not touched', async (t) => {
  const folder = await makeHome(t)
  const {tree, keep} = preparedTree(folder)
  const moved = commit(join(tree, 'feeds/one'), {'x': 'work of days'}, 'mine')
  const result = await fed(folder, {kind: 'tree', keep, packages: ['a']})
  t.is(result.problems[0]?.code, 'feed-moved')
  t.is(git(join(tree, 'feeds/one'), 'rev-parse', 'HEAD'), moved)
})

/** A tree in which somebody has called `scripts/feeds update` and `install` already. */
function preparedTree(folder: string): {tree: string; keep: readonly GitFeed[]} {
  const [tree, upstream] = [join(folder, 'TREE'), join(folder, 'upstream')]
  const hash = makeRepository(upstream, packageFiles('a'))
  writeFiles(tree, {'feeds.conf.default': `src-git one ${upstream}\n`, 'feeds/.keep': ''})
  git(join(tree, 'feeds'), 'clone', '--quiet', upstream, 'one')
  return {tree, keep: [gitFeed('one', upstream, hash)]}
}
