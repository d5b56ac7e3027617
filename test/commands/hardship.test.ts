import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmod, mkdir, readdir, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {eventsOf, exitCodeOf} from '../../pipeline/report/problem.ts'
import {cli} from '../helpers/cli.ts'
import {tempDir} from '../helpers/temp.ts'

const cliFile = join(packageRoot, 'pipeline', 'cli.ts')

test('what the machine refuses is a Problem with what to do, never a bug of ours', (t) => {
  for (const [code, says] of [['ENOSPC', 'no space is left'], ['EROFS', 'read-only'], ['EACCES', 'permission denied']] as const) {
    const error = Object.assign(new Error(`${code}: native words, open '/p/x'`), {code, syscall: 'open', path: '/p/x'})
    const [event] = eventsOf(error)
    if (event?.type !== 'problem') return t.fail(`${code} is told as ${event?.type}`)
    t.regex(event.problem.message, new RegExp(`^/p/x: .*${says}`))
    t.truthy(event.problem.hint)
    t.is(exitCodeOf(error), 1)
  }
  const missing = Object.assign(new Error('ENOENT'), {code: 'ENOENT', syscall: 'open', path: '/p/x'})
  t.is(eventsOf(missing)[0]?.type, 'bug', 'a file that we ought to have looked for')
})

test('a folder that cannot be made is said with its path', async (t) => {
  const folder = await tempDir(t)
  await symlink('/proc/nothing/can/be/made/here', join(folder, 'build'))
  const {code, stderr} = await cli(['build', 'demo'], {cwd: folder})
  t.is(code, 1, stderr)
  t.regex(stderr, /error: \S+build: no folder can be made there\n[^]*\n {2}hint: /)
})

test('a plan is told where nothing can be written, and leaves nothing behind', async (t) => {
  const folder = await tempDir(t)
  t.is((await cli(['plan', 'demo'], {cwd: folder})).code, 0)
  t.deepEqual(await readdir(folder), [])
  await symlink('/proc/nothing/can/be/made/here', join(folder, 'build'))
  const {code, stderr, stdout} = await cli(['plan', 'demo'], {cwd: folder})
  t.is(code, 0, stderr)
  t.regex(stdout, /6 of 6 stages to run/)
})

test('a reader that goes away is no error of any verb', async (t) => {
  for (const args of [['plan', 'demo'], ['show', 'demo'], ['schema']]) {
    const child = spawn(process.execPath, [cliFile, ...args], {cwd: await tempDir(t), stdio: ['ignore', 'pipe', 'pipe']})
    child.stdout.destroy()
    const said: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    const [code] = await once(child, 'close') as [number]
    t.is(Buffer.concat(said).toString(), '', args.join(' '))
    t.is(code, 0, args.join(' '))
  }
})

test('a hash that no login would take is said before anything starts', async (t) => {
  const folder = await tempDir(t)
  await mkdir(join(folder, 'targets'))
  await writeFile(join(folder, 'hash'), '$y$j9T$salt$hash\n')
  await writeFile(join(folder, 'targets/mine.yaml'), 'extends: demo\nroot: {password: {hash-file: ../hash}}\n')
  const {code, stderr} = await cli(['build', 'mine'], {cwd: folder})
  t.is(code, 1)
  t.regex(stderr, /^error: the hash in \S+ is yescrypt/)
})

test('clean removes nothing but what is a target\'s, and tells what it removed', async (t) => {
  const folder = await tempDir(t)
  await mkdir(join(folder, 'images/other'), {recursive: true})
  await mkdir(join(folder, 'build/mine'), {recursive: true})
  for (const target of ['..', '.', 'a/..', '']) t.is((await cli(['clean', target, '--layer', 'images'], {cwd: folder})).code, 2, target)
  t.deepEqual((await readdir(folder)).sort(), ['build', 'images'])
  await cli(['clean', 'nobody', '--layer', 'build'], {cwd: folder})
  t.deepEqual(await readdir(join(folder, 'build')), ['mine'])
  const {code, stdout} = await cli(['clean', 'mine', '--layer', 'build', 'images'], {cwd: folder})
  t.is(code, 0)
  t.is(stdout, `${join(folder, 'build/mine')}\n`)
})

test('an image is never written over a folder', async (t) => {
  const folder = await tempDir(t)
  await mkdir(join(folder, 'out.qcow2'))
  await writeFile(join(folder, 'image.img'), 'not even an image')
  const {code, stderr} = await cli(['edit', 'image.img', '-t', 'demo', '-o', 'out.qcow2'], {cwd: folder})
  t.is(code, 2)
  t.is(stderr, 'error: out.qcow2 is a folder\n')
})

test('a private key is refused in one sentence, and so is a file that is something else', async (t) => {
  const folder = await tempDir(t)
  await writeFile(join(folder, 'id'), '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAAB3Nz\n-----END OPENSSH PRIVATE KEY-----\n')
  await writeFile(join(folder, 'text'), 'one\ntwo\nthree\n')
  const secret = await cli(['build', 'demo', '--key', 'id'], {cwd: folder})
  t.is(secret.code, 2)
  t.is(secret.stderr, 'error: a private key must never be here; the public one is in the file that ends in .pub\n  --> id:1\n')
  const text = await cli(['build', 'demo', '--key', 'text'], {cwd: folder})
  t.regex(text.stderr, /^error: text holds no public key\n {2}--> text\n$/)
})

test('the feeds of a user who keeps files private are read all the same', async (t) => {
  const folder = await tempDir(t)
  await chmod(folder, 0o700)
  const before = process.umask(0o077)
  const {code, stderr} = await cli(['build', 'demo', '--until', 'feeds'], {cwd: folder}).finally(() => process.umask(before))
  t.is(code, 0, stderr)
})
