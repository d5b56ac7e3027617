import test, {type ExecutionContext} from 'ava'
import {parseOurs, runParser} from '../helpers/parse-awk.ts'

function fill(unit: string, bytes: number): string {
  return unit.repeat(Math.ceil(bytes / unit.length))
}

/** Documents of about so many bytes, each a shape of text that is easy to read in quadratic time. */
const shapes: Readonly<Record<string, (bytes: number) => string>> = {
  'a block scalar': (bytes) => `write_files:\n- path: /x\n  content: |\n${fill('    a line of a "script" with \\ in it\n', bytes)}`,
  'a folded scalar': (bytes) => `a: >\n${fill('  a line\n   more\n\n', bytes)}`,
  'a string on one line': (bytes) => `{"user_data": "${fill('x', bytes)}"}`,
  'a string full of escapes': (bytes) => `{"user_data": "${fill('echo \\"hello\\"\\n', bytes)}"}`,
  'a string of backslashes': (bytes) => `"${fill('\\\\', bytes)}"`,
  'a string of quotes': (bytes) => `a: '${fill("''", bytes)}'`,
  'JSON on one line': (bytes) => `[${fill('{"key":1,"list":[true,null,"s"]},', bytes)}1]`,
  'words in a flow list': (bytes) => `a: [${fill('word ', bytes)}]`,
  'a plain scalar': (bytes) => `a: ${fill('word ', bytes)}`,
  'a plain scalar of many lines': (bytes) => `a: b\n${fill('  more words\n', bytes)}`,
  'blanks': (bytes) => `a: ${fill(' ', bytes / 2)}b # c\nd: "e${fill(' ', bytes / 2)}\n  f"`,
  'empty lines': (bytes) => `a: b${fill('\n', bytes)}c: d`,
  'comments': (bytes) => `a:${fill('\n # comment', bytes)}\n b: c`,
  'a list': (bytes) => fill('- item\n', bytes),
  'one key again and again': (bytes) => fill('key: {a: b}\n', bytes),
}

function secondsOf(document: string): number {
  const start = process.hrtime.bigint()
  const parsed = parseOurs(document)
  if ('refused' in parsed) throw new Error(parsed.refused)
  return Number(process.hrtime.bigint() - start) / 1e9
}

/** The better of two, for a machine that does other work too. */
function best(document: string): number {
  return Math.min(secondsOf(document), secondsOf(document))
}

for (const [name, shape] of Object.entries(shapes)) {
  test.serial(`the time for ${name} grows with its length`, (t) => {
    const [short, long] = [best(shape(32_000)), best(shape(128_000))]
    t.log(`32 KB: ${Math.round(1000 * short)} ms, 128 KB: ${Math.round(1000 * long)} ms`)
    // quadratic would be 16 times as long
    t.true(long < 8 * short + 0.3)
    t.true(short < 3)
  })
}

function refused(t: ExecutionContext, document: string, complaint: RegExp): void {
  const parsed = parseOurs(document)
  t.regex('refused' in parsed ? parsed.refused : 'taken', complaint)
}

test('depth ends where a path has 400 bytes, in every kind of collection', (t) => {
  const deep: readonly ((depth: number) => string)[] = [
    (depth) => '['.repeat(depth) + ']'.repeat(depth),
    (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    (depth) => `${'- '.repeat(depth)}a`,
    (depth) => Array.from({length: depth}, (_, level) => `${' '.repeat(level)}a:\n`).join(''),
  ]
  for (const document of deep) {
    t.true('value' in parseOurs(document(200)), document(3))
    refused(t, document(202), /^line \d+: nested too deep$/)
    refused(t, document(2000), /^line \d+: nested too deep$/)
  }
})

test('a few long keys cannot make much of little', (t) => {
  refused(t, `{"${'k'.repeat(32_000)}": 1}`, /^line 1: nested too deep$/)
  refused(t, `{"${'k'.repeat(350)}": [${'1,'.repeat(16_000)}]}`, /^line 1: nested too deep$/)
})

test('what is written stays as it was written', (t) => {
  const {stdout} = runParser('permissions: 0644\nhostname: 007\nid: 1e3\nanswer: yes\nbig: 12345678901234567890\nnone: ~\nmac: 52:54:00:12:34:56\nbytes: "\\x01\\t\\\\"\n')
  t.is(stdout, '=m:8\npermissions=i:0644\nhostname=i:007\nid=i:1e3\nanswer=b:yes\nbig=i:12345678901234567890\nnone=n:~\nmac=s:52:54:00:12:34:56\nbytes=s:\x01\\t\\\\\n')
})

test('a key of any kind is one step of its path', (t) => {
  const {stdout} = runParser('{"a/b=c%": {"": [1]}, "tab\\tnl\\nbs\\\\": 2, "a": 1, "a": {"x": 1}, "a": []}')
  t.is(stdout, '=m:3\na%2Fb%3Dc%25=m:1\na%2Fb%3Dc%25/%=l:1\na%2Fb%3Dc%25/%/0=i:1\ntab\\tnl\\nbs\\\\=i:2\na=l:0\n')
})
