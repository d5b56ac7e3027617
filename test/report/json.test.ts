import test from 'ava'
import {at, failure, success, told} from '../helpers/events.ts'

function parsed(text: string): Record<string, unknown>[] {
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('every event is a line of JSON on stdout, and stderr stays empty', async (t) => {
  const {stdout, stderr} = await told(success, {mode: 'json'})
  const events = parsed(stdout)
  t.is(stderr, '')
  t.deepEqual(events.filter(({type}) => type !== 'progress').map(({type}) => type), success.filter(({type}) => type !== 'progress').map(({type}) => type))
  t.deepEqual(events.at(-1), {time: 1_767_225_647_000, type: 'done', target: 'demo', ms: 47_000})
  t.deepEqual(Object.keys(events[1] ?? {}), ['time', 'type', 'stage', 'outcome', 'ms', 'why'])
})

test('a Problem comes by its parts', async (t) => {
  const [, problem] = parsed((await told(failure, {mode: 'json'})).stdout).filter(({type}) => type === 'problem')
  t.deepEqual(problem, {
    time: 1_767_225_646_000, type: 'problem',
    problem: {code: 'target-invalid', message: 'unknown key pakages', exitCode: 2, at: {file: '/p/targets/demo.yaml', line: 12, column: 3, text: '  pakages: [luci]'}},
  })
})

test('progress comes once a second', async (t) => {
  const events = Array.from({length: 101}, (_, index) => at(index / 20, {type: 'progress', label: 'x', done: index, total: 100, unit: 'items'}))
  t.is(parsed((await told(events, {mode: 'json'})).stdout).length, 6)
})

test('quiet leaves out what programs print, and progress', async (t) => {
  const types = parsed((await told(success, {mode: 'json', quiet: true})).stdout).map(({type}) => type)
  t.false(types.includes('output') || types.includes('progress'))
  t.true(types.includes('artifact'))
})
