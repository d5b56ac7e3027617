import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {parseOurs, parseTheirs} from '../helpers/parse-awk.ts'

/** What can't be written in a file of fixtures, or not seen there. */
const unseen: readonly string[] = [
  'a: b\0c\n', '\0\0', 'a: b\n\0\0', 'a: b\0\nc: d\n', '\0a: b\n', 'a: b\n\0c: d',
  'a: b\x01', 'a: b\x08c', 'a: \x0b', 'a: \x0c', 'a: |\n  \x1b[0m\n', 'a: \x7f', 'a: b\u0080', 'a: \u009f', 'a: \uFFFE', 'a: \uFFFF',
  "a: '\x02'", 'a: "\x1f"', 'a: b\n\uFEFF---\nc', '{"a": "b\nc"]', '{"a": "\x01"}',
]

const invalid = [...readFileSync(join(packageRoot, 'test', 'fixtures', 'rc.cloud', 'yaml', 'refused.txt'), 'utf8').split(/^=====\n/m), ...unseen]

test('what js-yaml refuses is refused, with the line', (t) => {
  t.true(invalid.length >= 60)
  for (const text of invalid) {
    t.true('refused' in parseTheirs(text), `js-yaml takes ${JSON.stringify(text)}`)
    t.true('refused' in parseOurs(text), `parse.awk takes ${JSON.stringify(text)}`)
  }
  t.log(`${invalid.length} documents are refused`)
})

/** What is YAML, but not taken here, and what is invalid: with what is said about it. */
const complaints: readonly (readonly [string, string])[] = [
  ['a: &x 1\nb: *x\n', 'line 1: unexpected &x 1'],
  ['a: 1\nb: *x\n', 'line 2: unexpected *x'],
  ['a: !!str 1\n', 'line 1: unexpected !!str 1'],
  ['a: !!binary |\n  AAAA\n', 'line 1: unexpected !!binary |'],
  ['[&x a]', 'line 1: unexpected &x a]'],
  ['b:\n  <<: {a: 1}\n', 'line 2: unexpected : {a: 1}'],
  ['{<<: {a: 1}}', 'line 1: unexpected : {a: 1}}'],
  ['? a\n: b\n', 'line 1: unexpected ? a'],
  ['a: 1\n---\nb: 1\n', 'line 2: unexpected ---'],
  ['--- [a]\n', 'line 1: unexpected --- [a]'],
  ['--- |\n  a\n', 'line 1: unexpected --- |'],
  ['a: 1\n...\nb: 1\n', 'line 2: unexpected ...'],
  ['%YAML 1.2\n---\na: 1\n', 'line 2: unexpected ---'],
  ['[a: b]', 'line 1: unexpected : b]'],
  ['a: "\\0"', 'line 1: a bad escape'],
  ['a: "\\e[31m"', 'line 1: a bad escape'],
  ['a: "\\N\\_\\L\\P"', 'line 1: a bad escape'],
  ['a: "x\\\t\n  y"', 'line 1: unexpected'],
  ['a: "\\ud800"', 'line 1: a bad escape'],
  ['a: "\\udbff\\u0041"', 'line 1: a bad escape'],
  ['a: "\\udc00\\ud800"', 'line 1: a bad escape'],
  ['a: "\\U00110000"', 'line 1: a bad escape'],
  ['a:\tb', 'line 1: a tab'],
  ['a: 1\nb:\n\tc: 1\n', 'line 3: a tab'],
  ['x: y\na: b: c\n', 'line 2: unexpected : c'],
  ['a: "x\n\n', 'line 1: an open quote'],
  ['a: [x,\n\n', 'line 3: an open bracket'],
  ['a:\n  b: 1\n   c: 2\n', 'line 3: unexpected : 2'],
  ['a:\n  - b: 1\n    - c\n', 'line 3: unexpected - c'],
  ['a: 1\nb\n', 'line 2: no colon'],
  ['a: b\0c: d\n', 'line 1: no UTF-8 text'],
  ['a: 1\nb: \x07\n', 'line 2: a control character'],
  ['a: 1\rb: 2\n', 'line 1: a control character'],
]

for (const [text, complaint] of complaints) {
  test(`${JSON.stringify(text)}: ${complaint}`, (t) => t.deepEqual(parseOurs(text), {refused: complaint}))
}

test('bytes that are no UTF-8 do no harm', (t) => {
  for (const bytes of [[0xff], [0xfe, 0xff, 0, 0x61], [0x61, 0x3a, 0x20, 0xff, 0x0a], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]]) {
    const parsed = parseOurs(Buffer.from(bytes))
    t.true('refused' in parsed || parsed.value === null, JSON.stringify(bytes))
  }
})
