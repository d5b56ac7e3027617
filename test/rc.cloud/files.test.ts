import {gzipSync} from 'node:zlib'
import test from 'ava'
import {configRoot} from '../helpers/cloud-config.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const text = 'a "b" \'c\' $d `e` %s \\n|\\0174\ttab\r\n  two\n\n'
const base64 = Buffer.from(text).toString('base64')
const zipped = gzipSync(text).toString('base64')
const binary = Buffer.from([0, 255, 128, 10, 0, 13, 92])

inRoot(`files arrive as they are, in all encodings${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/there': 'old\n', 'etc/link-target': 'kept\n'})
  root.run('ln -s link-target /etc/link')
  const {stderr} = root.apply('apply_early /tmp/config; ls -l /etc/plain /etc/mode* > /tmp/modes', {
    write_files: [
      {path: '/etc/plain', content: text},
      {path: '/etc/b64', encoding: 'b64', content: base64},
      {path: '/etc/base64', encoding: 'base64', content: base64.replace(/(.{20})/g, '$1\n')},
      {path: '/etc/gz', encoding: 'gz+b64', content: zipped},
      {path: '/etc/gzip', encoding: 'gzip+base64', content: zipped},
      {path: '/etc/binary', encoding: 'b64', content: binary.toString('base64')},
      {path: '/etc/empty'},
      {path: '/srv/a b/c/d', content: 'deep'},
      {path: '/etc/there', content: 'new\n', append: true},
      {path: '/etc/made', content: 'new\n', append: true},
      {path: '/etc/link', content: 'own\n'},
      {path: '/etc/number', content: 12},
      ...['0600', '755', '0o640', '04755'].map((permissions, at) => ({path: `/etc/mode${at}`, permissions, content: ''})),
      {path: '/etc/mode4', permissions: 640, content: ''},
      {path: '/etc/owned', owner: 'nobody:nogroup', content: 'x'},
      {path: '/etc/rooted', owner: 'root:root', content: 'x'},
      {path: '/etc/late', defer: true, content: 'late', owner: 'bob'},
    ],
    users: ['bob'],
  })
  t.is(stderr, '')
  for (const name of ['plain', 'b64', 'base64', 'gz', 'gzip']) t.is(root.read(`etc/${name}`), text, name)
  t.is(root.run('hexdump -v -e \'/1 "%02x"\' /etc/binary').stdout, binary.toString('hex'))
  t.is(root.read('etc/empty') + root.read('srv/a b/c/d') + root.read('etc/number'), 'deep12')
  t.is(root.read('etc/there') + root.read('etc/made'), 'old\nnew\nnew\n')
  t.is(root.read('etc/link') + root.read('etc/link-target'), 'own\nkept\n')
  t.deepEqual(root.read('tmp/modes').trim().split('\n').map((line) => line.slice(0, 10)), ['-rw-------', '-rwxr-xr-x', '-rw-r-----', '-rwsr-xr-x', '-rw-r-----', '-rw-r--r--'])
  t.is(root.run('ls -ld /srv/a?b | cut -c 1-10').stdout, 'drwxr-xr-x\n')
  t.is(root.run('ls /etc/late').stdout, '')
  t.is(root.read('tmp/owners'), '1000:1000 /home/bob\n-- nobody:nogroup /etc/owned.rc-new\n-- root:root /etc/rooted.rc-new\n')
  root.apply('apply_final /tmp/config', {write_files: [{path: '/etc/late', defer: true, content: 'late', owner: 'bob'}, {path: '/etc/early', content: ''}]})
  t.is(root.read('etc/late'), 'late')
  t.is(root.run('ls /etc/early').stdout, '')
})

inRoot(`a file that cannot be is left out, the others are written${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/there': 'old\n'})
  const {stderr} = root.apply('apply_early /tmp/config', {
    write_files: [
      ...['relative', '../etc/there', '/', '/etc', '/etc/', '', '-rf', '//'].map((path) => ({path, content: 'bad'})),
      {content: 'no path'}, 'text', ['list'], {path: {a: 1}, content: 'x'}, null,
      {path: '/etc/there', encoding: 'gz+b64', content: base64},
      {path: '/etc/there/below', content: 'bad'},
      ...['; rm -rf /', '$(touch /tmp/pwned)', '0999', '-R', '0777777'].map((permissions, at) => ({path: `/etc/bad${at}`, permissions, content: 'bad'})),
      ...['; touch /tmp/pwned', '$(touch /tmp/pwned)', '--reference=/etc', 'a:b:c', 'x y'].map((owner) => ({path: '/etc/there', owner, content: 'bad'})),
      {path: '/etc/$(touch pwned)', content: 'odd name'},
      {path: '/etc/uri', content: 'x', source: {uri: 'http://example.org'}},
    ],
  })
  t.is(stderr, '')
  t.is(root.read('etc/there'), 'old\n')
  t.is(root.run('cat /etc/bad*; ls /tmp/pwned /etc/pwned /etc/*.rc-new').stdout, '')
  t.is(root.read('etc/$(touch pwned)'), 'odd name')
  t.regex(root.log(), /not taken: write_files\/source \n/)
  t.regex(root.log(), /write_files: done/)
})

inRoot(`files of the metadata${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'tmp/run/rc.cloud/seed/content/0000': text, 'etc/shadow2': 'old'})
  root.apply('apply_meta', {}, {'instance-id': 'i', 'files': [{path: '/etc/x/y', from: '0000'}, {path: 'etc/shadow2', from: '0000'}, {path: '/etc/z', from: '../meta'}, {path: '/etc/q', from: 'missing'}, {path: '/etc/r', from: '..'}]})
  t.is(root.read('etc/x/y'), text)
  t.is(root.read('etc/shadow2'), 'old')
  t.is(root.run('ls /etc/z /etc/q /etc/r').stdout, '')
})

inRoot(`commands run once, strings by the shell, lists word by word${why}`, async (t) => {
  const root = await configRoot(t)
  const words = ['printf', '<%s>', 'a b', "it's", '$HOME', '`id`', '\\n', '*', '', 'two\nlines', '"', '\\\\', '&']
  const config = {
    bootcmd: ['echo "boot in $PWD" >> /tmp/boot; umask >> /tmp/boot'],
    runcmd: ['cd /tmp', words, 'echo; echo "still in $PWD"', 7, {a: 1}, null, ['sh', '-c', 'exit 3'], 'exit 5'],
  }
  const {stdout} = root.apply('apply_early /tmp/config; apply_final /tmp/config; settle; apply_early /tmp/config; apply_final /tmp/config; ls -l $RUN/runcmd | cut -c 1-10', config)
  t.is(root.read('tmp/boot'), 'boot in /\n0022\n')
  t.true(root.log().includes(`${words.slice(2).map((word) => `<${word}>`).join('')}\nstill in /tmp\n`), root.log())
  t.is(root.log().match(/still in/g)?.length, 1)
  t.is(stdout, '-rw-------\n')
  t.regex(root.log(), /runcmd ended with 5/)
})

inRoot(`a bootcmd that takes long does not hold up the boot${why}`, async (t) => {
  const root = await configRoot(t)
  const {stdout} = root.apply(`read before rest < /proc/uptime
    once bootcmd limited 1 sh -c 'sleep 2; echo late > /tmp/late'
    read after rest < /proc/uptime
    echo $((\${after%.*} - \${before%.*}))
    limited 1 sh -c 'exit 4'; echo $?
    sleep 2; cat /tmp/late`)
  t.regex(stdout, /^[12]\n0\nlate\n$/)
  t.regex(root.log(), /ended with 4\n/)
  t.regex(root.log(), /goes on\n/)
})

inRoot(`scripts run in order, whatever they end with, and never again${why}`, async (t) => {
  const root = await configRoot(t)
  const script = 'mkdir -p $RUN/scripts; for i in 01 02 03; do printf \'#!/bin/sh\\necho "script $0" | tail -c 3 >> /tmp/ran; exit %d\\n\' $i > $RUN/scripts/$i; chmod 0700 $RUN/scripts/$i; done; apply_final /tmp/config; settle; apply_final /tmp/config'
  root.apply(script)
  t.is(root.read('tmp/ran'), '01\n02\n03\n')
  t.is(root.log().match(/ended with [123]\n/g)?.length, 3)
})
