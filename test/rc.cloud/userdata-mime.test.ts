import {gzipSync} from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {unpackAll, type Bytes} from '../fixtures/rc.cloud/userdata/unpack.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const script = '#!/bin/sh\necho hello\n'

/** An entity with its headers; the encoding of the content is up to the caller. */
function entity(type: string, content: Bytes, ...headers: string[]): Buffer {
  return Buffer.concat([Buffer.from([`Content-Type: ${type}`, ...headers, '', ''].join('\n')), Buffer.from(content)])
}

function multipart(parts: readonly Buffer[], {boundary = '===============1234==', newline = '\n', quote = true, end = true} = {}): Buffer {
  const value = quote ? `"${boundary}"` : boundary
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}${newline}`), part, Buffer.from(newline)])
  const top = `Content-Type: multipart/mixed; boundary=${value}${newline}MIME-Version: 1.0${newline}${newline}`
  return Buffer.concat([Buffer.from(top), ...pieces, Buffer.from(end ? `--${boundary}--${newline}` : '')])
}

const base64 = (content: Bytes) => Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\n')

inRoot(`a MIME message is its parts, in order${why}`, async (t) => {
  const binary = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.from(Array.from({length: 1024}, (_, at) => at % 256)), Buffer.from('\r\n--no\n\n\r\n')])
  const seen = await unpackAll(t, {
    // as Terraform's cloudinit_config has it by default, but for the parts, that may be wrapped themselves
    terraform: gzipSync(multipart([
      entity('text/cloud-config', base64('hostname: one\n'), 'Content-Disposition: attachment; filename="../../etc/passwd"', 'Content-Transfer-Encoding: base64', 'Mime-Version: 1.0'),
      entity('text/x-shellscript', base64(binary), 'Content-Transfer-Encoding: base64'),
      entity('application/gzip', base64(gzipSync(binary)), 'Content-Transfer-Encoding: base64'),
    ], {boundary: 'MIMEBOUNDARY'})).toString('base64'),
    'as bytes': multipart([entity('text/x-shellscript', binary, 'Content-Transfer-Encoding: 8bit'), entity('text/x-shellscript', script)]),
    'CRLF': Buffer.from(multipart([entity('text/x-shellscript', script)], {quote: false}).toString().replaceAll('\n', '\r\n')),
    // as Go's library writes it when Terraform is told to leave the parts as they are
    'CRLF around LF': multipart([entity('text/x-shellscript', script)], {newline: '\r\n'}),
    'by content': multipart([entity('text/plain', script), entity('text/plain', '#cloud-config\na: 1\n')]),
    'by type': multipart([entity('text/cloud-config', 'a: 1\n', 'Content-Transfer-Encoding: 7bit')]),
    'lower case, folded, version first': Buffer.from(`MIME-Version: 1.0\ncontent-type: multipart/mixed;\n\tcharset=utf-8;\n  boundary=x ; y=z\n\npreamble\n#!/bin/no\n--x\n\n${script}\n--x  \ncontent-type:TEXT/X-ShellScript\n\n#!echo\n--x-- \n#!/bin/no\n`),
    'nested': multipart([multipart([entity('text/plain', script), entity('text/x-shellscript', '#!a')], {boundary: 'in'}), entity('text/x-shellscript', '#!b')], {boundary: 'i'}),
    'no end': multipart([entity('text/plain', script), entity('text/x-shellscript', '#!b')], {end: false}),
    'boundary like a pattern': multipart([entity('text/x-shellscript', '#!\n--aXXbc\n--a.*[b]\\$(id)\n')], {boundary: 'a.*[b]\\$(id)*'}),
    'not multipart': entity('text/x-shellscript; charset="us-ascii"', script, 'MIME-Version: 1.0'),
    'hook': multipart([entity('text/cloud-boothook', '#cloud-boothook\n#!/bin/sh\na\n'), entity('text/cloud-boothook', script), entity('text/plain', '#cloud-boothook\nb\n')]),
  })
  for (const [name, {log}] of Object.entries(seen)) t.is(log, '', name)
  const scripts = (name: keyof typeof seen) => Object.entries(seen[name].scripts).map(([part, content]) => [part, content.toString('latin1')])
  t.deepEqual(seen.terraform.config, {hostname: 'one'})
  t.deepEqual(seen.terraform.scripts, {'3-user-data.102': binary, '3-user-data.103': binary})
  t.deepEqual(seen['as bytes'].scripts, {'3-user-data.101': binary, '3-user-data.102': Buffer.from(script)})
  t.deepEqual(scripts('CRLF'), [['3-user-data.101', script]])
  t.deepEqual(scripts('CRLF around LF'), [['3-user-data.101', script]])
  t.deepEqual(scripts('by content'), [['3-user-data.101', script]])
  t.deepEqual(seen['by content'].config, {a: 1})
  t.deepEqual(seen['by type'].config, {a: 1})
  t.deepEqual(scripts('lower case, folded, version first'), [['3-user-data.101', script], ['3-user-data.102', '#!echo']])
  t.deepEqual(scripts('nested'), [['3-user-data.101', script], ['3-user-data.102', '#!a'], ['3-user-data.103', '#!b']])
  t.deepEqual(scripts('no end'), [['3-user-data.101', script], ['3-user-data.102', '#!b\n']])
  t.deepEqual(scripts('boundary like a pattern'), [['3-user-data.101', '#!\n--aXXbc\n--a.*[b]\\$(id)\n']])
  t.deepEqual(scripts('not multipart'), [['3-user-data.101', script]])
  t.deepEqual(Object.entries(seen.hook.boothooks).map(([part, text]) => [part, text.toString()]), [['3-user-data.101', '#cloud-boothook\n#!/bin/sh\na\n'], ['3-user-data.102', script], ['3-user-data.103', '#cloud-boothook\nb\n']])
})

inRoot(`what a MIME message hides or breaks is left out and named${why}`, async (t) => {
  const deep = (levels: number) => Array.from({length: levels}).reduce<Buffer>((inner, _, at) => multipart([inner, entity('text/x-shellscript', `#!${at}`)], {boundary: `b${at}.`}), entity('text/x-shellscript', '#!core'))
  const seen = await unpackAll(t, {
    'other types': multipart([entity('image/png', 'PNG'), entity('text/x-shellscript', 'echo'), entity('text/part-handler', '#part-handler\n'), entity('text/jinja2', '## template: jinja\n#!/bin/no\n'), entity('text/$(touch${IFS}/x)`id`', '-'), entity('text/x-shellscript', script)]),
    'bad encodings': multipart([entity('text/x-shellscript', 'I!==', 'Content-Transfer-Encoding: base64'), entity('text/x-shellscript', script, 'Content-Transfer-Encoding: Quoted-Printable'), entity('text/x-shellscript', '#!ok')]),
    'bad gzip': multipart([entity('application/gzip', gzipSync(script).subarray(0, 20)), entity('text/x-shellscript', '#!ok')]),
    'no boundary': 'Content-Type: multipart/mixed\n\n--\n\n#!/bin/no\n',
    'headers only': 'Content-Type: text/x-shellscript\n',
    'a crowd': Buffer.from(`Content-Type: multipart/mixed; boundary=x\n\n${'--x\n\nz z\n'.repeat(20_000)}--x--\n`),
    'empty parts': Buffer.from(`Content-Type: multipart/mixed; boundary=x\n\n${'--x\n'.repeat(20_000)}\n${script}\n--x--\n`),
    'deep': deep(40),
    'messages in base64': Array.from({length: 10}).reduce<Buffer>((inner) => multipart([entity('text/plain', base64(inner), 'Content-Transfer-Encoding: base64')]), Buffer.from(script)),
    'a bomb': multipart([entity('application/gzip', gzipSync(Buffer.alloc(64 << 20))), entity('text/x-shellscript', '#!ok')]),
  })
  const texts = (name: keyof typeof seen) => Object.values(seen[name].scripts).map(String)
  const refused = (...parts: number[]) => parts.map((part) => `3-user-data.${part}: unknown, broken or too much\n`).join('')
  t.deepEqual(texts('other types'), [script])
  t.is(seen['other types'].log, refused(101, 102, 103, 104, 105))
  t.deepEqual(texts('bad encodings'), ['#!ok'])
  t.is(seen['bad encodings'].log, refused(101, 102))
  for (const name of ['a bomb', 'bad gzip'] as const) {
    t.deepEqual(texts(name), ['#!ok'])
    t.is(seen[name].log, refused(101))
  }
  for (const name of ['no boundary', 'headers only', 'a crowd'] as const) t.deepEqual(texts(name), [], name)
  t.regex(seen['a crowd'].log, /^(3-user-data\.\d+: unknown.*\n){100,260}3-user-data: too much\n$/)
  t.deepEqual(texts('deep'), ['#!core', ...Array.from({length: 40}, (_, at) => `#!${at}`)])
  t.deepEqual(texts('messages in base64'), [script])
  t.deepEqual(texts('empty parts'), [script])
})

const parts = fc.array(fc.record({
  content: fc.uint8Array({maxLength: 300}).map((bytes) => Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.from(bytes)])),
  encoding: fc.constantFrom('base64', 'binary'),
}), {minLength: 1, maxLength: 4})
const messages = fc.record({
  parts,
  boundary: fc.string({unit: fc.constantFrom(...Array.from(`abc'()+_,-./:=?`)), minLength: 4, maxLength: 70}),
  nest: fc.boolean(),
})

inRoot(`any parts come out of a message as they went in${why}`, async (t) => {
  const drawn = fc.sample(messages, {numRuns: 40, seed: 7})
  const cases = Object.fromEntries(drawn.map(({parts, boundary, nest}, at) => {
    const entities = parts.map(({content, encoding}) => entity('text/x-shellscript', encoding === 'base64' ? base64(content) : content, `Content-Transfer-Encoding: ${encoding}`))
    const message = multipart(entities, {boundary})
    return [String(at), nest ? multipart([message], {boundary: `${boundary}'`}) : message]
  }))
  const seen = await unpackAll(t, cases)
  for (const [at, {parts}] of drawn.entries()) {
    const names = parts.map((_, part) => `3-user-data.${part + 101}`)
    t.deepEqual(seen[String(at)]?.scripts, Object.fromEntries(parts.map(({content}, part) => [names[part], content])), JSON.stringify(drawn[at]?.boundary))
  }
})
