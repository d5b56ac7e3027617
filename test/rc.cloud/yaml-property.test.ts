import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import {dump, type DumpOptions} from 'js-yaml'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {fromFlat, toFlat} from '../helpers/flat-lines.ts'
import {parseOurs, parseTheirs} from '../helpers/parse-awk.ts'

const thorough = process.env['CI'] === 'true'

/** Texts that YAML has to take care of, and any others. No NUL and no half of a pair, which no shell and no UTF-8 can hold. */
const text = fc.oneof(
  fc.constantFrom('', ' ', 'yes', 'No', '~', 'null', '0644', '1e3', '0x1f', '-', '- a', '#a', 'a #b', 'a: b', ':', "'", '"', '\\', '\\n', '[', ']}', '{a', '---', '...',
    '%', '@x', '`x', '&a', '*a', '!a', '|', '>', '?', '? a', 'a\n', '\na', 'a\n\n b\n', ' a\nb', 'a\n\nb\n\n', '\ta', 'a\t', 'a\tb\n', '\u00a0', '\u2028', '<<', '=', 'a/b%c=d', '😀'),
  fc.string({unit: 'grapheme', maxLength: 30}),
  fc.string({unit: fc.constantFrom(...'ab \n\t:#-\'"\\[]{},|>%&*!?@~0'.split('')), maxLength: 40}),
  fc.array(fc.lorem({maxCount: 12}), {maxLength: 4}).map((words) => words.join('\n')),
).filter((value) => value.isWellFormed() && !value.includes('\0'))

const key = text.filter((value) => value !== '<<' && !value.includes('\n'))

const {value} = fc.letrec<{value: unknown}>((tie) => ({
  value: fc.oneof({depthSize: 'small', withCrossShrink: true},
    text, fc.integer(), fc.double({noDefaultInfinity: true, noNaN: true}), fc.boolean(), fc.constant(null),
    fc.array(tie('value'), {maxLength: 5}), fc.dictionary(key, tie('value'), {maxKeys: 5, noNullPrototype: true})),
}))

const options: fc.Arbitrary<DumpOptions> = fc.record({
  indent: fc.integer({min: 2, max: 8}), flowLevel: fc.constantFrom(-1, 0, 1, 2, 3), lineWidth: fc.constantFrom(-1, 10, 40, 80), seqNoIndent: fc.boolean(),
  seqInlineFirst: fc.boolean(), flowBracketPadding: fc.boolean(), flowSkipCommaSpace: fc.boolean(), quoteFlowKeys: fc.boolean(),
  quoteStyle: fc.constantFrom('single', 'double'), forceQuotes: fc.boolean(), noRefs: fc.constant(true),
})

test('what js-yaml writes is read as js-yaml reads it', (t) => {
  fc.assert(fc.property(value, options, (written, style) => {
    const document = dump(written, style)
    // a key as long as its line is written behind a ?, which is not taken, nor are the escapes of rare characters
    fc.pre(!/^[ -]*\? |\\[eN_LP]/m.test(document))
    t.deepEqual(parseOurs(document), parseTheirs(document), document)
  }), {numRuns: thorough ? 1000 : 100})
  t.pass()
})

test('JSON is read as it was written', (t) => {
  fc.assert(fc.property(fc.jsonValue({noUnicodeString: false}), value, fc.constantFrom(undefined, 1, 2, 4, '\t'), fc.boolean(), (simple, odd, indent, escaped) => {
    for (const written of [simple, odd]) {
      const plain = JSON.stringify(written, null, indent)
      const document = escaped ? plain.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`) : plain
      if (/\\u0000|[\u007f-\u009f\ufeff\ufffe\uffff]|"<<":/.test(document)) continue
      t.deepEqual(parseOurs(document), parseTheirs(document), document)
    }
  }), {numRuns: thorough ? 500 : 60})
  t.pass()
})

const folder = join(packageRoot, 'test', 'fixtures', 'rc.cloud', 'yaml')
const documents = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/^=====\n/m)).filter((document) => document.length < 800)

const pieces = ['\n', '\n  ', ' ', '  ', '\t', ':', ': ', '- ', '#', ' #', "'", '"', '[', ']', '{', '}', ',', '|', '>', '\\', '&', '*', '!', '%', '@', '?', '? ',
  '---\n', '\n...\n', '~', '0', '\r\n', 'é', '\uFEFF', '\x07', '\u2028', '\u0085', '\x7f', '"a":', '<<: ', '|2-\n', '>+\n', '\n\n', '+', '-', '.', 'yes']

/** Takes some characters out at a place (0 to 1, of the document's length), and puts a piece in. */
const mutation = fc.tuple(fc.double({min: 0, max: 1, noNaN: true}), fc.nat(3), fc.option(fc.constantFrom(...pieces), {nil: ''}))

function mutate(document: string, changes: readonly (readonly [number, number, string])[]): string {
  return changes.reduce((changed, [place, count, piece]) => {
    const at = Math.floor(place * changed.length)
    return changed.slice(0, at) + piece + changed.slice(at + count)
  }, document).toWellFormed()
}

test('of a changed document, ours never takes what js-yaml refuses, and never takes it for something else', (t) => {
  const seen = {equal: 0, refused: 0, 'refused by ours only': 0}
  fc.assert(fc.property(fc.constantFrom(...documents), fc.array(mutation, {minLength: 1, maxLength: 3}), (document, changes) => {
    const changed = mutate(document, changes)
    const [ours, theirs] = [parseOurs(changed), parseTheirs(changed)]
    if ('refused' in ours) return void seen['refused' in theirs ? 'refused' : 'refused by ours only']++
    t.true('value' in theirs && isDeepStrictEqual(ours.value, theirs.value), `${JSON.stringify(changed)}\nours: ${JSON.stringify(ours)}\ntheirs: ${JSON.stringify(theirs)}`)
    seen.equal++
  }), {numRuns: thorough ? 5000 : 500})
  t.log(JSON.stringify(seen))
  t.true(seen.equal > 0 && seen.refused > 0)
})

test('flat lines give back every value', (t) => {
  fc.assert(fc.property(value, (written) => {
    // in JSON 0 and -0 are one
    t.deepEqual(fromFlat(toFlat(written)), JSON.parse(JSON.stringify(written)))
  }), {numRuns: 500})
  t.pass()
})
