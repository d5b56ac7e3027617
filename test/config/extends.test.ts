import test from 'ava'
import {find, pointTo, type Path} from '../../pipeline/config/located.ts'
import {loadTarget, type LoadedTarget} from '../../pipeline/config/load-target.ts'
import {complaintsOf, makeRoots} from '../helpers/project.ts'

const source = 'source: {repository: https://example.org/o.git, mirrors: [https://example.net/o.git], ref: v1}\n'

test('maps are merged, growing lists grow, all else is the child\'s, through several levels', async (t) => {
  const roots = await makeRoots(t, {
    'package/targets/base.yaml': 'packages: [a, b]\nconfig: {X: true, Y: 1}\nfeeds: {prune: [luci, video]}\nimage: {root: 64 MiB, formats: [raw, qcow2]}\nconfig-allow: [X]\nboot: {checks: [{port: 22}]}\n',
    'package/targets/middle.yaml': `extends: base\n${source}packages: [c, -b]\nconfig: {Y: 2}\nimage: {boot: 32 MiB}\nconfig-allow: [Y, X]\n`,
    'project/targets/x.yaml': 'extends: middle\npackages: [b, -c]\nfeeds: {prune: [telephony]}\nimage: {formats: [raw.gz]}\nboot: {checks: [{run: "true"}]}\nsource: {ref: v2}\n',
  })
  const loaded = await loadTarget('x', roots)
  t.like(loaded.draft, {
    source: {kind: 'git', repository: 'https://example.org/o.git', mirrors: ['https://example.net/o.git'], ref: 'v2'},
    packages: {add: ['a', 'b'], remove: ['c']},
    config: {X: true, Y: 2},
    configAllow: ['X', 'Y'],
    feeds: {prune: ['telephony'], add: [], install: 'needed'},
    image: {root: 64 << 20, boot: 32 << 20, firmware: 'bios', formats: ['raw.gz']},
    boot: {memory: 128 << 20, checks: [{port: 22}, {run: 'true'}]},
  })
  t.deepEqual(loaded.chain.map((file) => file.replace(/.*\//, '')), ['x.yaml', 'middle.yaml', 'base.yaml'])
  const from = (...path: Path): string => originOf(loaded, path)
  t.is(from('source', 'repository'), 'middle.yaml:2')
  t.is(from('source', 'ref'), 'x.yaml:6')
  t.deepEqual([0, 1, 2, 3, 4, 5].map((index) => from('packages', index)), ['base.yaml:1', 'base.yaml:1', 'middle.yaml:3', 'middle.yaml:3', 'x.yaml:2', 'x.yaml:2'])
  t.is(from('config', 'X'), 'base.yaml:2')
  t.is(from('config', 'Y'), 'middle.yaml:4')
  t.is(from('image', 'root'), 'base.yaml:4')
  t.is(from('image', 'formats', 0), 'x.yaml:4')
  t.is(from('image', 'firmware'), 'default')
})

test('a child that chooses another source, feed or password has it to itself', async (t) => {
  const roots = await makeRoots(t, {
    'project/targets/base.yaml': `${source}feeds: {add: {f: {git: https://example.org/f.git, ref: v1}, g: {git: https://example.org/g.git}}}\nroot: {password: {env: A}}\n`,
    'project/targets/x.yaml': 'extends: base\nsource: {tree: .}\nfeeds: {add: {f: {path: .}, g: {ref: v2}}}\nroot: {password: {file: secret}}\n',
    'project/targets/y.yaml': 'extends: base\nsource: {repository: https://example.com/other.git}\n',
    'project/targets/z.yaml': 'extends: x\nsource: {ref: v3}\n',
  })
  const {draft} = await loadTarget('x', roots)
  t.is(draft.source.kind, 'tree')
  t.deepEqual(draft.feeds.add.map(({name, kind}) => [name, kind]), [['f', 'path'], ['g', 'git']])
  t.like(draft.feeds.add[1], {repository: 'https://example.org/g.git', ref: 'v2'})
  t.is(draft.root.password.kind, 'file')
  t.deepEqual(await complaintsOf(loadTarget('y', roots)), ['targets/y.yaml:2:1: source: ref is missing'])
  t.deepEqual(await complaintsOf(loadTarget('z', roots)), ['targets/z.yaml:2:10: source.ref: belongs to repository, and this says tree'])
})

test('null takes a feed, a symbol or a property of the parent away, a - an overlay', async (t) => {
  const roots = await makeRoots(t, {
    'project/targets/base.yaml': `${source}feeds: {add: {f: {path: .}, g: {path: .}}}\nconfig: {X: true, Y: true}\nroot: {overlays: [a, b]}\nupload: {properties: {p: 1}}\n`,
    'project/targets/x.yaml': 'extends: base\nfeeds: {add: {f: null}}\nconfig: {X: ~}\nroot: {overlays: [-a]}\nupload: {properties: {p: null}}\n',
    'project/overlays/a/': '', 'project/overlays/b/': '',
  })
  const {draft} = await loadTarget('x', roots)
  t.deepEqual(draft.feeds.add.map(({name}) => name), ['g'])
  t.deepEqual(draft.config, {Y: true})
  t.deepEqual(draft.root.overlays.map(({name}) => name), ['b'])
  t.like(draft.upload, {properties: {}})
})

test('a path counts from the folder of the file that says it, wherever the child lies', async (t) => {
  const roots = await makeRoots(t, {
    'project/shared/parent.yaml': `${source}feeds: {add: {f: {path: feed}}}\n`, 'project/shared/feed/': '',
    'project/deep/er/x.yaml': 'extends: ../../shared/parent.yaml\nroot: {keys: [{file: none.pub}]}\n',
  })
  t.deepEqual(await complaintsOf(loadTarget('deep/er/x.yaml', roots)), ['deep/er/x.yaml:2:22: deep/er/none.pub is not there'])
})

test('a target of the project may extend the shipped one of its name', async (t) => {
  const roots = await makeRoots(t, {'package/targets/x.yaml': `description: shipped\n${source}`, 'project/targets/x.yaml': 'extends: x\npackages: [jq]\n'})
  const {draft} = await loadTarget('x', roots)
  t.like(draft, {description: 'shipped', packages: {add: ['jq']}})
})

test('circles are named from end to end, at the line that closes them', async (t) => {
  const roots = await makeRoots(t, {
    'project/targets/self.yaml': 'extends: ./self.yaml\n', 'project/targets/a.yaml': 'extends: b\n', 'project/targets/b.yaml': '# b\nextends: c\n', 'project/targets/c.yaml': 'extends: b\n',
  })
  t.deepEqual(await complaintsOf(loadTarget('self', roots)), ['targets/self.yaml:1:10: extends: goes round in a circle: targets/self.yaml -> targets/self.yaml'])
  t.deepEqual(await complaintsOf(loadTarget('a', roots)), ['targets/c.yaml:1:10: extends: goes round in a circle: targets/b.yaml -> targets/c.yaml -> targets/b.yaml'])
})

test('what is wrong with a child is told together with what is wrong with its parents', async (t) => {
  const roots = await makeRoots(t, {
    'project/targets/x.yaml': 'extends: parent\nimage: {root: 5}\n', 'project/targets/parent.yaml': 'extends: lost\npackages: [a, a]\n',
    'project/targets/y.yaml': 'extends: broken\npackages: {}\n', 'project/targets/broken.yaml': 'a: [\n', 'project/targets/z.yaml': 'extends: 5\n',
  })
  t.deepEqual(await complaintsOf(loadTarget('x', roots)), [
    'targets/parent.yaml:1:10: there is no target "lost"', 'targets/parent.yaml:2:15: packages: is there twice, first in line 2',
    'targets/x.yaml:2:15: image.root: expected a text, not a number',
  ])
  t.deepEqual(await complaintsOf(loadTarget('y', roots)), [
    'targets/broken.yaml:2:1: not YAML: deficient indentation', 'targets/y.yaml:2:11: packages: expected a list, not a map',
  ])
  t.deepEqual(await complaintsOf(loadTarget('z', roots)), ['targets/z.yaml:1:1: source: is missing: where does OpenWrt come from?', 'targets/z.yaml:1:10: extends: expected a text, not a number'])
})

test('a contradiction between child and parent names both places', async (t) => {
  const roots = await makeRoots(t, {
    'project/targets/base.yaml': `${source}feeds:\n  prune: [f]\npackages: [jq]\n`,
    'project/targets/x.yaml': 'extends: base\nfeeds:\n  add: {f: {path: .}}\nconfig: {PACKAGE_jq: true}\n',
  })
  t.deepEqual(await complaintsOf(loadTarget('x', roots)), [
    'targets/x.yaml:3:9: feeds.add.f: the feed is also pruned (targets/base.yaml:3)',
    'targets/x.yaml:4:10: config.PACKAGE_jq: packages also speaks of jq (targets/base.yaml:4)',
  ])
})

function originOf({tree}: LoadedTarget, path: Path): string {
  const node = find(tree, path)
  return node === undefined ? 'default' : pointTo({...node.at, file: node.at.file.replace(/.*\//, '')})
}
