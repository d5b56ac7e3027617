import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {cli, startCli} from '../helpers/cli.ts'
import {builtDemo, demoOptions, demoWorkspace} from '../helpers/demo.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

test('the demo: an image whose checksums and manifest are true, and nothing to do the second time', async (t) => {
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

test('two builds of one recipe in two folders: the same bytes', async (t) => {
  const [first, second] = [await builtDemo(), await tempDir(t)]
  const {code, stderr} = await cli(['build', 'demo'], demoOptions(second))
  t.is(code, 0, stderr)
  t.is(await readFile(demoWorkspace(second).checksums, 'utf8'), await readFile(first.checksums, 'utf8'))
})

test('another password or overlay edits again and builds nothing', async (t) => {
  const root = await tempDir(t)
  const target = (password: string): string => `extends: demo\nroot:\n  password: ${password}\n  overlays: [../extra]\n`
  await mkdir(join(root, 'extra', 'etc'), {recursive: true})
  await writeFile(join(root, 'extra', 'etc', 'motd'), 'hello\n')
  await writeTarget(root, 'mine', target('locked'))
  t.is((await cli(['build', 'mine'], demoOptions(root))).code, 0)
  await writeTarget(root, 'mine', target('keep'))
  const plan = await cli(['plan', 'mine'], demoOptions(root))
  t.regex(plan.stdout + plan.stderr, /build +fresh/)
  t.regex(plan.stdout + plan.stderr, /edit +run .*password/)
  t.is((await cli(['build', 'mine'], demoOptions(root))).code, 0)
  await writeFile(join(root, 'extra', 'etc', 'motd'), 'good bye\n')
  const {stderr} = await cli(['build', 'mine'], demoOptions(root))
  t.regex(stderr, /build.*fresh/)
  t.notRegex(stderr, /edit.*fresh/)
})

test('two builds of one target at once: one works, the other names it', async (t) => {
  const root = await tempDir(t)
  await builtDemo()
  const [one, two] = await Promise.all([startCli(['build', 'demo'], demoOptions(root)).result, startCli(['build', 'demo'], demoOptions(root)).result])
  t.deepEqual([one.code, two.code].sort(), [0, 1])
  const refused = one.code === 1 ? one : two
  t.regex(refused.stderr, /is in use by process \d+: cloudwrt build demo/)
})

test('two targets at once share the cache in peace', async (t) => {
  const root = await tempDir(t)
  await writeTarget(root, 'other', 'extends: demo\ndescription: another\n')
  const results = await Promise.all(['demo', 'other'].map((name) => startCli(['build', name], demoOptions(root, {CLOUDWRT_CACHE: join(root, 'cache')})).result))
  for (const {code, stderr} of results) t.is(code, 0, stderr)
})

test('--json: one event a line, nothing else on stdout', async (t) => {
  const {project} = await builtDemo()
  const {stdout, code} = await cli(['build', 'demo', '--json'], demoOptions(project.root))
  t.is(code, 0)
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as {readonly type: string})
  t.is(events.at(0)?.type, 'plan')
  t.is(events.at(-1)?.type, 'done')
})

test('a target that is wrong ends with 2 before anything is made', async (t) => {
  const root = await tempDir(t)
  await writeTarget(root, 'bad', 'extends: demo\npakages: [x]\nimage: {root: 3 apples}\n')
  const {code, stderr} = await cli(['build', 'bad'], demoOptions(root))
  t.is(code, 2)
  t.regex(stderr, /targets\/bad\.yaml:2:1/)
  t.regex(stderr, /targets\/bad\.yaml:3:\d+/)
  t.throws(() => execFileSync('ls', [join(root, 'images')], {stdio: 'ignore'}))
})
