import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {load} from 'js-yaml'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {configRoot} from '../helpers/cloud-config.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const fixtures = join(packageRoot, 'test', 'fixtures', 'rc.cloud', 'config')
const fixture = (name: string): string => readFileSync(join(fixtures, name), 'utf8')
const meta = {'instance-id': 'i-0123', 'local-hostname': 'edge1.novalocal', 'public-keys': ['ssh-rsa AAAAB3NzaC1yc2E cloud'], 'random-seed': 'AAECAw=='}
const stage = 'once access access_close; apply_meta; apply_early /tmp/config; access_open; apply_final /tmp/config; settle'

inRoot(`all of a cloud-config${why}`, async (t) => {
  const root = await configRoot(t)
  t.is(root.apply(stage, load(fixture('router.yaml')), meta).stderr, '')
  for (const name of ['config/system', 'config/dropbear', 'config/firewall', 'passwd', 'shadow', 'group', 'dropbear/authorized_keys']) {
    t.is(root.read(`etc/${name}`), fixture(`router.${name.replace(/.*\//, '')}`), name)
  }
  t.is(root.read('home/ann/.ssh/authorized_keys'), 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIann ann@laptop\n')
  t.is(root.read('etc/nftables.d/10-ssh.nft'), '# kept as it is\ntcp dport 22 accept\n')
  t.regex(root.read('etc/sysctl.conf'), /\nnet\.ipv4\.ip_forward=1\n$/)
  t.is(root.log(), ['access: done', 'meta-local-hostname: done', 'meta-public-keys: done', 'meta-random-seed: done', 'not taken: locale apt snap ', ...[
    'bootcmd', 'fqdn', 'hostname', 'timezone', 'ntp', 'groups', 'users', 'ssh_authorized_keys', 'ssh_pwauth', 'write_files', 'uci', 'late-write_files',
  ].map((name) => `${name}: done`), ''].join('\n'))
  t.is(root.run('ls /var/run/rc.cloud/keys; ls -ld /etc/rc.cloud | cut -c 1-10').stdout, 'drwx------\n')
})

inRoot(`what has been done is not done again${why}`, async (t) => {
  const root = await configRoot(t)
  root.apply(stage, load(fixture('router.yaml')), meta)
  const log = root.log()
  const before = root.run('md5sum /etc/config/* /etc/passwd /etc/shadow /etc/group /etc/sysctl.conf /etc/dropbear/*').stdout
  root.apply(stage, load(fixture('router.yaml')), meta)
  t.is(root.run('md5sum /etc/config/* /etc/passwd /etc/shadow /etc/group /etc/sysctl.conf /etc/dropbear/*').stdout, before)
  t.is(root.log(), `${log}not taken: locale apt snap \n`)
})

inRoot(`a key of the wrong kind does no harm${why}`, async (t) => {
  const keys = ['bootcmd', 'chpasswd', 'final_message', 'fqdn', 'groups', 'growpart', 'hostname', 'ntp', 'openwrt', 'package_update', 'package_upgrade',
    'packages', 'password', 'phone_home', 'power_state', 'resize_rootfs', 'runcmd', 'ssh_authorized_keys', 'ssh_pwauth', 'timezone', 'uci', 'user', 'users', 'write_files']
  const kinds: unknown[] = [null, true, 7, 'word', '', '$(touch /tmp/pwned)', '../../etc/passwd', 'a\nb', [], {}, [null], [[['x']]], [{}], {a: {b: {c: 'd'}}}, ['$(touch /tmp/pwned)'], {'$(touch /tmp/pwned)': '`touch /tmp/pwned`'}, [{'a/b=c\n': '; touch /tmp/pwned'}]]
  const root = await configRoot(t)
  const passwd = root.read('etc/passwd').trim().split('\n').slice(0, 4)
  for (const kind of kinds) {
    // commands are there to be run
    const config = Object.fromEntries(keys.filter((key) => !key.endsWith('cmd') || !/touch|word|passwd/.test(JSON.stringify(kind))).map((key) => [key, kind]))
    const {stderr} = root.apply(`sleep() { :; }; ${stage}; rm -rf $STATE/done`, config)
    t.is(stderr, '', JSON.stringify(kind))
  }
  t.is(root.run('ls /tmp/pwned').stdout, '')
  t.deepEqual(root.read('etc/passwd').trim().split('\n').slice(0, 4), passwd)
  for (const line of root.read('etc/shadow').trim().split('\n')) t.regex(line, /^(root|word):\$6\$|^[a-z_]+:[!*]/)
  t.is(root.run('uci show > /dev/null && uci get dropbear.main.PasswordAuth').stdout, 'off\n')
})

inRoot(`keys of any name are told, not opened${why}`, async (t) => {
  const root = await configRoot(t)
  const config = {'../../../etc/x': 1, 'a/b': {c: 1}, '': 1, ' ': 1, '$(touch /tmp/pwned)': 1, '*': 1, 'x=y': 1, '\u001b[2J': 1, ...Object.fromEntries(Array.from({length: 300}, (_, at) => [`key${at}`, at]))}
  t.is(root.apply('apply_early /tmp/config', config).stderr, '')
  t.is(root.run('ls /tmp/pwned /etc/x; ls -A /var/run/rc.cloud/keys').stdout, '')
  t.regex(root.log(), /^not taken: \S/)
  t.false(root.log().includes('\u001b'))
})

inRoot(`validate names what is not supported${why}`, async (t) => {
  const root = await configRoot(t)
  t.is(root.apply('config_complaints /tmp/config', {hostname: 'a', apt: 1, merge_how: 'x', vendor_data: {enabled: false}}).stderr, '')
  t.is(root.log(), 'not taken: apt merge_how vendor_data \n')
  root.apply('config_complaints /tmp/config', {hostname: 'a'})
  t.is(root.log(), 'not taken: apt merge_how vendor_data \n')
  t.is(root.apply('config_complaints /tmp/nothing; apply_early /tmp/nothing; apply_final /tmp/nothing').stderr, '')
})

inRoot(`what is not asked for costs nothing, and the rest few processes${why}`, async (t) => {
  // a process costs a router about a millisecond, and the first boot has 150 of them before its network; those of uci are its own
  const steps = `printf '#!/bin/sh\\ncase "$*" in *show*) echo dropbear.main=dropbear ;; *batch*) cat > /dev/null ;; esac\\n' > /tmp/uci
    chmod 0755 /tmp/uci
    mv /tmp/uci /sbin/uci
    count() { sh -c 'echo $$' > /tmp/pid; read -r pid < /tmp/pid; echo $((pid - last - 1)); last=$pid; }
    last=0; count; access_close; apply_meta; count; apply_early /tmp/config; access_open; count`
  const counted = async (config: unknown): Promise<{first: number; early: number}> => {
    const [, first = '', early = ''] = (await configRoot(t)).apply(steps, config, meta).stdout.trim().split('\n')
    return {first: Number(first), early: Number(early)}
  }
  const nothing = await counted({})
  t.true(nothing.first > 0 && nothing.first <= 40, `${nothing.first}`)
  t.true(nothing.early > 0 && nothing.early <= 10, `${nothing.early}`)
  const all = await counted(load(fixture('router.yaml')))
  t.true(all.early > nothing.early && all.early <= 130, `${all.early}`)
})
