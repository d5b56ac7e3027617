import test from 'ava'
import {stripVTControlCharacters} from 'node:util'
import {Problem, Problems, type Place} from '../../pipeline/model/problem.ts'
import {tellError} from '../../pipeline/report/last-words.ts'
import {bugText, eventsOf, exitCodeOf, problemText} from '../../pipeline/report/problem.ts'
import {createStyle} from '../../pipeline/report/style.ts'
import {capture} from '../helpers/events.ts'

const look = {style: createStyle(false), width: 80, folder: '/p'}

function pointed(at: Omit<Place, 'file'>): string {
  return problemText(new Problem('target-invalid', 'wrong', {at: {file: '/p/targets/x.yaml', ...at}}), look)
}

test('a Problem is what, where, why and what to do', (t) => {
  const problem = new Problem('target-invalid', 'unknown key pakages', {
    at: {file: '/p/targets/x.yaml', line: 12, column: 3, text: '  pakages: [luci]'},
    hint: 'Did you mean packages?\nThe keys are in targets/schema.json.',
    cause: new Error('first reason', {cause: new Error('deeper reason')}),
  })
  t.is(problemText(problem, look), `error: unknown key pakages
  --> targets/x.yaml:12:3
   |
12 |   pakages: [luci]
   |   ^
  because: first reason
  because: deeper reason
  hint: Did you mean packages?
        The keys are in targets/schema.json.`)
})

test('a failed program shows how it ended and where its log is', (t) => {
  const problem = new Problem('program-failed', 'make failed with exit code 2: make world', {tail: ['one', '', '\u001B[31mtwo\u001B[0m', 'x'.repeat(300)], log: '/p/build/x/logs/build.log'})
  t.is(problemText(problem, look), `error: make failed with exit code 2: make world
  | one
  | two
  | ${'x'.repeat(239)}…
  log: build/x/logs/build.log`)
})

test('a cause that the message tells already is not told twice', (t) => {
  t.is(problemText(new Problem('target-unreadable', 'x.yaml: ENOENT', {cause: new Error('ENOENT')}), look), 'error: x.yaml: ENOENT')
})

test('an interruption is no error', (t) => t.is(problemText(new Problem('interrupted', 'interrupted in build'), look), 'interrupted in build'))

test('a place without a column, or without its text, is shown as far as it is known', (t) => {
  t.is(pointed({line: 7, text: 'a: b'}), 'error: wrong\n  --> targets/x.yaml:7\n  |\n7 | a: b')
  t.is(pointed({line: 7, column: 2}), 'error: wrong\n  --> targets/x.yaml:7:2')
  t.is(pointed({}), 'error: wrong\n  --> targets/x.yaml')
})

test('the caret stands under its column behind tabs and wide characters', (t) => {
  t.is(pointed({line: 1, column: 3, text: '\t\tkey: 1'}).split('\n').slice(3).join('\n'), '1 |     key: 1\n  |     ^')
  t.is(pointed({line: 1, column: 7, text: '日本語: ["x"]'}).split('\n').slice(3).join('\n'), '1 | 日本語: ["x"]\n  |          ^')
  t.is(pointed({line: 1, column: 1, text: 'key'}).split('\n').slice(3).join('\n'), '1 | key\n  | ^')
})

test('a column behind the end of the line points at its end', (t) => {
  t.is(pointed({line: 1, column: 99, text: 'key:'}).split('\n').slice(3).join('\n'), '1 | key:\n  |     ^')
})

test('of a long line the part around the caret is shown', (t) => {
  const text = `a: ${'x'.repeat(200)}!${'y'.repeat(200)}`
  const [line = '', caret = ''] = pointed({line: 1, column: 204, text}).split('\n').slice(3)
  t.is(line.length, 80)
  t.regex(line, /^1 \| …x{30}!y+…$/)
  t.is(line[caret.indexOf('^')], '!')
})

test('a bug shows its stack and where it belongs', (t) => {
  const [event] = eventsOf(new TypeError('x is not a function'))
  if (event?.type !== 'bug') return t.fail()
  const lines = bugText(event, look).split('\n')
  t.is(lines[0], 'bug: x is not a function')
  t.regex(lines[1] ?? '', /^ +at .*problem\.test\.ts:\d+:\d+/)
  t.regex(lines.at(-1) ?? '', /^ {2}hint: .*fault of cloudwrt/)
})

test('anything thrown ends in events and an exit code', (t) => {
  const problems = new Problems([new Problem('usage', 'one'), new Problem('program-failed', 'two')])
  t.deepEqual(eventsOf(problems).map(({type}) => type), ['problem', 'problem'])
  t.is(exitCodeOf(problems), 2)
  t.is(exitCodeOf(new Problem('interrupted', 'x')), 130)
  t.is(exitCodeOf(new Error('x')), undefined)
  t.like(eventsOf('text')[0], {type: 'bug', message: 'something that is no Error was thrown: text'})
})

test('an untold error is told on stderr, or as JSON on stdout, without hashes', (t) => {
  const error = new Problem('usage', 'no option $6$saltsalt$0123456789abcdef')
  const [human, machine] = [capture(), capture()]
  tellError(error, {color: false}, human.streams)
  tellError(error, {json: true}, machine.streams)
  t.is(human.stderr(), 'error: no option ***\n')
  t.like(JSON.parse(machine.stdout()), {type: 'problem', problem: {code: 'usage', message: 'no option ***', exitCode: 2}})
  t.is(machine.stderr(), '')
})

test('colour changes nothing but colour', (t) => {
  const problem = new Problem('target-invalid', 'wrong', {at: {file: '/p/x.yaml', line: 3, column: 2, text: 'a: b'}, hint: 'mend it', tail: ['x']})
  const colored = problemText(problem, {...look, style: createStyle(true)})
  t.true(colored.includes('\u001B[31m'))
  t.is(stripVTControlCharacters(colored), problemText(problem, look))
})
