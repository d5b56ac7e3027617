import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {unpackAll} from '../fixtures/rc.cloud/userdata/unpack.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** What the web holds, by URL; what is named .gz is sent so. */
const web: Readonly<Record<string, string>> = {
  'http://a/script': '#!/bin/sh\na\n',
  'https://a/config.gz?secret': '#cloud-config\nhostname: included\n',
  'http://a/more': '#include\nhttp://a/script\nhttp://a/mime\n',
  'http://a/mime': 'Content-Type: multipart/mixed; boundary=x\n\n--x\n\n#cloud-config\na: {b: 2}\n--x\n\n#!/bin/sh\nm\n--x--\n',
  'http://a/loop': '#include\nhttp://a/loop\nhttp://a/script\n',
  'http://a/page': '<html>no such thing</html>\n',
  'http://a/big': `#!/bin/sh\n${'x'.repeat(2 << 20)}\n`,
}

const pages = Object.entries(web)

/** In place of OpenWrt's. */
const uclientFetch = `#!/bin/sh
while [ $# -gt 1 ]; do
  [ "$1" != -O ] || file=$2
  shift
done
echo "$1" >> /tmp/asked
case $1 in
http://a/later)
  [ "$(grep -c later /tmp/asked)" = 3 ] || { echo 'Failed to send request: Operation not permitted' >&2; exit 4; }
  printf '#!/bin/sh\\nlate\\n' > "$file"
  ;;
${pages.map(([url], at) => `'${url}') ${url.includes('.gz') ? 'gzip' : 'cat'} < /tmp/web/${at} > "$file" ;;`).join('\n')}
*)
  echo 'HTTP error 404' >&2
  exit 8
  ;;
esac
`

const files = {
  'bin/uclient-fetch!': uclientFetch,
  ...Object.fromEntries(pages.map(([, page], at) => [`tmp/web/${at}`, page])),
}

const after = `
  sleep() { :; }
  : > /tmp/asked
  fetch_includes
  log "code $?"
  sed 's/^/asked /' /tmp/asked >> $LOG`

const mime = (...parts: string[]) => `Content-Type: multipart/mixed; boundary=y\n\n${parts.map((part) => `--y\n\n${part}\n`).join('')}--y--\n`

inRoot(`what is included takes its place among the parts${why}`, async (t) => {
  const seen = await unpackAll(t, {
    order: mime('#!/bin/sh\n1', '#include\n# a comment\n\n  http://a/more  \r\n', '#!/bin/sh\n2', '#cloud-config\na: 1\nhostname: user'),
    config: mime('#cloud-config\nhostname: user\nb: 1', '#include-once https://a/config.gz?secret\n'),
    typed: 'Content-Type: text/x-include-url\n\nhttp://a/script',
    vendor: {vendor: '#include\nhttp://a/script\n', user: '#!/bin/sh\nu\n'},
    later: '#include\nhttp://a/later\n',
    none: '#!/bin/sh\n',
  }, {files, after})
  t.deepEqual(Object.entries(seen.order.scripts).map(([part, text]) => [part, text.toString()]), [
    ['3-user-data.101', '#!/bin/sh\n1'],
    ['3-user-data.102.104.102', '#!/bin/sh\na\n'],
    ['3-user-data.102.104.103.102', '#!/bin/sh\nm'],
    ['3-user-data.103', '#!/bin/sh\n2'],
  ])
  t.deepEqual(seen.order.config, {a: 1, hostname: 'user'})
  t.deepEqual(seen.config.config, {hostname: 'included', b: 1})
  t.deepEqual(Object.keys(seen.typed.scripts), ['3-user-data.101.101'])
  t.deepEqual(Object.keys(seen.vendor.scripts), ['1-vendor-data.102', '3-user-data'])
  t.deepEqual(seen.later.scripts, {'3-user-data.102': Buffer.from('#!/bin/sh\nlate\n')})
  t.is(seen.later.log.match(/asked/g)?.length, 3)
  t.deepEqual(Object.keys(seen.none.scripts), ['3-user-data'])
  for (const {log, includes} of Object.values(seen)) {
    t.regex(log, /^code 0\n(asked .*\n)*$/)
    t.is(includes, '')
  }
})

inRoot(`what cannot be included is named, and there is an end to it${why}`, async (t) => {
  const crowd = Array.from({length: 60}, (_, at) => `http://a/${at}\n`).join('')
  const seen = await unpackAll(t, {
    refused: '#include\nfile:///etc/shadow\n/etc/shadow\n-O/etc/passwd\nftp://a/script\n$(touch /tmp/x)\nhttp://a/script http://a/page\nhttp://me:secret@a/none?secret\n',
    page: '#include\nhttp://a/page\n',
    big: '#include\nhttp://a/big\nhttp://a/script\n',
    loop: '#include\nhttp://a/loop\n',
    crowd: `#include\n${crowd}`,
    strange: Buffer.from('#include\nhttp://a/\x1b[31m\xff\0script\n', 'latin1'),
  }, {files, after})
  t.is(seen.refused.log, `${[
    '3-user-data.108: cannot be included',
    'code 1',
    'asked http://a/script',
    ...Array.from({length: 15}, () => 'asked http://me:secret@a/none?secret'),
  ].join('\n')}\n`)
  t.deepEqual(Object.keys(seen.refused.scripts), ['3-user-data.107'])
  t.regex(seen.page.log, /^3-user-data\.102: unknown/)
  t.deepEqual(Object.keys(seen.big.scripts), ['3-user-data.103'])
  for (const name of ['loop', 'crowd'] as const) t.is(seen[name].log.match(/^asked/gm)?.length, 16)
  t.is(Object.keys(seen.loop.scripts).length, 7)
  t.regex(seen.strange.log, /^3-user-data\.102: cannot be included\ncode 1\n$/)
  for (const {includes} of Object.values(seen)) t.is(includes, '')
})
