import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {access, readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {acquireLock, LockBusy} from '../../pipeline/base/lock-file.ts'
import {tempDir} from '../helpers/temp.ts'

const signal = new AbortController().signal

test('is held by one at a time, and gone when let go', async (t) => {
  const path = join(await tempDir(t), 'lock')
  let inside = 0
  await Promise.all(Array.from({length: 8}, async () => {
    await using _lock = await acquireLock(path, {holder: 'test', signal})
    inside += 1
    t.is(inside, 1)
    await new Promise((resolve) => { setTimeout(resolve, 5) })
    inside -= 1
  }))
  await t.throwsAsync(access(path))
})

test('says who holds it', async (t) => {
  const path = join(await tempDir(t), 'lock')
  await using _lock = await acquireLock(path, {holder: 'cloudwrt build demo', signal})
  const error = await t.throwsAsync(acquireLock(path, {holder: 'other', signal, busy: 'fail'}), {instanceOf: LockBusy})
  t.is(error.holder.pid, process.pid)
  t.is(error.holder.holder, 'cloudwrt build demo')
})

test('the lock of a killed process is taken over by exactly one', async (t) => {
  const folder = await tempDir(t)
  const path = join(folder, 'lock')
  const script = `import {acquireLock} from ${JSON.stringify(new URL('../../pipeline/base/lock-file.ts', import.meta.url).href)}
    await acquireLock(${JSON.stringify(path)}, {holder: 'child', signal: new AbortController().signal}); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
  await once(child.stdout, 'data')
  await t.throwsAsync(acquireLock(path, {holder: 'us', signal, busy: 'fail'}), {instanceOf: LockBusy})
  child.kill('SIGKILL')
  await once(child, 'exit')
  const takenOver: string[] = []
  let inside = 0
  await Promise.all(Array.from({length: 5}, async () => {
    await using _lock = await acquireLock(path, {holder: 'us', signal, onTakeOver: ({holder}) => { takenOver.push(holder) }})
    inside += 1
    t.is(inside, 1)
    await new Promise((resolve) => { setTimeout(resolve, 5) })
    inside -= 1
  }))
  t.deepEqual(takenOver, ['child'])
  t.deepEqual(await readdir(folder), [])
})

test('a torn lock file is nobody\'s; one of another machine is somebody\'s', async (t) => {
  const path = join(await tempDir(t), 'lock')
  await writeFile(path, '{"pid":')
  {
    await using _lock = await acquireLock(path, {holder: 'us', signal, busy: 'fail'})
  }
  await writeFile(path, JSON.stringify({pid: 1, started: '1', where: 'elsewhere', holder: 'far away', since: 'now'}))
  await t.throwsAsync(acquireLock(path, {holder: 'us', signal, busy: 'fail'}), {instanceOf: LockBusy, message: /far away/})
  t.regex(await readFile(path, 'utf8'), /elsewhere/)
})
