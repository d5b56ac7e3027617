import {readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {startCli} from '../helpers/cli.ts'
import {demoOptions, demoWorkspace, inBuiltTree} from '../helpers/demo.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

const password = 'Tr0ub4dor&3 with spaces'

/** Every command line that was seen while `done` had not come. */
async function commandLines(done: Promise<unknown>): Promise<Set<string>> {
  const seen = new Set<string>()
  let running = true
  void done.finally(() => { running = false })
  while (running) {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      seen.add(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
    }
    await sleep(5)
  }
  return seen
}

/** All files below a folder that people or programs read afterwards, with their text. */
async function texts(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'latin1')] as const)))
}

async function searchAll(t: ExecutionContext, root: string, env: Readonly<Record<string, string>>, hash: () => Promise<string>): Promise<void> {
  const {result} = startCli(['build', 'secret', '--verbose'], demoOptions(root, env))
  const lines = await commandLines(result)
  const {code, stdout, stderr} = await result
  t.is(code, 0, stderr)
  const workspace = demoWorkspace(root, 'secret')
  const found = await hash()
  t.regex(found, /^\$[56]\$/)
  const places = new Map([...await texts(workspace.logs), ...await texts(workspace.stamps), ['stdout', stdout], ['stderr', stderr], ['command lines', [...lines].join('\n')]])
  for (const file of ['manifest', 'journal', 'built', 'editRecord', 'source', 'feeds'] as const) places.set(file, await readFile(workspace[file], 'utf8'))
  t.true(lines.size > 20, 'too few command lines were seen to say anything')
  for (const [place, text] of places) {
    for (const secret of [password, found, found.split('$').at(-1) ?? found]) t.false(text.includes(secret), `${place} holds a secret`)
  }
}

/** The hash that stands in the image's /etc/shadow, read by debugfs in the test's own way. */
async function hashInImage(root: string): Promise<string> {
  const {execFileSync} = await import('node:child_process')
  const workspace = demoWorkspace(root, 'secret')
  const {partitions} = (JSON.parse(execFileSync('sfdisk', ['--json', workspace.edited], {encoding: 'utf8'})) as {partitiontable: {partitions: {start: number}[]}}).partitiontable
  const shadow = execFileSync('debugfs', ['-R', 'cat /etc/shadow', `${workspace.edited}?offset=${(partitions[1]?.start ?? 0) * 512}`], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
  return /^root:([^:]*):/m.exec(shadow)?.[1] ?? ''
}

test.serial('a plain password from the environment is nowhere but in the image, as a hash', async (t) => {
  const root = await tempDir(t)
  await writeTarget(root, 'secret', 'extends: demo\nroot:\n  password: {env: ROOT_PASSWORD}\n')
  await searchAll(t, root, {ROOT_PASSWORD: password}, () => hashInImage(root))
})

test.serial('a plain password from a file is nowhere but in the image, as a hash', (t) => inBuiltTree(async (tree) => {
  const root = await tempDir(t)
  await writeFile(join(root, 'password'), `${password}\n`, {mode: 0o600})
  await writeTarget(root, 'secret', `extends: demo\nsource: {tree: ${tree}}\nroot:\n  password: {file: ../password}\n`)
  await searchAll(t, root, {}, () => hashInImage(root))
}))
