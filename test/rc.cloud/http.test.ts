import {createHash} from 'node:crypto'
import test from 'ava'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {metadataService, type Route} from '../helpers/metadata-service.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const binary = Buffer.from(Array.from({length: 1024}, (_, i) => (i * 7) % 256)).toString('base64')
const routes: Record<string, Route> = {
  '/text': 'hello\nworld',
  '/': 'root',
  '/?q=1': 'query',
  '/empty': '',
  '/204': {status: 204},
  '/binary': {base64: binary},
  '/bare': {body: 'no length\n', fault: 'bare'},
  '/unended': {body: 'whole', fault: 'unended'},
  '/small-head': {body: 'abc', fault: 'bare', headers: {'content-length': '3'}},
  '/moved': {status: 302, headers: {Location: 'http://169.254.169.254/text'}, body: 'moved'},
  '/403': {status: 403, body: 'no'},
  '/410': {status: 410},
  '/429': {status: 429},
  '/503': {status: 503, body: 'later'},
  '/cut': {body: 'only half of this comes', fault: 'cut'},
  '/slow': {body: 'late', fault: 'slow'},
  '/silent': {fault: 'silent'},
  '/hang-up': {fault: 'hang-up'},
  '/not-http': {fault: 'not-http'},
  '/chunked': {body: 'pieces', fault: 'chunked'},
  '/endless': {fault: 'endless'},
  '/long-head': {fault: 'long-head'},
  '/false-length': {body: 'abc', headers: {'Content-Length': '99999999999999999999'}},
  '/bad-length': {body: 'abc', headers: {'Content-Length': '-3'}},
  '/too-long': {body: 'x'.repeat(2 ** 20)},
  'PUT /token': 'a-token==',
  'POST /report': {status: 200, body: ''},
}

const setUp = `. /usr/lib/rc.cloud/lib.sh; mkdir -p $RUN; at=http://169.254.169.254
get() { http_get "$@"; code=$?; printf '%s %s %s\n' "$1" "$code" "$([ -e "$2" ] && cat "$2" | tr '\\n' '|' || echo none)"; }`

inRoot(`a metadata service is heard whole or not at all${why}`, async (t) => {
  const service = await metadataService(t, routes)
  const root = await cloudRoot(t, {before: service.before})
  const paths = [...Object.keys(routes).filter((path) => /^\/(?!binary|too-long|slow|silent|endless|long-head)/.test(path)), '/nothing']
  const {stdout, stderr} = root.run(`${setUp}
    for path in ${paths.map((path) => `'${path}'`).join(' ')}; do get "$at$path" /tmp/out; done
    http_get $at/binary /tmp/binary; echo binary $?; md5sum < /tmp/binary
    get $at/too-long /tmp/out; get http://127.0.0.1/text /tmp/out
    ls -A $RUN /tmp; ps | grep -c '[n]c 169'`)
  t.deepEqual(stdout.replaceAll('http://169.254.169.254', '').split('\n'), [
    '/text 0 hello|world', '/ 0 root', '/?q=1 0 query', '/empty 0 ', '/204 0 ', '/bare 0 no length|', '/unended 0 whole', '/small-head 0 abc',
    '/moved 1 none', '/403 1 none', '/410 1 none', '/429 1 none', '/503 1 none', '/cut 1 none', '/hang-up 1 none', '/not-http 1 none', '/chunked 1 none',
    '/false-length 1 none', '/bad-length 1 none', '/nothing 2 none',
    'binary 0', `${createHash('md5').update(Buffer.from(binary, 'base64')).digest('hex')}  -`,
    '/too-long 1 none', 'http://127.0.0.1/text 1 none',
    '/tmp:', 'binary', 'run', '', '/var/run/rc.cloud:', 'alive', 'request', 'said', '0', '',
  ])
  t.is(stderr, '')
  // the redirect was not followed
  t.is(service.asked().filter(({line}) => line === 'GET /text').length, 1)
})

inRoot(`a service that stalls or never ends costs the time that was given, and no process${why}`, async (t) => {
  const service = await metadataService(t, routes)
  const root = await cloudRoot(t, {before: service.before})
  const {stdout, stderr} = root.run(`${setUp}
    ms() { read -r now _ < /proc/uptime; now=\${now%.*}\${now#*.}0; }
    HTTP_TIME=1
    for path in slow silent endless long-head text; do
      ms; was=$now; http_get $at/$path /tmp/out; code=$?; ms
      [ $((now - was)) -lt 5000 ] || echo took $((now - was))
      echo $path $code
    done
    ms; was=$now; for i in 1 2 3 4 5 6 7 8 9 10; do http_get $at/text /tmp/out; done; ms
    [ $((now - was)) -lt 5000 ] || echo ten requests took $((now - was))
    ps | grep -c -e '[n]c 169' -e '[s]leep'; ls /tmp`)
  t.is(stdout, 'slow 1\nsilent 1\nendless 1\nlong-head 1\ntext 0\n0\nout\nrun\n')
  t.is(stderr, '')
})

inRoot(`a request says what it has to${why}`, async (t) => {
  const service = await metadataService(t, routes)
  const root = await cloudRoot(t, {before: service.before})
  const {stdout, stderr} = root.run(`${setUp}
    METHOD=PUT; get $at/token /tmp/out 'X-Ttl: 60'
    METHOD=POST; BODY='<a>$(id)</a>'; get $at/report /tmp/out 'Content-Type: text/xml'`)
  t.regex(stdout, /^.*token 0 a-token==\n.*report 0 \n$/, stderr)
  const at = '169.254.169.254'
  t.deepEqual(service.asked(), [
    {line: 'PUT /token', headers: {host: at, 'content-length': '0', 'x-ttl': '60'}, body: '', at},
    {line: 'POST /report', headers: {host: at, 'content-length': '12', 'content-type': 'text/xml'}, body: '<a>$(id)</a>', at},
  ])
})

inRoot(`a URL of a user, where nothing better is installed${why}`, async (t) => {
  const service = await metadataService(t, routes)
  const root = await cloudRoot(t, {before: service.before})
  const {stdout, stderr} = root.run(`${setUp}
    for url in $at/text $at/nothing $at/503 ftp://x/ '$at/a b' '-O/etc/passwd'; do fetch_url "$url" /tmp/out; echo $? $(cat /tmp/out 2> /dev/null); done
    printf 'a=1&b=%%20' | METHOD=POST fetch_url $at/report /tmp/out; echo $?
    ls /tmp`)
  t.is(stdout, '0 hello world\n2\n1\n2\n2\n2\n0\nout\nrun\n')
  t.is(stderr, '')
  t.is(service.asked().find(({line}) => line === 'POST /report')?.body, 'a=1&b=%20')
})

inRoot(`a download that is ended half-way is none, whatever the program says${why}`, async (t) => {
  const root = await cloudRoot(t)
  root.write({'usr/bin/uclient-fetch!': '#!/bin/sh\ntrap "exit 0" TERM\nprintf half > "$4"\nsleep 9 &\nwait\n'})
  const {stdout} = root.run(`${setUp}
    HTTP_TIME=1; fetch_url http://127.0.0.1/x /tmp/out; echo $?; ls /tmp`)
  t.is(stdout, '1\nrun\n')
})
