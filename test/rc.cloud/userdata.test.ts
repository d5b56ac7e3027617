import {gzipSync} from 'node:zlib'
import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {unpackAll} from '../fixtures/rc.cloud/userdata/unpack.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const script = '#!/bin/sh\necho hello\n'
const config = '#cloud-config\nhostname: one\nruncmd: [a, b]\n'
const every = Buffer.from(Array.from({length: 1024}, (_, at) => at % 256))

inRoot(`user data is what it begins with, under gzip, base64 and a byte order mark${why}`, async (t) => {
  const bom = Buffer.from('\ufeff')
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
    'byte order mark': Buffer.concat([bom, Buffer.from(script)]),
    'mark and CRLF': Buffer.concat([bom, Buffer.from(script.replaceAll('\n', '\r\n'))]),
    'gzip of a marked config': gzipSync(Buffer.concat([bom, Buffer.from(config)])),
    'CRLF': script.replaceAll('\n', '\r\n'),
    'no newline': '#!/bin/sh',
    'CR within': '#!/bin/sh\nprintf "a\r\n"\n',
  })
  for (const name of ['script', 'gzip', 'gzip twice', 'base64', 'byte order mark', 'mark and CRLF', 'CRLF'] as const) {
    t.deepEqual(seen[name].scripts, {'3-user-data': Buffer.from(script)}, `${name}: ${seen[name].log}`)
    t.is(seen[name].log, '', name)
    t.deepEqual(seen[name].config, {})
  }
  for (const name of ['binary', 'base64 in lines', 'gzip in base64'] as const) t.deepEqual(seen[name].scripts, {'3-user-data': binary}, name)
  for (const name of ['config in base64', 'gzip of a marked config'] as const) t.deepEqual(seen[name].config, {hostname: 'one', runcmd: ['a', 'b']}, name)
  t.is(seen['no newline'].scripts['3-user-data']?.toString(), '#!/bin/sh')
  t.is(seen['CR within'].scripts['3-user-data']?.toString(), '#!/bin/sh\nprintf "a\r\n"\n')
  t.regex(seen.script.modes, /^-rwx------ .* 3-user-data$/m)
  t.regex(seen.script.modes, /^-rw------- .* config$/m)
})
