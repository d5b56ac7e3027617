import test from 'ava'
import {configRoot} from '../helpers/cloud-config.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const hash = '$6$salt$0123456789abcdef'
const shipped = {
  passwd: 'root:x:0:0:root:/root:/bin/ash\ndaemon:*:1:1:daemon:/var:/bin/false\nnetwork:*:101:101:network:/var:/bin/false\nnobody:*:65534:65534:nobody:/var:/bin/false\n',
  shadow: 'daemon:*:0:0:99999:7:::\nnetwork:*:0:0:99999:7:::\nnobody:*:0:0:99999:7:::\n',
  group: 'root:x:0:\ndaemon:x:1:\nadm:x:4:\ntty:x:5:\ndialout:x:20:\nusers:x:100:\nnetwork:x:101:\nnogroup:x:65534:\n',
}

inRoot(`users are made with groups, homes, keys and hashes${why}`, async (t) => {
  const root = await configRoot(t)
  const {stderr} = root.apply('apply_early /tmp/config; ls -ld /home /home/bob /home/bob/.ssh /home/bob/.ssh/authorized_keys /etc/passwd /etc/shadow /etc/group > /tmp/modes', {
    groups: ['ops', 'a b'],
    users: [
      'default',
      {'name': 'bob', 'gecos': 'Bob B.', 'groups': 'users, staff', 'lock_passwd': false, 'passwd': hash, 'ssh_authorized_keys': ['ssh-ed25519 AAAAB bob@home']},
      {name: 'svc', shell: '/usr/sbin/nologin', homedir: '/srv/svc', groups: ['adm', 'dialout']},
      {name: 'carl', shell: '/bin/bash', hashed_passwd: hash},
      'dora',
    ],
  })
  t.is(stderr, '')
  t.is(root.read('etc/passwd'), `${shipped.passwd}bob:x:1000:1000:Bob B.:/home/bob:/bin/ash
svc:x:1001:1001::/srv/svc:/bin/false
carl:x:1002:1002::/home/carl:/bin/ash
dora:x:1003:1003::/home/dora:/bin/ash
`)
  t.is(root.read('etc/shadow'), `root:::0:99999:7:::\n${shipped.shadow}bob:${hash}:0:0:99999:7:::
svc:!:0:0:99999:7:::
carl:!:0:0:99999:7:::
dora:!:0:0:99999:7:::
`)
  t.is(root.read('etc/group'), `root:x:0:
daemon:x:1:
adm:x:4:svc
tty:x:5:
dialout:x:20:svc
users:x:100:bob
network:x:101:
nogroup:x:65534:
ops:x:2000:
a:x:2001:
b:x:2002:
bob:x:1000:
staff:x:2003:bob
svc:x:1001:
carl:x:1002:
dora:x:1003:
`)
  t.is(root.read('home/bob/.ssh/authorized_keys'), 'ssh-ed25519 AAAAB bob@home\n')
  t.is(root.read('etc/rc.cloud/keys/bob'), 'ssh-ed25519 AAAAB bob@home\n')
  t.is(root.read('tmp/owners'), '1000:1000 /home/bob\n-h 1000:1000 /home/bob/.ssh\n-- 1000:1000 /home/bob/.ssh/authorized_keys.rc-new\n1001:1001 /srv/svc\n1002:1002 /home/carl\n1003:1003 /home/dora\n')
  t.deepEqual(modes(root.read('tmp/modes')), {
    '/home': 'drwxr-xr-x', '/home/bob': 'drwx------', '/home/bob/.ssh': 'drwx------', '/home/bob/.ssh/authorized_keys': '-rw-------',
    '/etc/passwd': '-rw-r--r--', '/etc/shadow': '-rw-------', '/etc/group': '-rw-r--r--',
  })
})

inRoot(`a second run changes nothing, and a user who is there keeps what he is${why}`, async (t) => {
  const root = await configRoot(t)
  const users = [{name: 'bob', lock_passwd: false, passwd: hash, groups: ['users'], ssh_authorized_keys: ['ssh-ed25519 AAAAB bob']}]
  root.apply('apply_early /tmp/config', {users})
  const files = ['etc/passwd', 'etc/shadow', 'etc/group', 'home/bob/.ssh/authorized_keys'].map((name) => root.read(name))
  root.apply('apply_early /tmp/config', {groups: ['users'], users: [{name: 'bob', homedir: '/x', shell: '/bin/false', groups: ['users'], ssh_authorized_keys: ['ssh-ed25519 AAAAB bob']}]})
  t.deepEqual(['etc/passwd', 'etc/shadow', 'etc/group', 'home/bob/.ssh/authorized_keys'].map((name) => root.read(name)), files)
})

inRoot(`users are also a name, or user of its own; what is for nobody by name is root's${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply('apply_early /tmp/config', {users: 'bob'})
  root.apply('apply_early /tmp/config', {user: 'emil', users: ['default', 'gina'], ssh_authorized_keys: ['ssh-ed25519 AAAAE top'], password: hash})
  root.apply('apply_early /tmp/config', {user: {name: 'fred', groups: 'adm'}})
  t.is(root.read('etc/passwd'), `${shipped.passwd}bob:x:1000:1000::/home/bob:/bin/ash\nemil:x:1001:1001::/home/emil:/bin/ash\ngina:x:1002:1002::/home/gina:/bin/ash\nfred:x:1003:1003::/home/fred:/bin/ash\n`)
  t.is(root.read('etc/dropbear/authorized_keys'), 'ssh-ed25519 AAAAE top\n')
  t.regex(root.read('etc/shadow'), /^root:\$6\$salt\$0123456789abcdef:/m)
  t.regex(root.read('etc/group'), /^adm:x:4:fred$/m)
})

inRoot(`no name, number or field breaks out of its place${why}`, async (t) => {
  const root = await configRoot(t)
  const hostile = ['root2:x:0:0', 'a b', '../../etc/x', '$(touch /tmp/pwned)', '`touch /tmp/pwned`', '-u', 'Ünicode', 'eve\nroot2:x:0:0::/:/bin/ash', 'a|b', 'a\\nb', '0day']
  const {stderr} = root.apply('apply_early /tmp/config; touch /tmp/survived', {
    groups: [...hostile, {[hostile[3] ?? '']: hostile, wheel: hostile}],
    users: [
      ...hostile,
      ...hostile.map((name) => ({name})),
      ...['/bin/ash:x', 'a:b', 'a\nb', '$(touch /tmp/pwned)'].map((text, at) => ({name: `g${at}`, gecos: text})),
      ...['/x:y', '../x', 'x', '/a\u001bb', '/a\nb', '/$(touch /tmp/pwned)'].map((homedir, at) => ({name: `h${at}`, homedir})),
      ...['x:y', '$1$', '$6$a:b$c', '$6$a\nb$c', '!', '', '$y$j9T$x$y'].map((text, at) => ({name: `p${at}`, lock_passwd: false, hashed_passwd: text, no_create_home: true})),
      {name: ['two', 'names'], groups: {a: 1}, shell: {b: 1}},
      ['list', 'of', 'lists'],
      {name: 'last', groups: ['$(touch /tmp/pwned)', 'root2:x', 'ok'], shell: '/bin/ash; touch /tmp/pwned', sudo: ['ALL=(ALL) ALL'], ssh_authorized_keys: {a: 'b'}, uid: 0},
    ],
  })
  t.is(stderr, '')
  t.false(root.run('ls /tmp/pwned').code === 0)
  const passwd = root.read('etc/passwd').slice(shipped.passwd.length).trim().split('\n')
  t.deepEqual(passwd.map((line) => line.split(':')[0]), ['g3', 'h5', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'last'])
  t.regex(passwd.at(-1) ?? '', /^last:x:1009:1009::\/home\/last:\/bin\/ash$/)
  for (const line of root.read('etc/passwd').trim().split('\n')) t.is(line.split(':').length, 7, line)
  for (const line of root.read('etc/shadow').trim().split('\n')) t.regex(line, /^(root:|[a-z0-9]+:[!*][^:]*:\d*:0:99999:7:::)/)
  for (const line of root.read('etc/group').trim().split('\n')) t.regex(line, /^[a-z_][a-z0-9_-]*:x:\d+:([a-z_][a-z0-9_,-]*)?$/)
  t.regex(root.read('etc/group'), /^ok:x:\d+:last$/m)
})

inRoot(`passwords are hashed here, and the text is kept nowhere${why}`, async (t) => {
  const root = await configRoot(t)
  const text = 'correct |horse\\ "staple" $(touch /tmp/pwned) \'x'
  root.apply('access_close; apply_meta; apply_early /tmp/config; access_open; apply_final /tmp/config; rm -rf $SEED', {
    users: [{name: 'bob', plain_text_passwd: text, lock_passwd: false}, {name: 'carl', plain_text_passwd: text}, 'dora', 'emil', 'fred', 'gina'],
    chpasswd: {expire: true, list: `dora:${text}\nemil:${hash}\nnobody2:${text}\n`, users: [{name: 'fred', type: 'text', password: `${text}:`}, {name: 'gina', type: 'RANDOM'}]},
  }, {'instance-id': 'i', 'admin-pass': text})
  const shadow = Object.fromEntries(root.read('etc/shadow').trim().split('\n').map((line) => line.split(':').slice(0, 2)))
  for (const user of ['root', 'bob', 'dora', 'fred']) t.regex(shadow[user] ?? '', /^\$6\$/)
  t.deepEqual([shadow.carl, shadow.gina], ['!', '!'])
  t.is(shadow.emil, hash)
  t.is(root.run(`grep -rlF 'correct |horse' /etc /var /tmp /home /root | grep -v '^/[a-z]*/config$'`).stdout, '')
  t.is(root.run('ls /tmp/pwned').stdout, '')
  t.regex(root.log(), /not taken: password of nobody2\n/)
  t.regex(root.log(), /not taken: chpasswd_expire \n/)
})

inRoot(`what is left of a user who is gone opens nothing${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/shadow': `root:!::0:99999:7:::\n${shipped.shadow}bob:${hash}:1:0:99999:7:::\n`})
  root.apply('apply_early /tmp/config', {users: [{name: 'bob', lock_passwd: false}]})
  t.regex(root.read('etc/shadow'), /^bob:!:1:/m)
})

inRoot(`an empty password, and one without a user are refused${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply('apply_meta; apply_early /tmp/config', {users: ['bob', 'carl'], chpasswd: {list: ['bob:', ':x', 'carl', 'carl:R', 'bob:RANDOM']}, password: ''}, {'instance-id': 'i', 'admin-pass': ''})
  t.regex(root.read('etc/shadow'), /^bob:!:/m)
  t.regex(root.read('etc/shadow'), /^carl:!:/m)
  t.regex(root.read('etc/shadow'), /^root::/m)
})

function modes(listing: string): Record<string, string> {
  return Object.fromEntries(listing.trim().split('\n').map((line) => [line.split(/\s+/).at(-1), line.slice(0, 10)]))
}
