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

function multipart(parts: readonly Buffer[], {boundary = '===============1234==', newline = '\n', head = '', quote = true, end = true} = {}): Buffer {
  const value = quote ? `"${boundary}"` : boundary
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}${newline}`), part, Buffer.from(newline)])
  const top = `${head}Content-Type: multipart/mixed; boundary=${value}${newline}MIME-Version: 1.0${newline}${newline}`
  return Buffer.concat([Buffer.from(top), ...pieces, Buffer.from(end ? `--${boundary}--${newline}` : '')])
}

const base64 = (content: Bytes) => Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\n')

inRoot(`a MIME message is its parts, in order${why}`, async (t) => {
  const binary = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.from(Array.from({length: 1024}, (_, at) => at % 256)), Buffer.from('\r\n--no\n\n\r\n')])
  const seen = await unpackAll(t, {
    // as Terraform's cloudinit_config has it by default
    terraform: gzipSync(multipart([
      entity('text/cloud-config', base64(gzipSync('#cloud-config\nhostname: one\n')), 'Content-Disposition: attachment; filename="../../etc/passwd"', 'Content-Transfer-Encoding: base64', 'Mime-Version: 1.0'),
      entity('text/x-shellscript', base64(binary), 'Content-Transfer-Encoding: base64'),
    ], {boundary: 'MIMEBOUNDARY'})).toString('base64'),
    'as bytes': multipart([entity('text/x-shellscript', binary, 'Content-Transfer-Encoding: 8bit'), entity('text/x-shellscript', script)]),
    'CRLF': Buffer.from(multipart([entity('text/x-shellscript', script)], {quote: false}).toString().replaceAll('\n', '\r\n')),
    'mailbox': multipart([entity('text/plain', script), entity('text/plain', '#cloud-config\na: 1\n')], {head: 'From nobody Sun Nov 22 12:00:00 2026\n'}),
    'lower case, folded, version first': Buffer.from(`mime-version: 1.0\ncontent-type: multipart/mixed;\n\tcharset=utf-8;\n  BOUNDARY = x ; y=z\n\npreamble\n#!/bin/no\n--x\n\n${script}\n--x  \ncontent-type:TEXT/X-ShellScript\n\necho\n--x-- \n#!/bin/no\n--x\n\n#!/bin/no\n`),
    'nested': multipart([multipart([entity('text/plain', script), entity('text/x-shellscript', 'a')], {boundary: 'in'}), entity('text/x-shellscript', 'b')], {boundary: 'i'}),
    'no end': multipart([entity('text/plain', script), entity('text/x-shellscript', 'b')], {end: false}),
    'no empty line': Buffer.from('Content-Type: multipart/mixed; boundary=x\n\n--x\n#!/bin/sh\n\na\n--x--\n'),
    'boundary like a pattern': multipart([entity('text/x-shellscript', '\n--aXXbc\n--a.*[b]\\$(id)\n')], {boundary: 'a.*[b]\\$(id)*'}),
    'quoted-printable': multipart([entity('text/plain', '#!/bin/sh\necho =C3=A9=3D=\n \\0101=00=2541  \r\nb', 'Content-Transfer-Encoding: Quoted-Printable')]),
    'not multipart': entity('text/x-shellscript; charset="us-ascii"', script, 'MIME-Version: 1.0'),
    'hook': multipart([entity('text/cloud-boothook', '#cloud-boothook\n#!/bin/sh\na\n'), entity('text/cloud-boothook', script), entity('text/plain', '#cloud-boothook\nb\n')]),
  })
  for (const [name, {log}] of Object.entries(seen)) t.is(log, '', name)
  const scripts = (name: keyof typeof seen) => Object.entries(seen[name].scripts).map(([part, content]) => [part, content.toString('latin1')])
  t.deepEqual(seen.terraform.config, {hostname: 'one'})
  t.deepEqual(seen.terraform.scripts, {'3-user-data.102': binary})
  t.deepEqual(seen['as bytes'].scripts, {'3-user-data.101': binary, '3-user-data.102': Buffer.from(script)})
  t.deepEqual(scripts('CRLF'), [['3-user-data.101', script]])
  t.deepEqual(scripts('mailbox'), [['3-user-data.101', script]])
  t.deepEqual(seen.mailbox.config, {a: 1})
  t.deepEqual(scripts('lower case, folded, version first'), [['3-user-data.101', script], ['3-user-data.102', 'echo']])
  t.deepEqual(scripts('nested'), [['3-user-data.101.101', script], ['3-user-data.101.102', 'a'], ['3-user-data.102', 'b']])
  t.deepEqual(scripts('no end'), [['3-user-data.101', script], ['3-user-data.102', 'b\n']])
  t.deepEqual(scripts('no empty line'), [['3-user-data.101', '#!/bin/sh\n\na']])
  t.deepEqual(scripts('boundary like a pattern'), [['3-user-data.101', '\n--aXXbc\n--a.*[b]\\$(id)\n']])
  t.deepEqual(scripts('quoted-printable'), [['3-user-data.101', '#!/bin/sh\necho \xc3\xa9= \\0101\0%41\nb\n']])
  t.deepEqual(scripts('not multipart'), [['3-user-data', script]])
  t.deepEqual(Object.entries(seen.hook.boothooks).map(([part, text]) => [part, text.toString()]), [['3-user-data.101', '#!/bin/sh\na\n'], ['3-user-data.102', script], ['3-user-data.103', 'b\n']])
})

inRoot(`what a MIME message hides or breaks is left out and named${why}`, async (t) => {
  const deep = (levels: number) => Array.from({length: levels}).reduce<Buffer>((inner, _, at) => multipart([inner, entity('text/x-shellscript', String(at))], {boundary: `b${at}.`}), entity('text/x-shellscript', 'core'))
  const seen = await unpackAll(t, {
    'other types': multipart([entity('image/png', '#!/bin/no\n'), entity('text/part-handler', '#part-handler\n'), entity('text/jinja2', '## template: jinja\n#!/bin/no\n'), entity('text/$(touch${IFS}/x)`id`', '#!/bin/no'), entity('text/x-shellscript', script)]),
    'bad encodings': multipart([entity('text/x-shellscript', 'I!==', 'Content-Transfer-Encoding: base64'), entity('text/x-shellscript', script, 'Content-Transfer-Encoding: x-uu\x1b[31mencode'), entity('text/x-shellscript', 'ok')]),
    'bad gzip': multipart([entity('application/gzip', gzipSync(script).subarray(0, 20)), entity('text/x-shellscript', 'ok')]),
    'no boundary': 'Content-Type: multipart/mixed\n\n--\n\n#!/bin/no\n',
    'headers only': 'Content-Type: text/x-shellscript\n',
    'a crowd': Buffer.from(`Content-Type: multipart/mixed; boundary=x\n\n${'--x\n\nz\n'.repeat(20_000)}--x--\n`),
    'empty parts': Buffer.from(`Content-Type: multipart/mixed; boundary=x\n\n${'--x\n'.repeat(20_000)}\n${script}\n--x--\n`),
    'deep': deep(20),
    'too deep': deep(40),
    'a bomb': multipart([entity('text/x-shellscript', gzipSync(Buffer.alloc(64 << 20))), entity('text/x-shellscript', 'ok')]),
  })
  const texts = (name: keyof typeof seen) => Object.values(seen[name].scripts).map(String)
  t.deepEqual(texts('other types'), [script])
  t.is(seen['other types'].log, [
    '3-user-data.101: unknown: image/png, #!/bin/no',
    '3-user-data.102: unknown: text/part-handler, #part-handler',
    '3-user-data.103: templates are not supported',
    '3-user-data.104: unknown: text/$(touch${ifs}/x)`id`, #!/bin/no',
    '',
  ].join('\n'))
  t.deepEqual(texts('bad encodings'), ['ok'])
  t.is(seen['bad encodings'].log, '3-user-data.101: broken, or too big\n3-user-data.102: x-uu.[31mencode is not supported\n')
  t.deepEqual(texts('a bomb'), ['ok'])
  t.deepEqual(texts('bad gzip'), ['ok'])
  for (const name of ['a bomb', 'bad gzip'] as const) t.is(seen[name].log, '3-user-data.101: broken, or too big\n')
  for (const name of ['no boundary', 'headers only', 'a crowd'] as const) t.deepEqual(texts(name), [], name)
  for (const name of ['a crowd', 'too deep'] as const) t.regex(seen[name].log, /^3-user-data[.0-9]*: too much\n$/m, name)
  t.is(texts('deep').length, 21)
  t.deepEqual(texts('too deep'), Array.from({length: 21}, (_, at) => String(at + 19)))
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
  for (const [at, {parts, nest}] of drawn.entries()) {
    const names = parts.map((_, part) => `3-user-data${nest ? '.101' : ''}.${part + 101}`)
    t.deepEqual(seen[String(at)]?.scripts, Object.fromEntries(parts.map(({content}, part) => [names[part], content])), JSON.stringify(drawn[at]?.boundary))
  }
})
