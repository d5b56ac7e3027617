import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import type {Stamped} from '../../pipeline/model/event.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import {createReporter} from '../../pipeline/report/reporter.ts'
import {at, bare, capture, told} from '../helpers/events.ts'
import {tempDir} from '../helpers/temp.ts'

const secret = 'Tr0ub4dor&3 with "spaces"'
const hash = '$6$saltsalt$0123456789abcdefghijklmnopqrstuvwxyz'

/** Events with the secrets in every text that an event can have. */
function leaking(text: string): Stamped[] {
  return [
    at(0, {type: 'plan', target: text, decisions: [{stage: 'edit', does: text, action: 'run', why: text, changed: [{path: text, before: {inner: [text]}, after: text}]}]}),
    at(0, {type: 'stage-start', stage: 'edit', why: text}, 'edit'),
    at(0, {type: 'progress', label: text, done: 1, total: 2, unit: 'items'}, 'edit'),
    at(0, {type: 'output', line: text, stream: 'stdout'}, 'edit'),
    at(0, {type: 'note', text}, 'edit'),
    at(0, {type: 'warning', text}, 'edit'),
    at(0, {type: 'program', argv: ['openssl', text], exitCode: 0, ms: 1}, 'edit'),
    at(0, {type: 'artifact', path: `/p/${text}`, bytes: 1, sha256: ''}, 'edit'),
    at(0, {type: 'stage-end', stage: 'edit', outcome: 'fresh', ms: 1, why: text}, 'edit'),
    at(0, {type: 'problem', problem: new Problem('usage', text, {hint: text, tail: [text], log: `/${text}`, cause: new Error(text), at: {file: text, line: 1, column: 1, text}})}),
    at(0, {type: 'bug', message: text, stack: `Error: ${text}\n    at ${text}`}),
    at(0, {type: 'done', target: text, ms: 1}),
  ]
}

for (const mode of ['lines', 'json'] as const) {
  test(`no secret leaves as ${mode} or in the journal`, async (t) => {
    const path = join(await tempDir(t), 'journal.jsonl')
    const events = [secret, hash, JSON.stringify(secret), Buffer.from(`root:${secret}`).toString('base64')].flatMap(leaking)
    const journal = {path, version: '1', argv: ['build', hash]}
    const {stdout, stderr} = await told(events, {mode, verbose: true, ci: 'github', secrets: () => [secret, hash], journal})
    for (const text of [stdout, stderr, await readFile(path, 'utf8')]) {
      for (const part of ['Tr0ub4dor', 'VHIwdWI0ZG9y', '0123456789abc']) t.false(text.includes(part))
    }
    t.true((stdout + stderr).includes('***'))
    t.true((await readFile(path, 'utf8')).includes('***'))
  })
}

test('a password that is a word of ours leaves events what they are', async (t) => {
  const {stdout} = await told(leaking('done').map((event) => (event.type === 'stage-end' ? {...event, outcome: 'done' as const} : event)), {mode: 'json', secrets: () => ['done', 'stage-end', 'edit', 'run']})
  const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  t.like(events.find(({type}) => type === 'stage-end'), {stage: 'edit', outcome: 'done', why: '***'})
  t.like(events.find(({type}) => type === 'done'), {target: '***'})
})

test('a reader that goes away does not stop the work', async (t) => {
  const {streams} = capture()
  const reporter = createReporter({...bare, mode: 'json', streams, secrets: () => []})
  t.notThrows(() => streams.stdout.emit('error', Object.assign(new Error('write EPIPE'), {code: 'EPIPE'})))
  t.notThrows(() => reporter.emit(at(0, {type: 'note', text: 'x'})))
  await reporter.close()
})
