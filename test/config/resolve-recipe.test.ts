import test from 'ava'
import {emptyLock, lockAnswers, lockDifferences, resolveRecipe} from '../../pipeline/config/resolve-recipe.ts'
import type {Draft} from '../../pipeline/model/draft.ts'
import type {Lock} from '../../pipeline/model/lock.ts'
import {loadText} from '../helpers/project.ts'

const commit = '58aa1b7f16c5c8d8e9f0a1b2c3d4e5f607182930'
const other = commit.replace('58', '59')
const o = {repository: 'https://example.org/o.git', ref: 'v1', commit}
const f = {repository: 'https://example.org/f.git', ref: 'HEAD', commit: other}
const packages = {repository: 'https://example.org/packages.git', ref: 'main', commit: other}

const text = 'source: {repository: https://example.org/o.git, mirrors: [https://example.net/o.git], ref: v1}\nfeeds: {prune: [video, luci], add: {f: {git: https://example.org/f.git, mirrors: [https://example.net/f.git]}, here: {path: .}}}\n'
const lock: Lock = {source: o, feeds: {packages, f}, added: ['f'], pruned: ['luci', 'video']}

test('a recipe is a draft with every ref a commit of the lock', async (t) => {
  const {draft, roots} = await loadText(t, text)
  t.deepEqual(lockDifferences(draft, lock), [])
  t.true(lockAnswers(draft, lock))
  t.false(lockAnswers(draft, undefined))
  const recipe = resolveRecipe(draft, lock)
  t.deepEqual(recipe.source, {kind: 'git', mirrors: ['https://example.net/o.git'], ...o})
  t.deepEqual(recipe.feeds, {
    prune: ['video', 'luci'], install: 'needed',
    keep: [{kind: 'git', name: 'packages', mirrors: [], ...packages}],
    add: [{kind: 'git', name: 'f', mirrors: ['https://example.net/f.git'], ...f}, {kind: 'path', name: 'here', path: `${roots.project}/targets`}],
  })
  t.deepEqual({...recipe, source: 0, feeds: 0}, {...draft, source: 0, feeds: 0})
})

/** Targets or locks that changed since, with what is told of it. */
const moved: readonly (readonly [string, string, Partial<Lock>, ...string[]])[] = [
  ['another ref', text.replace('ref: v1', 'ref: v2'), {}, 'source: ref is v2, locked as v1'],
  ['another repository', text.replace('o.git, mirrors', 'p.git, mirrors'), {}, 'source: repository is https://example.org/p.git, locked as https://example.org/o.git'],
  ['a full commit that is not the locked one', text.replace('ref: v1', `ref: ${other}`), {source: {...o, ref: other}}, `source: the commit is ${other}, locked as ${commit}`],
  ['a folder instead of a repository', text.replace(/source: .*\n/, 'source: {path: .}\n'), {}, 'source is a folder, locked as https://example.org/o.git'],
  ['a feed that was not there', text, {feeds: {packages}, added: []}, 'feeds.add.f is not locked'],
  ['a feed that is only that of feeds.conf.default', text, {added: []}, 'feeds.add.f is not locked'],
  ['a feed that is gone', text.replace(/f: \{git.*?\}, /, ''), {}, 'f is locked, but no feed from git of this target any more'],
  ['a feed that became a folder', text.replace(/f: \{git.*?\}, /, 'f: {path: .}, '), {}, 'f is locked, but no feed from git of this target any more'],
  ['a feed of another ref', text.replace('{git:', '{ref: v3, git:'), {}, 'feeds.add.f: ref is v3, locked as HEAD'],
  ['a feed that is not pruned any more', text.replace('[video, luci]', '[video]'), {}, 'luci is not pruned any more, and not locked'],
  ['one more feed to prune', text.replace('[video, luci]', '[video, luci, packages]'), {}, 'packages is pruned now, and was not when the lock was made'],
  ['an empty lock', text, {source: undefined, feeds: {}, added: [], pruned: []} as unknown as Partial<Lock>,
    'source is not locked', 'feeds.add.f is not locked', 'video is pruned now, and was not when the lock was made', 'luci is pruned now, and was not when the lock was made'],
]

for (const [what, target, change, ...expected] of moved) {
  test(`told: ${what}`, async (t) => {
    const {draft} = await loadText(t, target)
    const {source, ...rest} = {...lock, ...change}
    const known: Lock = {...rest, ...(source === undefined ? {} : {source})}
    t.deepEqual(lockDifferences(draft, known).map(({text: words}) => words), expected)
    t.false(lockAnswers(draft, known))
    t.like(t.throws(() => resolveRecipe(draft, known)), {code: 'lock-moved', hint: 'cloudwrt lock x'})
  })
}

test('mirrors, and whatever is not from git, do not move a lock', async (t) => {
  const same = [text.replaceAll(/mirrors: \[.*?\], /g, ''), `${text}packages: [jq]\nimage: {root: 1 GiB}\n`, text.replace('here: {path: .}', 'there: {path: /}'), text.replace('[video, luci]', '[luci, video]')]
  for (const target of same) t.deepEqual(lockDifferences((await loadText(t, target)).draft, lock), [])
})

test('without a lock only a target resolves of which nothing comes from git', async (t) => {
  const folders: Draft = (await loadText(t, 'source: {path: .}\nfeeds: {prune: [b, a], add: {here: {path: .}}}\n')).draft
  t.deepEqual(resolveRecipe(folders, undefined), resolveRecipe(folders, emptyLock(folders)))
  t.deepEqual(emptyLock(folders).pruned, ['a', 'b'])
  for (const target of [text, 'source: {path: .}\nfeeds: {add: {f: {git: https://example.org/f.git}}}\n']) {
    const {draft} = await loadText(t, target)
    t.like(t.throws(() => resolveRecipe(draft, undefined)), {code: 'lock-missing', hint: 'cloudwrt lock x'})
  }
})
