import {readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {createReporter} from '../../pipeline/report/reporter.ts'
import {at, bare, capture, failure, success, told} from '../helpers/events.ts'
import {tempDir} from '../helpers/temp.ts'

const header = {version: '1.2.3', argv: ['build', 'demo']}

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  return (await readFile(path, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('each run is a header and its events, without what is in the logs', async (t) => {
  const path = join(await tempDir(t), 'images', 'demo', 'journal.jsonl')
  await told(success, {journal: {path, ...header}})
  await told(failure, {journal: {path, ...header}})
  const lines = await linesOf(path)
  t.deepEqual(lines[0], {time: 1_767_225_600_000, type: 'run', version: '1.2.3', argv: ['build', 'demo']})
  t.is(lines.filter(({type}) => type === 'run').length, 2)
  t.deepEqual([...new Set(lines.map(({type}) => String(type)))].sort(), ['artifact', 'done', 'note', 'plan', 'problem', 'program', 'run', 'stage-end', 'stage-start', 'warning'])
})

test('every line is in the file as soon as it was told', async (t) => {
  const path = join(await tempDir(t), 'journal.jsonl')
  const reporter = createReporter({...bare, streams: capture().streams, secrets: () => [], journal: {path, ...header}})
  await t.throwsAsync(stat(path), {code: 'ENOENT'})
  for (const [index, text] of ['one', 'two', 'three'].entries()) {
    reporter.emit(at(0, {type: 'note', text}))
    t.is((await linesOf(path)).length, index + 2)
  }
  await reporter.close()
})

test('a full journal is put aside', async (t) => {
  const folder = await tempDir(t)
  const path = join(folder, 'journal.jsonl')
  await writeFile(path, 'x'.repeat(1024 * 1024 + 1))
  await told(success, {journal: {path, ...header}})
  t.is((await stat(join(folder, 'journal.1.jsonl'))).size, 1024 * 1024 + 1)
  t.is((await linesOf(path))[0]?.['type'], 'run')
})

test('a journal that cannot be written is a warning, once', async (t) => {
  const folder = join(await tempDir(t), 'file')
  await writeFile(folder, '')
  const {stdout, stderr} = await told(success, {journal: {path: join(folder, 'journal.jsonl'), ...header}})
  t.is(stderr.match(/no journal is kept/g)?.length, 1)
  t.regex(stdout, /demo\.qcow2/)
})
