import {chmod, mkdir, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import {dump} from 'js-yaml'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {loadTarget} from '../../pipeline/config/load-target.ts'
import {formats} from '../../pipeline/model/formats.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'
import {complaintsOf, loadText, makeRoots} from '../helpers/project.ts'
import {tempDir} from '../helpers/temp.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH3Zp7lmk79DziUQUrveoEl4dl44V/bWQiZ0xaBY23hv me@here'
const commit = '58aa1b7f16c5c8d8e9f0a1b2c3d4e5f607182930'
const source = 'source: {repository: https://example.org/o.git, ref: v1}\n'

/** Targets that do not fit: after a line with a good source, each with every complaint as `line:column: path: message`. */
const refused: readonly (readonly [string, ...string[]])[] = [
  // keys and kinds
  ['sorce: {}', '2:1: sorce: unknown key'],
  ['toString: {}\nfeeds: {constructor: {}}', '2:1: toString: unknown key', '3:9: feeds.constructor: unknown key'],
  ['image: {root: 64 MiB, size: 5, formt: [raw]}', '2:23: image.size: unknown key', '2:32: image.formt: unknown key'],
  ['image: [raw]', '2:8: image: expected a map, not a list'],
  ['packages: jq', '2:11: packages: expected a list, not a text'],
  ['packages: [5]', '2:12: packages: expected a text, not a number'],
  ['build:', '2:1: build: is empty, expected a map'],
  ['build: {jobs: 0}', '2:15: build.jobs: expected at least 1'],
  ['build: {jobs: 1.5}', '2:15: build.jobs: expected a whole number, not a number'],
  ['build: {ccache: yes}', '2:17: build.ccache: expected true or false, not a text'],
  ['platform: arm/64', '2:11: platform: expected x86/64'],
  ['description: ""', '2:14: description: expected one line of text'],

  // source
  ['source: {ref: v1}', "2:1: the key source is there twice"],

  // feeds
  ['feeds: {prune: [rc-cloud]}', '2:17: feeds.prune: a feed has letters, digits and _ in its name: scripts/feeds breaks on anything else'],
  ['feeds: {add: {a.b: {git: https://example.org/f.git}}}', '2:15: feeds.add.a.b: a feed has letters, digits and _ in its name: scripts/feeds breaks on anything else'],
  ['feeds: {prune: [f], add: {f: {git: https://example.org/f.git}}}', '2:27: feeds.add.f: the feed is also pruned (targets/x.yaml:2)'],
  ['feeds: {prune: [a, b, a]}', '2:23: feeds.prune: is there twice, first in line 2'],
  ['feeds: {add: {f: {}}}', '2:15: feeds.add.f: expected one of git, path'],
  ['feeds: {add: {f: {path: ., ref: v1}}}', '2:28: feeds.add.f.ref: belongs to git, and this says path'],
  ['feeds: {add: {f: {path: ., git: https://example.org/f.git}}}', '2:19: feeds.add.f.path: stands beside git (targets/x.yaml:2): only one of git, path can be'],
  ['feeds: {add: {f: {path: nowhere}}}', '2:25: feeds.add.f.path: there is no targets/nowhere'],
  ['feeds: {add: {f: {path: x.yaml}}}', '2:25: feeds.add.f.path: targets/x.yaml is not a folder'],
  ['feeds: {add: {f: {path: ~/feed}}}', '2:25: feeds.add.f.path: ~ is not expanded: write the whole path, or one from the folder of this file'],
  ['feeds: {add: {f: null}}', '2:15: feeds.add.f: null takes away what a parent says, and none says this'],
  ['feeds: {install: everything}', '2:18: feeds.install: expected one of needed, all'],

  // packages
  ['packages: ["a b", "$(x)", ";", CONFIG_PACKAGE_jq]',
    '2:12: packages: not the name of a package: letters, digits and . _ + - only, a - before it takes it away',
    '2:19: packages: not the name of a package: letters, digits and . _ + - only, a - before it takes it away',
    '2:27: packages: not the name of a package: letters, digits and . _ + - only, a - before it takes it away',
    '2:32: packages: packages are written without CONFIG_PACKAGE_'],
  ['packages: [jq, -jq]', '2:16: packages: jq is both added (line 2) and taken away'],
  ['packages: [jq, jq]', '2:16: packages: is there twice, first in line 2'],

  // symbols
  ['config: {CONFIG_X: true}', '2:10: config.CONFIG_X: symbols are written without CONFIG_: X'],
  ['config: {"A B": true}', '2:10: config.A B: not a Kconfig symbol: letters, digits and _ . + - only'],
  ['config: {X: yes}', '2:13: config.X: a symbol is switched by true or false, without quotes'],
  ['config: {X: "a $(shell x)"}', '2:13: config.X: make would expand the $ or ` in it'],
  ['config: {X: "a\\nb"}', '2:13: config.X: a symbol has one line, without control characters'],
  ['config: {X: 1.5}', '2:13: config.X: expected true or false, a whole number or a text, not a number'],
  ['config: {X: [1]}', '2:13: config.X: expected true or false, a number or a text, not a list'],
  ['config: {X: }', '2:10: config.X: null takes away what a parent says, and none says this'],
  ['config: {TARGET_SERIAL: ttyS1, GRUB_SERIAL: ttyS1, QCOW2_IMAGES: true}', '2:10: config.TARGET_SERIAL: set by image.console.serial', '2:32: config.GRUB_SERIAL: set by image.console.serial', '2:52: config.QCOW2_IMAGES: set by image.formats'],
  ['config: {TARGET_ROOTFS_PARTSIZE: 64, GRUB_EFI_IMAGES: true}', '2:10: config.TARGET_ROOTFS_PARTSIZE: set by image.root', '2:38: config.GRUB_EFI_IMAGES: set by image.firmware'],
  ['packages: [jq]\nconfig: {PACKAGE_jq: false}', '3:10: config.PACKAGE_jq: packages also speaks of jq (targets/x.yaml:2)'],
  ['config-allow: [CONFIG_X]', '2:16: config-allow: symbols are written without CONFIG_: X'],

  // image
  ['image: {root: 256}', '2:15: image.root: expected a text, not a number'],
  ['image: {root: 256 MB}', '2:15: image.root: expected a size such as 256 MiB'],
  ['image: {root: 1.5 MiB}', '2:15: image.root: expected whole MiB'],
  ['image: {boot: 2 MiB}', '2:15: image.boot: expected at least 4 MiB'],
  ['image: {root: 2 TiB}', '2:15: image.root: expected less than 2 TiB, the end of what a partition table of the MBR kind can say'],
  ['image: {formats: [floppy, raw, raw]}', `2:19: image.formats: expected one of ${formats.join(', ')}`, '2:32: image.formats: is there twice, first in line 2'],
  ['image: {formats: []}', '2:18: image.formats: expected at least one format'],
  ['image: {firmware: uefi}', '2:19: image.firmware: expected one of bios, efi'],
  ['image: {console: {serial: COM1, baud: 0}}', '2:27: image.console.serial: expected a terminal such as ttyS0', '2:39: image.console.baud: expected more than 0'],

  // root
  ['root: {password: hunter2}', '2:18: root.password: a password never stands in a target, which is committed, shown and logged: expected locked, keep, prompt, {env: NAME}, {file: PATH} or {hash-file: PATH}'],
  ['root: {password: 123456}', '2:18: root.password: a password never stands in a target, which is committed, shown and logged: expected locked, keep, prompt, {env: NAME}, {file: PATH} or {hash-file: PATH}'],
  ['root: {password: {plain: hunter2}}', '2:8: root.password: expected one of env, file, hash-file', '2:19: root.password.plain: unknown key'],
  ['root: {password: {env: A, file: b}}', '2:27: root.password.file: stands beside env (targets/x.yaml:2): only one of env, file, hash-file can be'],
  ['root: {password: {env: a-b}}', '2:24: root.password.env: expected the name of an environment variable'],
  ['root: {keys: [me@here]}', '2:15: root.keys: not a public key: expected a type (ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, …), then base64'],
  ['root: {keys: [{}]}', '2:15: root.keys.file: is missing'],
  ['root: {keys: [{file: nowhere.pub}]}', '2:22: targets/nowhere.pub is not there'],
  ['root: {keys: [{file: x.yaml}]}', '2:22: targets/x.yaml holds no public key'],
  ['root: {overlays: [clod]}', '2:19: root.overlays: there is no overlay clod'],
  ['root: {overlays: [./clod, a.tar.gz]}', '2:19: root.overlays: there is no targets/clod', '2:27: root.overlays: there is no targets/a.tar.gz'],
  ['root: {overlays: [-cloud]}', '2:19: root.overlays: cloud is taken away, but no parent lays it'],

  // boot and upload
  ['boot: {checks: [{port: 99999}, {expect: x, port: 22}, {run: a, file: /b}]}',
    '2:24: boot.checks.port: expected at most 65535',
    '2:33: boot.checks.expect: belongs to run, and this says port',
    '2:64: boot.checks.file: stands beside run (targets/x.yaml:2): only one of run, file, port, package can be'],
  ['upload: {visibility: all, keep: 0, properties: {a: [1]}}',
    '2:22: upload.visibility: expected one of private, shared, community, public',
    '2:33: upload.keep: expected at least 1',
    '2:52: upload.properties.a: expected a text, true or false or a number, not a list'],
]

for (const [text, ...expected] of refused) {
  test(`refused: ${text}`, async (t) => {
    const found = await complaintsOf(loadText(t, `${source}${text}\n`, {'project/overlays/cloud/': ''}))
    t.deepEqual(found, expected.map((complaint) => `targets/x.yaml:${complaint}`))
  })
}

/** Sources, each with every complaint. */
const badSources: readonly (readonly [string, ...string[]])[] = [
  ['{}', '1:1: source: is missing: where does OpenWrt come from?'],
  ['source: {}', '1:1: source: expected one of repository, path, tree'],
  ['source: {repository: https://example.org/o.git}', '1:1: source: ref is missing'],
  ['source: {path: ., repository: https://example.org/o.git, ref: v1}', '1:10: source.path: stands beside repository (targets/x.yaml:1): only one of repository, path, tree can be'],
  ['source: {tree: ., mirrors: [https://example.org/o.git]}', '1:19: source.mirrors: belongs to repository, and this says tree'],
  ['source: {repository: /nowhere/o.git, ref: v1}', '1:22: source.repository: there is no /nowhere/o.git'],
  ...badRefs(),
  ...badRepositories(),
]

function badRefs(): [string, string][] {
  const refs: [string, string][] = [
    ['abc1234', 'looks like a hash of 7 digits: a short one cannot be fetched, so write all 40 (a branch of that name is refs/heads/abc1234)'],
    ['"1234567"', 'looks like a hash of 7 digits: a short one cannot be fetched, so write all 40 (a branch of that name is refs/heads/1234567)'],
    [`${commit}0`, 'looks like a hash, but has 41 digits, not 40'],
    ['24.10', 'expected a text, not a number'],
    ...['"a b"', 'a..b', '-x', 'x.lock', '"a:b"', '"a~1"', 'a^', '"@{u}"', 'a/', '""'].map((ref): [string, string] => [ref, 'not a name that git takes for a branch or tag']),
  ]
  return refs.map(([ref, complaint]) => [`source: {repository: https://example.org/o.git, ref: ${ref}}`, `1:54: source.ref: ${complaint}`])
}

function badRepositories(): [string, string][] {
  const known = 'not a repository: an https:, http:, git:, ssh: or file: URL, user@host:path, or a folder that begins with / ./ or ../'
  const secret = 'a user, token or password in a URL would be shown and logged: use a git credential helper'
  const urls: [string, string][] = [
    ['openwrt', known], ['ext::sh -c x', 'a URL has no white space'], ['ext::x', known], ['"-uX"', known], ['https://', known], ['ssh://-oProxyCommand=x/y', known], ['me@-x:y', known],
    ['https://example.org/o.git;main', 'a URL here has no # ; or ^, which feeds.conf cuts at: give the branch or commit as ref'],
    ['https://hunter2@example.org/o.git', secret], ['ssh://me:hunter2@example.org/o.git', secret],
  ]
  return urls.map(([url, complaint]) => [`source: {ref: v1, repository: ${url}}`, `1:31: source.repository: ${complaint}`])
}

for (const [text, ...expected] of badSources) {
  test(`refused: ${text}`, async (t) => {
    t.deepEqual(await complaintsOf(loadText(t, `${text}\n`)), expected.map((complaint) => `targets/x.yaml:${complaint}`))
  })
}

test('hints name what was meant', async (t) => {
  const hints = async (text: string): Promise<readonly (string | undefined)[]> => problemsOf(await t.throwsAsync(loadText(t, `${source}${text}`, {'package/overlays/cloud/': ''}))).map(({hint}) => hint)
  t.deepEqual(await hints('pakcages: []'), ['Did you mean packages?'])
  t.deepEqual(await hints('image: {formats: [qcow]}'), ['Did you mean qcow2?'])
  t.deepEqual(await hints('root: {overlays: [clud]}'), ['Did you mean cloud? There are cloud; one of your own is a folder overlays/NAME, or a path with a / in it.'])
  t.deepEqual(await hints('packages: [24.10]'), ['A text that looks like something else stands in quotes: "24.10".'])
  t.deepEqual(await hints('zzzzzzz: 1'), ['Known here: description, extends, source, platform, feeds, packages, config, config-allow, image, build, root, boot, upload.'])
})

test('no complaint repeats a password', async (t) => {
  for (const password of ['hunter2', '"hunter2"', '{plain: hunter2}', '[hunter2]', '{env: X, plain: hunter2}', '\n    hunter2', '\n    plain: hunter2', '|\n    hunter2']) {
    const problems = problemsOf(await t.throwsAsync(loadText(t, `${source}root:\n  password: ${password}\n`)))
    t.false(JSON.stringify(problems.map(({message, hint, at}) => [message, hint, at?.text])).includes('hunter2'), password)
  }
})

test('whatever a file says, it is loaded or complained about, at places that it has', async (t) => {
  const roots = await makeRoots(t, {'project/targets/': '', 'package/overlays/cloud/': ''})
  const file = join(roots.project, 'targets/x.yaml')
  const key = fc.constantFrom('description', 'extends', 'source', 'repository', 'ref', 'path', 'feeds', 'add', 'git', 'prune', 'packages', 'config', 'image', 'root', 'formats', 'password', 'env', 'keys', 'file', 'overlays', 'boot', 'checks', 'run', 'upload', 'properties', 'valueOf')
  const scalar = fc.oneof(fc.constantFrom('https://example.org/x.git', 'v1', '.', '/', '256 MiB', 'cloud', '-cloud', 'jq', 'locked', 'raw', '0', 'x', null, true, 5, 1.5), fc.string({maxLength: 5}))
  const {tree} = fc.letrec<{tree: unknown}>((tie) => ({tree: fc.oneof({maxDepth: 5}, scalar, fc.array(tie('tree'), {maxLength: 4}), fc.dictionary(key, tie('tree'), {maxKeys: 6}))}))
  const slip = fc.string({maxLength: 3, unit: fc.constantFrom('\t', ' ', '\n', ':', '-', '{', '}', '[', '&', '*', '!', '"', "'", '|', '>', '#', '?', '%', '\0', 'a')})
  const text = fc.tuple(fc.dictionary(key, tree, {maxKeys: 8}).map((value) => dump(value)), fc.nat(200), fc.oneof(fc.constant(''), slip))
    .map(([whole, at, slipped]) => whole.slice(0, at) + slipped + whole.slice(at))
  await t.notThrowsAsync(fc.assert(fc.asyncProperty(text, async (content) => {
    await writeFile(file, content)
    const problems = await loadTarget('x', roots).then(() => [], (error: unknown) => problemsOf(error).length > 0 ? problemsOf(error) : Promise.reject(error as Error))
    const lines = content.split(/\r\n|\n|\r/)
    return problems.every(({at}) => at?.line === undefined || (at.column ?? 1) <= (lines[at.line - 1]?.length ?? -1) + 1)
  }), {numRuns: 300}))
})

test('a full target becomes a draft: paths from the folder of the file, keys read, sizes in bytes', async (t) => {
  const {draft, roots, lockFile} = await loadText(t, `
description: all of it
source: {repository: ../o.git, mirrors: [git@example.org:o.git, ./mirror], ref: ${commit.toUpperCase()}}
feeds:
  prune: [video]
  add: {cloud: {path: ../feed}, other: {git: https://example.org/f.git, mirrors: [file:///srv/f.git]}}
  install: all
packages: [rc.cloud, -luci, libstdcpp6]
config: {GRUB_TIMEOUT: "0", KERNEL_X: true, COUNT: 5}
config-allow: [KERNEL_X]
image: {root: 1 GiB, boot: 16MiB, firmware: efi, console: {serial: ttyS1, baud: 9600}, formats: [raw, qcow2.zst]}
build: {jobs: 3, ccache: true, keys: /}
root:
  password: {hash-file: ../secret/root.hash}
  keys: ["${key}", {file: ../id.pub}]
  overlays: [cloud, ../mine, ../other.tar.gz]
boot: {memory: 64 MiB, checks: [{run: "true", expect: x}, {port: 22}]}
upload: {clouds: [here], properties: {hw_disk_bus: virtio}}
`, {
    'project/o.git/': '', 'project/targets/mirror/': '', 'project/feed/': '', 'project/id.pub': `# mine\n\n${key.replace('me@here', 'me@there')}\r\n`,
    'package/overlays/cloud/': '', 'project/mine/': '', 'project/other.tar.gz': '',
  })
  const inProject = (path: string): string => join(roots.project, path)
  t.is(lockFile, inProject('targets/x.lock.yaml'))
  t.deepEqual(draft, {
    target: 'x',
    description: 'all of it',
    source: {kind: 'git', repository: inProject('o.git'), mirrors: ['git@example.org:o.git', inProject('targets/mirror')], ref: commit},
    platform: 'x86/64',
    feeds: {
      prune: ['video'],
      add: [{kind: 'path', name: 'cloud', path: inProject('feed')}, {kind: 'git', name: 'other', repository: 'https://example.org/f.git', mirrors: ['file:///srv/f.git'], ref: 'HEAD'}],
      install: 'all',
    },
    packages: {add: ['rc.cloud', 'libstdcpp6'], remove: ['luci']},
    config: {GRUB_TIMEOUT: '0', KERNEL_X: true, COUNT: 5},
    configAllow: ['KERNEL_X'],
    image: {root: 2 ** 30, boot: 2 ** 24, firmware: 'efi', console: {serial: 'ttyS1', baud: 9600}, formats: ['raw', 'qcow2.zst']},
    build: {jobs: 3, ccache: true, keys: '/'},
    root: {
      password: {kind: 'hash-file', path: inProject('secret/root.hash')},
      keys: [key, key.replace('me@here', 'me@there')],
      overlays: [
        {name: 'cloud', path: join(roots.package, 'overlays/cloud')}, {name: 'mine', path: inProject('mine')}, {name: 'other', path: inProject('other.tar.gz')},
      ],
    },
    boot: {memory: 2 ** 26, checks: [{run: 'true', expect: 'x'}, {port: 22}]},
    upload: {clouds: ['here'], visibility: 'private', keep: 3, properties: {hw_disk_bus: 'virtio'}},
  })
})

test('a target is found by name in the project, then in the package, or by its path', async (t) => {
  const roots = await makeRoots(t, {
    'project/targets/both.yaml': `description: mine\n${source}`, 'package/targets/both.yaml': `description: shipped\n${source}`,
    'package/targets/shipped.yaml': source, 'project/elsewhere/own.yaml': source, 'project/shipped.yaml/': '',
  })
  t.is((await loadTarget('both', roots)).draft.description, 'mine')
  t.like(await loadTarget('shipped', roots), {file: join(roots.package, 'targets/shipped.yaml'), lockFile: join(roots.project, 'targets/shipped.lock.yaml')})
  t.like(await loadTarget('elsewhere/own.yaml', roots), {draft: {target: 'own'}, lockFile: join(roots.project, 'elsewhere/own.lock.yaml')})
  t.like(await loadTarget(join(roots.project, 'elsewhere/own.yaml'), roots), {chain: ['elsewhere/own.yaml']})
})

test('a target that is not there is named with those that are', async (t) => {
  const roots = await makeRoots(t, {'project/targets/mine.yaml': source, 'project/targets/mine.lock.yaml': '', 'package/targets/x86-64.yaml': source})
  const error = await t.throwsAsync(loadTarget('x86-46', roots))
  t.like(error, {code: 'target-unknown', message: 'there is no target "x86-46"', hint: 'Did you mean x86-64? There are mine, x86-64; a target of your own is targets/NAME.yaml, or the path of its file.'})
  t.like(await t.throwsAsync(loadTarget('../x.yaml', roots)), {code: 'target-unknown', message: `there is no file ${join(roots.project, '../x.yaml')}`})
  t.like(await t.throwsAsync(loadTarget('targets/mine', roots)), {code: 'target-unknown', message: 'targets/mine: the file of a target ends in .yaml'})
  t.like(await t.throwsAsync(loadTarget('targets/a b.yaml', roots)), {code: 'target-unknown', message: "targets/a b.yaml: the name of a target's file has letters, digits and . _ - only"})
  t.like(await t.throwsAsync(loadTarget('a b', roots)), {code: 'target-unknown', message: '"a b" is neither the name of a target nor the path of one'})
  t.like(await t.throwsAsync(loadTarget('targets/mine.lock.yaml', roots)), {code: 'target-unknown', message: 'targets/mine.lock.yaml is a lock, not a target'})
})

test('a file that cannot be a target is refused with the reason', async (t) => {
  const folder = await tempDir(t)
  const roots = {project: folder, package: folder}
  const path = (name: string): string => join(folder, 'targets', `${name}.yaml`)
  await mkdir(path('folder'), {recursive: true})
  await writeFile(path('empty'), '# nothing yet\n')
  await writeFile(path('binary'), Buffer.from([0x61, 0x3a, 0xff, 0xfe]))
  await writeFile(path('utf16'), Buffer.from('\uFEFFa: 1', 'utf16le'))
  await writeFile(path('large'), `# ${'x'.repeat(2 ** 20)}`)
  await writeFile(path('list'), '- a\n')
  await writeFile(path('secret'), source)
  await chmod(path('secret'), 0)
  await symlink('loop.yaml', path('loop'))
  const expected = {
    folder: 'targets/folder.yaml is a folder, not a file', empty: 'targets/empty.yaml is empty', binary: 'targets/binary.yaml is not text in UTF-8', utf16: 'targets/utf16.yaml is not text in UTF-8',
    large: 'targets/large.yaml is larger than 1 MiB', list: 'a target is a map of keys and values', loop: 'targets/loop.yaml is a link that leads to itself',
    // root may read everything
    ...(process.getuid?.() === 0 ? {} : {secret: 'targets/secret.yaml may not be read by this user'}),
  }
  for (const [name, message] of Object.entries(expected)) t.is((await t.throwsAsync(loadTarget(name, roots))).message, message)
})

for (const target of ['demo', 'x86-64', 'x86-64-24.10', 'x86-64-snapshot']) {
  test(`the shipped ${target} is valid, also from a project of somebody's own`, async (t) => {
    const project = await tempDir(t)
    const {draft, lockFile} = await loadTarget(target, {project, package: packageRoot})
    t.is(lockFile, join(project, 'targets', `${target}.lock.yaml`))
    t.true(draft.packages.add.includes('rc.cloud'))
    t.is(draft.feeds.add[0]?.name, 'cloud')
    t.deepEqual(draft.root.overlays, [{name: 'cloud', path: join(packageRoot, 'overlays', 'cloud')}])
    t.is(draft.config['GRUB_TIMEOUT'], '0')
  })
}
