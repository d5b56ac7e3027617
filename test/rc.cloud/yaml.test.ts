import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import test, {type ExecutionContext} from 'ava'
import {dump, type DumpOptions} from 'js-yaml'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {parseOurs, parseTheirs} from '../helpers/parse-awk.ts'

const folder = join(packageRoot, 'test', 'fixtures', 'rc.cloud', 'yaml')

/** The documents of a file of fixtures, each with its line there. */
function documentsOf(name: string): readonly (readonly [place: string, text: string])[] {
  let line = 1
  return readFileSync(join(folder, name), 'utf8').split(/^=====\n/m).map((text) => {
    const place = `${name}:${line}`
    line += text.split('\n').length
    return [place, text]
  })
}

const written = readdirSync(folder).filter((name) => name !== 'refused.txt').flatMap(documentsOf)

/** The ways in which machines write what people wrote, to be taken in turn. */
const styles: readonly DumpOptions[] = [
  {}, {indent: 4, seqNoIndent: true}, {flowLevel: 2, lineWidth: -1}, {flowLevel: 0}, {seqInlineFirst: false, lineWidth: 40}, {seqNoIndent: true, lineWidth: 20},
]

const dumped = written.flatMap(([place, text], index) => {
  const parsed = parseTheirs(text)
  if ('refused' in parsed) return []
  return [
    [`${place} dumped`, dump(parsed.value, styles[index % styles.length])] as const,
    [`${place} as JSON`, JSON.stringify(parsed.value, null, [0, 2, 4, '\t'][index % 4]).replaceAll('\u2028', '\\u2028')] as const,
  ]
})

function compare(t: ExecutionContext, documents: typeof written): void {
  const different = documents.filter(([, text]) => {
    const [ours, theirs] = [parseOurs(text), parseTheirs(text)]
    return !('value' in ours && 'value' in theirs && isDeepStrictEqual(ours.value, theirs.value))
  })
  const equal = documents.length - different.length
  t.log(`${equal} of ${documents.length} documents are equal: ${(100 * equal / documents.length).toFixed(1)} %`)
  t.true(equal >= 0.97 * documents.length, different.map(([place]) => place).join('\n'))
}

test('documents as people write them are what js-yaml takes them for', (t) => {
  t.true(written.length >= 120)
  compare(t, written)
})

test('the same documents as machines write them are, too', (t) => {
  t.true(written.length + dumped.length >= 250)
  compare(t, dumped)
})

test('CRLF, a byte order mark, and no line feed at the end change nothing', (t) => {
  compare(t, written.flatMap(([place, text]) => [
    [`${place} with CRLF`, text.replaceAll('\n', '\r\n')] as const,
    [`${place} with BOM`, `\uFEFF${text}`] as const,
    [`${place} without its end`, text.trimEnd()] as const,
  ]))
})

for (const awk of [['mawk'], ['gawk', '--posix']] as const) {
  const there = parses(awk)
  const why = there ? '' : ' (skipped: it is not there)'
  test.runIf(there)(`${awk.join(' ')} reads what busybox reads${why}`, (t) => {
    for (const [place, text] of written) t.deepEqual(parseOurs(text, awk), parseOurs(text), place)
  })
}

function parses(awk: readonly string[]): boolean {
  try {
    return 'value' in parseOurs('a: 1', awk)
  } catch {
    return false
  }
}
