import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {unpackAll} from '../fixtures/rc.cloud/userdata/unpack.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const script = '#!/bin/sh\necho hello\n'
const config = '#cloud-config\nhostname: one\nruncmd: [a, b]\n'
const every = Buffer.from(Array.from({length: 1024}, (_, at) => at % 256))

inRoot(`user data is what it begins with, under gzip and base64${why}`, async (t) => {
  const binary = Buffer.concat([Buffer.from('#!/bin/sh\ntail -n +3 "$0"\nexit\n'), every])
  const seen = await unpackAll(t, {
    script,
    binary,
    'gzip': gzipSync(script),
    'gzip twice': gzipSync(gzipSync(script)),
    'base64': Buffer.from(script).toString('base64'),
    'base64 in lines': Buffer.from(binary).toString('base64').replace(/.{76}/g, '$&\r\n'),
    'gzip in base64': gzipSync(binary).toString('base64'),
    'config in base64': Buffer.from(config).toString('base64'),
    'gzip of a config': gzipSync(config),
    'CRLF': script.replaceAll('\n', '\r\n'),
    'no newline': '#!/bin/sh',
    'CR within': '#!/bin/sh\nprintf "a\r\n"\n',
  })
  for (const name of ['script', 'gzip', 'gzip twice', 'base64', 'CRLF'] as const) {
    t.deepEqual(seen[name].scripts, {'3-user-data': Buffer.from(script)}, `${name}: ${seen[name].log}`)
    t.is(seen[name].log, '', name)
    t.deepEqual(seen[name].config, {})
  }
  for (const name of ['binary', 'base64 in lines', 'gzip in base64'] as const) t.deepEqual(seen[name].scripts, {'3-user-data': binary}, name)
  for (const name of ['config in base64', 'gzip of a config'] as const) t.deepEqual(seen[name].config, {hostname: 'one', runcmd: ['a', 'b']}, name)
  t.is(seen['no newline'].scripts['3-user-data']?.toString(), '#!/bin/sh')
  t.is(seen['CR within'].scripts['3-user-data']?.toString(), '#!/bin/sh\nprintf "a\r\n"\n')
  t.regex(seen.script.modes, /^-rwx------ .* 3-user-data$/m)
  t.regex(seen.script.modes, /^-rw------- .* config$/m)
})

inRoot(`of a key at the top the last part says all, and the user over the vendor${why}`, async (t) => {
  const vendor = '#cloud-config\nhostname: vendor\nruncmd: [v1, v2]\nntp: {enabled: true}\n'
  const vendor2 = '#cloud-config\nntp: {servers: [a]}\nntp2: x\n'
  const user = '#cloud-config\nruncmd: [u]\n"": {a/b: 1}\n'
  const archive = (...parts: string[]) => `Content-Type: multipart/mixed; boundary=x\n\n${parts.map((part) => `--x\n\n${part}\n`).join('')}--x--\n`
  const seen = await unpackAll(t, {
    'all': {vendor, vendor2, user},
    'vendor alone': {vendor, vendor2},
    'one is broken': archive('#cloud-config\na: 1\nb: [x, y]', '#cloud-config\nb: [z]\nc: "\n', '#cloud-config\n- a\n- b', '#cloud-config\nb: [w]', '#cloud-config\n', '#cloud-config\nd: 2'),
    'scripts of both': {vendor: script, vendor2: script, user: script},
    'archive': '#cloud-config-archive\n- type: text/x-shellscript\n  content: x\n',
    'typed by content': '#cloud-config\r\nhostname: one\r\n',
    'nothing': {},
    'nothing in it': '',
  })
  t.deepEqual(seen.all.config, {'hostname': 'vendor', 'ntp': {servers: ['a']}, 'ntp2': 'x', 'runcmd': ['u'], '': {'a/b': 1}})
  t.deepEqual(seen['vendor alone'].config, {hostname: 'vendor', runcmd: ['v1', 'v2'], ntp: {servers: ['a']}, ntp2: 'x'})
  // the list's entries become keys that nobody knows, which the log names when the config is applied
  t.deepEqual(seen['one is broken'].config, {a: 1, b: ['w'], d: 2, 0: 'a', 1: 'b'})
  t.regex(seen['one is broken'].log, /^3-user-data\.102: line \d: .*\n$/)
  t.deepEqual(Object.keys(seen['scripts of both'].scripts), ['1-vendor-data', '2-vendor-data2', '3-user-data'])
  t.deepEqual(seen.archive.config, {0: {type: 'text/x-shellscript', content: 'x'}})
  t.deepEqual(seen['typed by content'].config, {hostname: 'one'})
  for (const name of ['nothing', 'nothing in it'] as const) t.deepEqual([seen[name].config, seen[name].scripts, seen[name].log], [{}, {}, ''])
})

inRoot(`what is nothing known, broken or too much is not run, and named${why}`, async (t) => {
  const seen = await unpackAll(t, {
    'no start': 'echo $(id) `id` %s\n',
    'binary': Buffer.concat([Buffer.from([0, 0, 255, 27, 7]), Buffer.from('[31m'), every]),
    'ELF': Buffer.from('\x7fELF\x02\x01\x01\0\0#!/bin/sh\n', 'latin1'),
    'long': 'x'.repeat(300_000),
    'HTML': '<!DOCTYPE html>\n<h1>404</h1>\n',
    'base64 of nothing known': Buffer.from('hello world').toString('base64'),
    'no base64 after all': `${Buffer.from(script).toString('base64')}\n!\n`,
    'jinja': '## template: jinja\n#cloud-config\nhostname: {{ v1.name }}\n',
    'types behind a colon': 'x:#!/bin/sh\n:#cloud-config\n',
    'broken gzip': gzipSync(every).subarray(0, -20),
    'gzip of a wrong sum': Buffer.concat([gzipSync(script).subarray(0, -8), Buffer.alloc(8)]),
    'a bomb': gzipSync(gzipSync(Buffer.alloc(256 << 20))),
    'a bomb of base64': gzipSync('I2Nh'.repeat(1 << 20)),
    'too many layers': Array.from({length: 300}).reduce<Buffer>((inner) => gzipSync(inner), Buffer.from(script)),
    'Microsoft': '<powershell>\r\n',
  })
  for (const [name, {log, scripts, boothooks, includes, config}] of Object.entries(seen)) {
    t.deepEqual([scripts, boothooks, includes, config, log], [{}, {}, '', {}, '3-user-data: unknown, broken or too much\n'], name)
  }
})

inRoot(`base64 is any bytes again, and what is not base64 fails with nothing${why}`, async (t) => {
  const drawn = fc.sample(fc.record({
    bytes: fc.uint8Array({maxLength: 200}),
    width: fc.integer({min: 1, max: 100}),
    newline: fc.constantFrom('\n', '\r\n', ' \n\t'),
    padded: fc.boolean(),
  }), {numRuns: 100, seed: 11})
  const good = [every, ...drawn.map(({bytes}) => Buffer.from(bytes))]
  const written = [every.toString('base64'), ...drawn.map(({bytes, width, newline, padded}) => {
    const text = Buffer.from(bytes).toString('base64')
    return (padded ? text : text.replace(/=+$/, '')).replace(new RegExp(`.{${width}}`, 'g'), `$&${newline}`)
  })]
  const bad = ['A', 'AAAAA', 'A===', 'aaa!', 'aa.a', '-_aa', 'a,aa', 'aa\0a!', 'é', '[aaa', '`aaa', 'aa{}', 'AAAA\n$(id)']
  const root = await cloudRoot(t)
  for (const [at, text] of [...written, ...bad].entries()) root.write({[`tmp/in/${at}`]: text})
  const {stdout, stderr} = root.run(`
    . /usr/lib/rc.cloud/lib.sh
    mkdir /tmp/out
    for n in $(seq 0 ${good.length + bad.length - 1}); do
      decode_base64 < /tmp/in/$n > /tmp/out/$n || printf '%s ' $n
    done`)
  t.is(stderr, '')
  t.is(stdout, bad.map((_, at) => `${good.length + at} `).join(''))
  for (const [at, bytes] of good.entries()) t.deepEqual(readFileSync(join(root.folder, 'tmp', 'out', String(at))), bytes, JSON.stringify(written[at]))
  for (const [at, text] of bad.entries()) t.is(root.read(`tmp/out/${good.length + at}`), '', text)
})
