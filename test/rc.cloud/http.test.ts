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
  '/small-head': {body: 'abc', fault: 'bare', headers: {'cOnTent-LENGTH': '3'}},
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
  '/too-long': {body: 'x'.repeat(5000)},
  'PUT /token': 'a-token==',
  'POST /report': {status: 200, body: ''},
}

const setUp = `. /usr/lib/rc.cloud/base.sh; . /usr/lib/rc.cloud/http.sh; mkdir -p $RUN; at=http://169.254.169.254
get() { http_get "$@"; code=$?; printf '%s %s %s\n' "$1" "$code" "$([ -e "$2" ] && cat "$2" | tr '\\n' '|' || echo none)"; }`

inRoot(`a metadata service is heard whole or not at all${why}`, async (t) => {
  const service = await metadataService(t, routes)
  const root = await cloudRoot(t, {before: service.before})
  const paths = [...Object.keys(routes).filter((path) => /^\/(?!binary|too-long|slow|silent|endless|long-head)/.test(path)), '/nothing']
  const {stdout, stderr} = root.run(`${setUp}
    for path in ${paths.map((path) => `'${path}'`).join(' ')}; do get "$at$path" /tmp/out; done
    get http://169.254.169.254 /tmp/out
    http_get $at/binary /tmp/binary; echo binary $?; md5sum < /tmp/binary
    HTTP_MAX=4999; get $at/too-long /tmp/out; HTTP_MAX=5000; http_get $at/too-long /tmp/out; echo $?; HTTP_MAX=
    get http://169.254.169.254:81/text /tmp/out
    get https://169.254.169.254/text /tmp/out; get 'http://169.254.169.254/a b' /tmp/out; get http://-lp99/ /tmp/out
    ls -A $RUN /tmp; ps | grep -c '[n]c 169'`)
  t.deepEqual(stdout.replaceAll('http://169.254.169.254', '').split('\n'), [
    '/text 0 hello|world', '/ 0 root', '/?q=1 0 query', '/empty 0 ', '/204 0 ', '/bare 0 no length|', '/unended 0 whole', '/small-head 0 abc',
    '/moved 7 none', '/403 7 none', '/410 6 none', '/429 5 none', '/503 5 none', '/cut 4 none', '/hang-up 4 none', '/not-http 4 none', '/chunked 4 none',
    '/false-length 4 none', '/bad-length 4 none', '/nothing 6 none', ' 0 root',
    'binary 0', `${createHash('md5').update(Buffer.from(binary, 'base64')).digest('hex')}  -`,
    '/too-long 7 none', '0', ':81/text 4 none', 'https://169.254.169.254/text 7 none', '/a b 7 none', 'http://-lp99/ 7 none',
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
    HTTP_MAX=1000
    get $at/endless /tmp/out
    ms; was=$now; for i in 1 2 3 4 5 6 7 8 9 10; do http_get $at/text /tmp/out; done; ms
    [ $((now - was)) -lt 5000 ] || echo ten requests took $((now - was))
    ps | grep -c -e '[n]c 169' -e '[s]leep'; ls /tmp`)
  t.is(stdout, 'slow 4\nsilent 4\nendless 7\nlong-head 4\ntext 0\nhttp://169.254.169.254/endless 7 none\n0\nout\nrun\n')
  t.is(stderr, '')
})

inRoot(`a request says what it has to, and nothing of a value gets out of its line${why}`, async (t) => {
  const service = await metadataService(t, routes, ['169.254.169.254', 'fd00:ec2::254', 'fe80::a9fe:a9fe%lo'])
  const root = await cloudRoot(t, {before: service.before})
  const {stdout, stderr} = root.run(`${setUp}
    METHOD=PUT; get $at/token /tmp/out 'X-Ttl: 60'
    METHOD=POST; BODY='<a>$(id)</a>'; get $at/report /tmp/out 'Content-Type: text/xml'
    METHOD=; BODY=
    get http://[fd00:ec2::254]/text /tmp/out
    get http://[fe80::a9fe:a9fe%25lo]:80/text /tmp/out
    get $at/text /tmp/out "A: b\${NL}Evil: c"; get "$at/text\${NL}x" /tmp/out; get "$at/\${TAB}" /tmp/out`)
  t.regex(stdout, /^.*token 0 a-token==\n.*report 0 \n.*\/text 0 hello.world\n.*\/text 0 hello.world\n.* 7 none\n[^]* 7 none\n.* 7 none\n$/, stderr)
  const common = {host: '169.254.169.254', connection: 'close', 'user-agent': 'rc.cloud'}
  t.deepEqual(service.asked(), [
    {line: 'PUT /token', headers: {...common, 'content-length': '0', 'x-ttl': '60'}, body: '', at: '169.254.169.254'},
    {line: 'POST /report', headers: {...common, 'content-length': '12', 'content-type': 'text/xml'}, body: '<a>$(id)</a>', at: '169.254.169.254'},
    {line: 'GET /text', headers: {...common, host: '[fd00:ec2::254]'}, body: '', at: 'fd00:ec2::254'},
    {line: 'GET /text', headers: {...common, host: '[fe80::a9fe:a9fe]'}, body: '', at: 'fe80::a9fe:a9fe%lo'},
  ])
})

inRoot(`a URL of a user, where nothing better is installed${why}`, async (t) => {
  const service = await metadataService(t, routes)
  const root = await cloudRoot(t, {before: service.before})
  const {stdout, stderr} = root.run(`${setUp}
    for url in $at/text $at/nothing $at/503 ftp://x/ '$at/a b' -O/etc/passwd; do fetch_url "$url" /tmp/out; echo $? $(cat /tmp/out 2> /dev/null); done
    printf 'a=1&b=%%20' | METHOD=POST fetch_url $at/report /tmp/out; echo $?
    fetch_url $at/too-long /tmp/out 4999; echo $?; ls /tmp`)
  t.is(stdout, '0 hello world\n6\n5\n7\n7\n7\n0\n7\nrun\n')
  t.is(stderr, '')
  t.is(service.asked().find(({line}) => line === 'POST /report')?.body, 'a=1&b=%20')
})

inRoot(`a download that is ended half-way is none, whatever the program says${why}`, async (t) => {
  const root = await cloudRoot(t)
  root.write({'usr/bin/uclient-fetch!': '#!/bin/sh\ntrap "exit 0" TERM\nprintf half > "$4"\nsleep 9 &\nwait\n'})
  const {stdout} = root.run(`${setUp}
    HTTP_TIME=1; fetch_url http://127.0.0.1/x /tmp/out; echo $?; ls /tmp`)
  t.is(stdout, '4\nrun\n')
})
