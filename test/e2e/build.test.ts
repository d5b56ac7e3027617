import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import type {EditRecord} from '../../pipeline/model/edit-record.ts'
import {cli, startCli} from '../helpers/cli.ts'
import {builtDemo, demoOptions, demoWorkspace, inBuiltTree} from '../helpers/demo.ts'
import {debugfs} from '../helpers/disk.ts'
import {packageFiles} from '../helpers/feeds.ts'
import {writeFiles} from '../helpers/files.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

test.serial('the demo: an image whose checksums and manifest are true, and nothing to do the second time', async (t) => {
  const workspace = await builtDemo()
  const image = await readFile(workspace.image('demo.qcow2'))
  const sha256 = createHash('sha256').update(image).digest('hex')
  t.regex(await readFile(workspace.checksums, 'utf8'), new RegExp(`^${sha256}  demo\\.qcow2$`, 'm'))
  t.true((await readFile(workspace.manifest, 'utf8')).includes(sha256))
  const {code, stdout, stderr} = await cli(['build', 'demo'], demoOptions(workspace.project.root))
  t.is(code, 0)
  t.is(stdout, `${workspace.image('demo.qcow2')}\n`)
  for (const stage of ['clone', 'feeds', 'configure', 'build', 'edit', 'convert']) t.regex(stderr, new RegExp(`${stage}.*fresh`))
})

test.serial('another password or overlay edits again and builds nothing', (t) => inBuiltTree(async (tree) => {
  const root = await tempDir(t)
  const target = (password: string): string => `extends: demo\nsource: {tree: ${tree}}\nroot:\n  password: ${password}\n  overlays: [../extra]\n`
  await mkdir(join(root, 'extra', 'etc'), {recursive: true})
  await writeFile(join(root, 'extra', 'etc', 'motd'), 'hello\n')
  await writeTarget(root, 'mine', target('locked'))
  const build = async (): Promise<string> => {
    const {code, stderr} = await cli(['build', 'mine'], demoOptions(root))
    t.is(code, 0, stderr)
    return stderr
  }
  await build()
  await writeTarget(root, 'mine', target('keep'))
  const plan = await cli(['plan', 'mine'], demoOptions(root))
  t.regex(plan.stdout + plan.stderr, /build +fresh/)
  t.regex(plan.stdout + plan.stderr, /edit +run .*password/)
  await build()
  await writeFile(join(root, 'extra', 'etc', 'motd'), 'good bye\n')
  const stages = await build()
  t.regex(stages, /build.*fresh/)
  t.notRegex(stages, /edit.*fresh/)
}))

test.serial('a package of the target\'s own that has changed is built again', (t) => inBuiltTree(async (tree) => {
  const root = await tempDir(t)
  await writeTarget(root, 'mine', `extends: demo\nsource: {tree: ${tree}}\nfeeds: {add: {own: {path: ../own}}}\npackages: [tool]\n`)
  for (const text of ['first', 'second']) {
    writeFiles(join(root, 'own'), {...packageFiles('tool', '', '\t$(INSTALL_DATA) ./text $(1)/etc/text\n'), 'tool/text': `${text}\n`})
    const {code, stderr} = await cli(['build', 'mine', '--until', 'edit'], demoOptions(root))
    t.is(code, 0, stderr)
    const {edited, editRecord} = demoWorkspace(root, 'mine')
    const {root: {offset}} = JSON.parse(await readFile(editRecord, 'utf8')) as EditRecord
    t.is(debugfs(edited, 'cat /etc/text', offset), `${text}\n`)
  }
}))

test.serial('two builds of one target at once: one works, the other names it; another folder, the same bytes', async (t) => {
  const [first, root] = [await builtDemo(), await tempDir(t)]
  const results = await Promise.all([startCli(['build', 'demo'], demoOptions(root)).result, startCli(['build', 'demo'], demoOptions(root)).result])
  const [done, refused] = results.toSorted((a, b) => Number(a.code) - Number(b.code))
  t.is(done?.code, 0, done?.stderr)
  t.is(refused?.code, 1)
  t.regex(refused?.stderr ?? '', /is in use by process \d+: cloudwrt build demo/)
  t.is(await readFile(demoWorkspace(root).checksums, 'utf8'), await readFile(first.checksums, 'utf8'))
  t.is(await readFile(demoWorkspace(root).manifest, 'utf8'), await readFile(first.manifest, 'utf8'))
})

test.serial('two targets at once share a cache that is empty', async (t) => {
  const root = await tempDir(t)
  await writeTarget(root, 'other', 'extends: demo\ndescription: another\n')
  const results = await Promise.all(['demo', 'other'].map((name) => startCli(['build', name], demoOptions(root, {CLOUDWRT_CACHE: join(root, 'cache')})).result))
  for (const {code, stderr} of results) t.is(code, 0, stderr)
})

test.serial('--json: one event a line, nothing else on stdout', async (t) => {
  const {project} = await builtDemo()
  const {stdout, code} = await cli(['build', 'demo', '--json'], demoOptions(project.root))
  t.is(code, 0)
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as {readonly type: string})
  t.is(events.at(0)?.type, 'plan')
  t.is(events.at(-1)?.type, 'done')
})

test.serial('a target that is wrong ends with 2 before anything is made', async (t) => {
  const root = await tempDir(t)
  await writeTarget(root, 'bad', 'extends: demo\npakages: [x]\nimage: {root: 3 apples}\n')
  const {code, stderr} = await cli(['build', 'bad'], demoOptions(root))
  t.is(code, 2)
  t.regex(stderr, /targets\/bad\.yaml:2:1/)
  t.regex(stderr, /targets\/bad\.yaml:3:\d+/)
  t.throws(() => execFileSync('ls', [join(root, 'images')], {stdio: 'ignore'}))
})
