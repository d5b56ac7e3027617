import test from 'ava'
import fc from 'fast-check'
import {dump} from 'js-yaml'
import {valueOf, type Located} from '../../pipeline/config/located.ts'
import {readYaml, yamlScalar} from '../../pipeline/config/yaml.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'

/** What is not taken, each with the place and the beginning of every complaint. */
const refused: readonly (readonly [string, ...string[]])[] = [
  ['a:\n\tb: 1', '2:1 not YAML: tab characters must not be used in indentation'],
  ['a: "x', '1:6 not YAML: unexpected end of the stream within a double quoted scalar'],
  ['a: [1, 2', '1:9 not YAML: unexpected end of the stream within a flow collection'],
  ['a: [1, 2\nb: 3', '2:1 not YAML: deficient indentation'],
  ['a: b: c', '1:5 not YAML: bad indentation of a mapping entry'],
  ['a: @b', '1:4 not YAML:'],
  ['a: 1\n b: 2', '2:3 not YAML: bad indentation of a mapping entry'],
  ['a: 1\na: 2\nb: 1\nb: 2', '2:1 the key a is there twice', '4:1 the key b is there twice'],
  ['a:\n  - x: 1\n    x: 2', '3:5 the key x is there twice'],
  ['a: &x 1\nb: *x', '1:4 an anchor: not taken here', '2:4 an alias: not taken here'],
  ['b:\n  <<: {a: 1}', '2:3 a merge key: not taken here'],
  ['a: !!str 5', '1:4 a tag: not taken here'],
  ['a: !secret x', '1:4 a tag: not taken here'],
  ['a: 1\n---\nb: 1', '1:4 more than one document in a file'],
  ['? [a]\n: b', '1:4 a key is a plain text'],
  [': b', '1:1 a key is a plain text'],
  ['__proto__: 1', '1:1 __proto__ is no key'],
]

for (const [text, ...expected] of refused) {
  test(`refused: ${JSON.stringify(text)}`, (t) => {
    const found = complaintsAbout(text)
    t.is(found.length, expected.length, found.join('\n'))
    for (const [index, beginning] of expected.entries()) t.true(found[index]?.startsWith(beginning), `${found[index]} does not begin with ${beginning}`)
  })
}

test('a file that says nothing has no value', (t) => {
  for (const text of ['', '\n', '# only this\n', '---\n...\n', '\uFEFF']) t.is(readYaml('x', text), undefined, JSON.stringify(text))
})

test('scalars are those of the core schema of YAML 1.2', (t) => {
  t.deepEqual(read('a: 5\nb: "5"\nc: yes\nd: true\ne: ~\nf:\ng: 2026-01-01\nh: 1.5\ni: 0x10\n'), {a: 5, b: '5', c: 'yes', d: true, e: null, f: null, g: '2026-01-01', h: 1.5, i: 16})
})

test('a mark of the byte order, and any kind of line end, are taken', (t) => {
  t.deepEqual(read('\uFEFFa: 1\r\nb:\r\n  - c\r\n'), {a: 1, b: ['c']})
  t.deepEqual(placesIn(readYaml('x', '\uFEFFa: v\r\nb:\r\n  - w\r\n')), [['a', 1, 1], ['v', 1, 4], ['b', 2, 1], ['w', 3, 5]])
})

test('a value that is not written stands at its key', (t) => {
  const located = readYaml('x', 'a: 1\nbeta:\n')
  t.like(located?.kind === 'map' ? located.entries.get('beta')?.node.at : undefined, {line: 2, column: 1, text: 'beta:'})
})

test('every value points at the line and column where it is written', (t) => {
  // each scalar is a word of its own, so that it can be looked for in the text
  let count = 0
  const word = fc.constant(undefined).map(() => `w${count++}x`)
  const {tree} = fc.letrec<{tree: unknown}>((tie) => ({
    tree: fc.oneof({depthSize: 'small', withCrossShrink: true}, word, fc.array(tie('tree'), {minLength: 1, maxLength: 4}), fc.dictionary(word, tie('tree'), {minKeys: 1, maxKeys: 4})),
  }))
  const style = fc.record({indent: fc.integer({min: 2, max: 6}), flowLevel: fc.integer({min: -1, max: 3}), forceQuotes: fc.boolean(), seqNoIndent: fc.boolean()})
  const filler = fc.array(fc.constantFrom('# a remark: with a colon', '', '   '), {maxLength: 3})
  const end = fc.constantFrom('\n', '\r\n')
  t.notThrows(() => fc.assert(fc.property(tree, style, filler, end, (value, options, above, lineEnd) => {
    const text = [...above, ...dump(value, options).split('\n')].join(lineEnd)
    const located = readYaml('x', text)
    const lines = text.split(/\r?\n/)
    return JSON.stringify(located === undefined ? undefined : valueOf(located)) === JSON.stringify(value)
      && placesIn(located).every(([word, line, column]) => new RegExp(`^["']?${word}\\b`).test(lines[line - 1]?.slice(column - 1) ?? ''))
  }), {numRuns: 300}))
})

test('a scalar is written so that it is read as itself', (t) => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom('yes', '0', '-x', 'null', '# x', 'a: b', '24.10', '…'))
  t.notThrows(() => fc.assert(fc.property(scalar, (value) => {
    const line = `key: ${yamlScalar(value)}`
    const {key} = read(line) as {key: unknown}
    return key === value && (/[\r\n\u0085\u2028\u2029]/.test(String(value)) || !line.includes('\n'))
  })))
})

function read(text: string): unknown {
  const located = readYaml('x', text)
  return located === undefined ? undefined : valueOf(located)
}

function complaintsAbout(text: string): readonly string[] {
  try {
    readYaml('x.yaml', text)
    return []
  } catch (error) {
    return problemsOf(error).map(({at, message}) => `${at?.line}:${at?.column} ${message}`)
  }
}

/** Every scalar and every key of a tree with its line and column. */
function placesIn(node: Located | undefined): readonly (readonly [string, number, number])[] {
  if (node === undefined) return []
  if (node.kind === 'scalar') return [[node.text, node.at.line ?? 0, node.at.column ?? 0]]
  if (node.kind === 'list') return node.items.flatMap(placesIn)
  return [...node.entries].flatMap(([key, {key: at, node: member}]) => [[key, at.line ?? 0, at.column ?? 0] as const, ...placesIn(member)])
}
