import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {configRoot, type ConfigRoot} from '../helpers/cloud-config.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const hash = '$6$salt$0123456789abcdef'
const closed = {wan: false, passwords: 'off', root: 'off'}
const stage = 'access_close; apply_meta; apply_early /tmp/config; access_open; settle'

/** Who is let in: port 22 on wan, and passwords. */
function access(root: ConfigRoot): {wan: boolean, passwords: string, root: string} {
  const {stdout} = root.run("uci -q get firewall.cloud_ssh.dest_port; for option in PasswordAuth RootPasswordAuth; do uci get dropbear.@dropbear[0].$option; done")
  const lines = stdout.trim().split('\n')
  return {wan: lines.length === 3, passwords: lines.at(-2) ?? '', root: lines.at(-1) ?? ''}
}

inRoot(`a new instance is closed: no passwords, root locked, the console asks${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage)
  t.deepEqual(access(root), closed)
  t.regex(root.read('etc/shadow'), /^root:!::0:99999:7:::$/m)
  t.is(root.run('uci get system.@system[0].ttylogin').stdout, '1\n')
})

inRoot(`a root that has a password keeps it, and a baked key keeps its door${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/shadow': `root:${hash}:1:0:99999:7:::\n`, 'etc/dropbear/authorized_keys': 'ssh-ed25519 AAAABAKED\n'})
  root.run('uci set firewall.cloud_ssh=rule; uci set firewall.cloud_ssh.dest_port=22; uci commit')
  root.apply('access_close')
  t.deepEqual(access(root), {...closed, wan: true})
  t.is(root.read('etc/shadow'), `root:${hash}:1:0:99999:7:::\n`)
})

inRoot(`port 22 opens on wan with a key, and as a whole rule${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage, {}, {'instance-id': 'i', 'public-keys': ['ssh-ed25519 AAAAC3 me']})
  t.deepEqual(access(root), {...closed, wan: true})
  t.is(root.run('uci show firewall.cloud_ssh').stdout, ["=rule", ".name='Allow-SSH'", ".src='wan'", ".proto='tcp'", ".dest_port='22'", ".target='ACCEPT'"].map((line) => `firewall.cloud_ssh${line}\n`).join(''))
})

inRoot(`what is no key opens nothing${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage, {ssh_authorized_keys: ['# ssh-ed25519 AAAA', 'hello', 'ssh-ed25519', '', 'ssh-ed25519 $(touch /tmp/pwned)', {a: 'ssh-ed25519 AAAA'}]})
  t.deepEqual(access(root), closed)
  t.is(root.run('ls /tmp/pwned; cat /etc/dropbear/authorized_keys').stdout, '')
})

inRoot(`a password opens nothing unless ssh_pwauth is asked for${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage, {}, {'instance-id': 'i', 'admin-pass': 'secret'})
  t.deepEqual(access(root), closed)
  root.apply(stage, {ssh_pwauth: true})
  t.deepEqual(access(root), {wan: true, passwords: 'on', root: 'on'})
})

inRoot(`with ssh_pwauth port 22 opens only where there is a password${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage, {ssh_pwauth: true})
  t.deepEqual(access(root), {wan: false, passwords: 'on', root: 'on'})
  t.regex(root.read('etc/shadow'), /^root:!:/m)
  const other = await configRoot(t)
  other.apply(stage, {ssh_pwauth: 'yes', users: [{name: 'bob', lock_passwd: false, passwd: hash}]})
  t.deepEqual(access(other), {wan: true, passwords: 'on', root: 'on'})
})

inRoot(`wan_ssh: false keeps port 22 closed whatever there is${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage, {openwrt: {wan_ssh: false}}, {'instance-id': 'i', 'public-keys': ['ssh-ed25519 AAAAC3 me']})
  t.deepEqual(access(root), closed)
})

inRoot(`keys go in once, a line each, with options and comments${why}`, async (t) => {
  const root = await configRoot(t)
  const keys = [
    'ssh-rsa AAAA1 a b', '  ssh-ed25519 AAAA2\r', 'ssh-rsa AAAA1 a b', 'from="*",command="echo \\"$(id)\\" \'x\'" ssh-rsa AAAA3 c*', 'ssh-ed25519 AAAA4 one\nssh-ed25519 AAAA5 two\n',
    'ecdsa-sha2-nistp256 AAAA6= .*', 'sk-ssh-ed25519@openssh.com AAAA7 `id`', 'ssh-rsa AAAA1', 'ssh-rsa AAAA8 \u0007bell', '\\n ssh-rsa AAAA9 \\t',
  ]
  root.write({'etc/dropbear/authorized_keys': 'ssh-rsa OWN mine\nssh-rsa AAAA1 a b'})
  root.apply('apply_meta; apply_meta', {}, {'instance-id': 'i', 'public-keys': keys})
  const added = ['ssh-ed25519 AAAA2', keys[3], 'ssh-ed25519 AAAA4 one', 'ssh-ed25519 AAAA5 two', keys[5], keys[6], keys[7], keys[9]].join('\n') + '\n'
  t.is(root.read('etc/dropbear/authorized_keys'), `ssh-rsa OWN mine\nssh-rsa AAAA1 a b\n${added}`)
  t.is(root.read('etc/rc.cloud/keys/root'), added)
  t.is(root.run('ls -l /etc/dropbear/authorized_keys | cut -c 1-10').stdout, '-rw-------\n')
})

inRoot(`another instance takes back the keys that we gave, and nothing else${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/dropbear/authorized_keys': 'ssh-rsa OWN mine\n'})
  root.apply(stage, {users: [{name: 'bob', ssh_authorized_keys: ['ssh-rsa AAAAB b']}]}, {'instance-id': 'i', 'public-keys': ['ssh-rsa AAAA1 .*']})
  root.run("echo 'ssh-rsa AAAA2 added by bob' >> /home/bob/.ssh/authorized_keys")
  root.apply('keys_forget')
  t.is(root.read('etc/dropbear/authorized_keys'), 'ssh-rsa OWN mine\n')
  t.is(root.read('home/bob/.ssh/authorized_keys'), 'ssh-rsa AAAA2 added by bob\n')
  t.is(root.run('ls /etc/rc.cloud/keys').stdout, '')
})

inRoot(`no link in a home is followed${why}`, async (t) => {
  const links = ['ln -s /etc/dropbear /home/bob/.ssh', 'mkdir /home/bob/.ssh; ln -s /etc/shadow /home/bob/.ssh/authorized_keys', 'rm -rf /home/bob; ln -s /etc /home/bob', 'mkdir /home/bob/.ssh; ln -s /etc/shadow /home/bob/.ssh/authorized_keys.rc-new']
  for (const link of links) {
    const root = await configRoot(t)
    root.apply('apply_early /tmp/config', {users: ['bob']})
    root.run(link)
    const shadow = root.read('etc/shadow')
    root.apply('apply_early /tmp/config; keys_forget', {users: [{name: 'bob', ssh_authorized_keys: ['ssh-rsa AAAAB b']}]})
    t.is(root.read('etc/shadow'), shadow, link)
    t.is(root.run('cat /etc/dropbear/authorized_keys /etc/.ssh').stdout, '', link)
  }
})

inRoot(`the image opens port 22 on wan only for a key that is part of it${why}`, async (t) => {
  for (const keys of ['', 'ssh-ed25519 AAAABAKED\n']) {
    const root = await configRoot(t)
    root.write({'tmp/90-cloud': readFileSync(join(packageRoot, 'overlays/cloud/etc/uci-defaults/90-cloud'), 'utf8'), 'etc/dropbear/authorized_keys': keys})
    t.is(root.run('. /tmp/90-cloud').code, 0)
    t.deepEqual(access(root), {...closed, wan: keys !== ''})
  }
})
