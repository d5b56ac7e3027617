import {execFileSync} from 'node:child_process'
import {chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import {debugfs} from '../helpers/disk.ts'
import type {Files} from '../helpers/files.ts'
import {editors, key, makeBench, MiB, noLoop, testWithLoop, type Bench} from '../helpers/edit-bench.ts'
import {textsOf} from '../helpers/stage.ts'

/** Everything at once: what both editors must make the same of. */
function everything(lab: Bench): Partial<Recipe['root']> {
  const many = Object.fromEntries(Array.from({length: 150}, (_, index) => [`usr/share/many/a file with a name that is rather long, number ${index}`, 'x'.repeat(index * 50)]))
  return {
    password: {kind: 'locked'},
    keys: [key],
    overlays: [
      lab.overlay('one', {
        'etc/motd': 'another\n', 'usr/bin/tool!': '#!/bin/sh\n', 'etc/größer, "quoted" and \\back': 'ü', 'etc/<12>': 'no inode', 'etc/-x': '', "etc/it's": '', 'srv/sparse': `${'\0'.repeat(70_000)}end`, 'srv/empty/folder/file': '',
        'etc/resolv.conf': 'no link any more\n', ...many,
        '.overlay': 'usr/bin/tool mode=4755 uid=7 gid=70000\ndev/watchdog type=char device=10,130 mode=0660\ndev/disk type=block device=259,3\nrun/pipe type=fifo uid=3\nbin/busybox mode=0700\netc/config absent\netc/link link=/etc/../..\\040/x gid=4\nsrv type=dir mode=2770 gid=9\n',
      }, (folder) => {
        symlinkSync('busybox', join(folder, 'ls'))
        symlinkSync(`/${'long/'.repeat(300)}`, join(folder, 'long'))
      }),
      lab.overlay('two', {'etc/motd': 'the last word\n', 'etc/config/new': 'laid again\n'}),
    ],
  }
}

for (const {editor, tested} of editors) {
  tested(`${editor}: password, keys and overlays are in the root as asked`, async (t) => {
    const lab = await makeBench(t)
    lab.set({...everything(lab), editor})
    await lab.done(t)
    const tree = lab.tree
    const text = (path: string): string => Buffer.from(tree[path]?.split(' ')[2] ?? '', 'base64').toString()
    const modeAndOwner = (path: string): string | undefined => /^(\d+ \d+:\d+)/.exec(tree[path] ?? '')?.[1]
    t.is(text('/etc/shadow'), 'root:*::0:99999:7:::\ndaemon:*:0:0:99999:7:::\n')
    t.is(text('/etc/dropbear/authorized_keys'), `${key}\n`)
    t.is(text('/etc/motd'), 'the last word\n')
    t.is(text('/etc/config/new'), 'laid again\n')
    t.is(tree['/etc/config/system'], undefined)
    t.is(text('/etc/<12>'), 'no inode')
    t.is(text('/etc/resolv.conf'), 'no link any more\n')
    t.is(text('/srv/sparse'), `${'\0'.repeat(70_000)}end`)
    t.regex(tree['/ls'] ?? '', /-> busybox$/)
    t.regex(tree['/etc/link'] ?? '', /-> \/etc\/\.\.\/\.\. \/x$/)
    if (noLoop === undefined) {
      t.is(modeAndOwner('/etc/shadow'), '100600 0:0')
      t.is(modeAndOwner('/usr/bin/tool'), '104755 7:70000')
      t.is(modeAndOwner('/srv'), '42770 0:9')
      t.is(modeAndOwner('/dev/watchdog'), '20660 0:0')
      t.is(modeAndOwner('/dev/disk'), '60600 0:0')
      t.is(modeAndOwner('/run/pipe'), '10600 3:0')
      t.is(modeAndOwner('/bin/busybox'), '100700 0:0')
    }
    t.regex(debugfs(lab.edited.path, 'stat /dev/watchdog', lab.edited.offset), /major:minor.*10:130|10:130/)
    t.regex(debugfs(lab.edited.path, 'stat /dev/disk', lab.edited.offset), /259:03|259:3/)
    t.is(lab.record.editor, editor)
    t.is(lab.record.password, 'locked')
    t.deepEqual(lab.record.keys, {laid: 1, others: 0})
  })
}

testWithLoop('both editors make the same tree', async (t) => {
  const lab = await makeBench(t, {size: 24})
  lab.set(everything(lab), 32 * MiB)
  await lab.done(t)
  const userspaceTree = lab.tree
  t.is(lab.record.editor, 'userspace')
  lab.set({editor: 'loop'})
  await lab.done(t)
  t.is(lab.record.editor, 'loop')
  t.true(Object.keys(userspaceTree).length > 160)
  t.deepEqual(lab.tree, userspaceTree)
})

test('user space: the same bytes in another folder, another process, at another time', async (t) => {
  const [one, two] = [await makeBench(t), await makeBench(t)]
  // mke2fs gives every disk a seed of its own
  copyFileSync(one.disk.path, two.disk.path)
  for (const lab of [one, two]) {
    lab.set(everything(lab), 40 * MiB)
  }
  // of one the overlay's files are sparse, of the other they are not
  execFileSync('cp', ['--sparse=always', join(one.folder, 'overlays/one/srv/sparse'), join(one.folder, 'sparse')])
  execFileSync('mv', [join(one.folder, 'sparse'), join(one.folder, 'overlays/one/srv/sparse')])
  await one.done(t)
  await two.done(t)
  t.true(readFileSync(one.workspace.edited).equals(readFileSync(two.workspace.edited)))
  t.deepEqual(one.record, two.record)
  t.false(readFileSync(one.workspace.edited).includes(one.folder))
})

test('nothing but the root changes in the image', async (t) => {
  const lab = await makeBench(t)
  lab.set({password: {kind: 'locked'}})
  await lab.done(t)
  const [before, after] = [readFileSync(lab.disk.path), readFileSync(lab.workspace.edited)]
  t.is(after.length, before.length)
  t.true(after.subarray(0, lab.disk.offset).equals(before.subarray(0, lab.disk.offset)))
  t.false(after.equals(before))
})

test('an edit leaves the image with holes', async (t) => {
  const lab = await makeBench(t, {size: 200})
  await lab.done(t)
  t.true(statSync(lab.workspace.edited).blocks * 512 < 40 * MiB)
})

test('keys are added to what the image has, each once; dropbear\'s folder is shut', async (t) => {
  const other = key.replace('BwcH', 'CAgI')
  const lab = await makeBench(t, {files: {'etc/dropbear/authorized_keys': `# mine\n${other}\n${key.replace('me@here', 'other comment')}`}, dress: (tree) => chmodSync(join(tree, 'etc/dropbear'), 0o777)})
  lab.set({keys: [key]})
  const run = await lab.done(t)
  const text = Buffer.from(lab.tree['/etc/dropbear/authorized_keys']?.split(' ')[2] ?? '', 'base64').toString()
  t.is(text, `# mine\n${other}\n${key}\n`)
  t.regex(lab.tree['/etc/dropbear'] ?? '', /^40700/)
  t.regex(textsOf(run, 'warning').join('\n'), /lets in 1 other/)
  t.deepEqual(lab.record.keys, {laid: 1, others: 1})
})

test('an overlay that undoes password or keys is refused', async (t) => {
  const lab = await makeBench(t, {}, {password: {kind: 'locked'}, keys: [key]})
  lab.set({overlays: [lab.overlay('shadow', {'etc/shadow': 'root::0:0:99999:7:::\n'})]})
  await lab.refused(t, 'overlay-invalid', /overlay shadow lays \/etc\/shadow, which root\.password writes[^]*password: keep/)
  lab.set({overlays: [lab.overlay('gone', {'.overlay': 'etc/dropbear absent\n'})]})
  await lab.refused(t, 'overlay-invalid', /takes away \/etc\/dropbear/)
})

test('warnings: set-id bits, closed files and empty folders, which git does not keep', async (t) => {
  const lab = await makeBench(t)
  lab.set({overlays: [lab.overlay('x', {'a!': '', 'b': '', 'c': '', '.overlay': 'c mode=0600\nopt type=dir mode=0750\n'}, (folder) => {
    chmodSync(join(folder, 'a'), 0o4755)
    chmodSync(join(folder, 'b'), 0o600)
    chmodSync(join(folder, 'c'), 0o600)
    mkdirSync(join(folder, 'srv/empty'), {recursive: true})
    mkdirSync(join(folder, 'opt'))
  })]})
  const texts = textsOf(await lab.done(t), 'warning')
  t.is(texts.length, 3)
  t.regex(texts[0] ?? '', /overlay x: \/a without set-id/)
  t.regex(texts[1] ?? '', /overlay x: \/b will be readable by all/)
  t.regex(texts[2] ?? '', /overlay x: \/srv\/empty, \/srv not laid: git does not keep empty folders/)
  t.is(lab.tree['/srv'], undefined)
  t.regex(lab.tree['/opt'] ?? '', /^40750/)
  t.regex(lab.tree['/a'] ?? '', /^100755/)
  t.regex(lab.tree['/b'] ?? '', /^100644/)
  t.regex(lab.tree['/c'] ?? '', /^100600/)
})

test('an overlay that is an archive', async (t) => {
  const lab = await makeBench(t)
  const {path} = lab.overlay('packed', {'etc/motd': 'packed\n', 'usr/bin/tool!': 'x', '.overlay': 'usr/bin/tool mode=2755\n'}, (folder) => {
    symlinkSync('motd', join(folder, 'etc/link'))
    execFileSync('ln', [join(folder, 'etc/motd'), join(folder, 'etc/second')])
    chmodSync(join(folder, 'etc/motd'), 0o640)
    chmodSync(folder, 0o700)
  })
  execFileSync('tar', ['-C', path, '--owner=0', '--group=0', '-czf', `${path}.tar.gz`, '.'])
  lab.set({overlays: [{name: 'packed', path: `${path}.tar.gz`}]})
  const run = await lab.done(t)
  t.deepEqual(textsOf(run, 'warning'), [])
  const tree = lab.tree
  t.regex(tree['/etc/motd'] ?? '', /^100640 0:0/)
  t.regex(tree['/etc/second'] ?? '', /^100640 0:0/)
  t.regex(tree['/etc/link'] ?? '', /-> motd$/)
  if (noLoop === undefined) t.regex(tree['/usr/bin/tool'] ?? '', /^102755/)
  t.is(tree['/.overlay'], undefined)
  t.regex(debugfs(lab.edited.path, 'stat <2>', lab.edited.offset), /Mode: +0755/)
})

test('archives that are none, are cut off, or hold what only a manifest may say', async (t) => {
  const lab = await makeBench(t)
  const path = join(lab.folder, 'x.tar')
  const refused = async (pattern: RegExp): Promise<void> => {
    lab.set({overlays: [{name: 'x', path}]})
    await lab.refused(t, 'overlay-invalid', pattern)
  }
  writeFileSync(path, 'not a tar archive at all, whatever its name says'.repeat(50))
  await refused(/no tar archive that can be read/)
  const {path: folder} = lab.overlay('x', {'etc/motd': 'x'.repeat(100_000)})
  execFileSync('tar', ['-C', folder, '-cf', path, '.'])
  writeFileSync(path, readFileSync(path).subarray(0, 50_000))
  await refused(/no tar archive that can be read/)
  execFileSync('tar', ['-C', folder, '-P', '--transform', 's,^./etc,../../etc,', '-cf', path, './etc/motd'])
  await refused(/no \.\./)
  execFileSync('mkfifo', [join(folder, 'pipe')])
  execFileSync('tar', ['-C', folder, '-cf', path, 'pipe'])
  await refused(/\/pipe is a FIFO/)
})

test('overlays that are not there, hold what cannot be laid, or contradict themselves', async (t) => {
  const lab = await makeBench(t)
  const refused = async (name: string, files: Files, pattern: RegExp, dress?: (folder: string) => void): Promise<void> => {
    lab.set({overlays: [lab.overlay(name, files, dress)]})
    await lab.refused(t, 'overlay-invalid', pattern)
  }
  lab.set({overlays: [{name: 'none', path: join(lab.folder, 'none')}]})
  await lab.refused(t, 'overlay-invalid', /overlay none: .* is not there/)
  await refused('a', {'line\nbreak': ''}, /line break/)
  await refused('b', {}, /neither a file, a folder nor a link/, (folder) => execFileSync('mkfifo', [join(folder, 'pipe')]))
  await refused('c', {}, /not UTF-8/, (folder) => execFileSync('bash', ['-c', "touch $'\\xff'"], {cwd: folder}))
  await refused('d', {'etc/motd': '', '.overlay': 'etc/motd type=fifo\n'}, /makes it a named pipe, but the overlay has a file/)
  await refused('e', {'.overlay': 'etc/motd modus=1\n'}, /expected mode=/)
})

test('an overlay that does not fit says so before it starts', async (t) => {
  const lab = await makeBench(t)

  lab.set({overlays: [lab.overlay('big', {'srv/big': 'x'.repeat(20 * MiB)})]})
  await lab.refused(t, 'root-full', /the root lacks \d+ KiB: .*Give image\.root more room|the root lacks \d+ KiB/)
})
