import {rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {cloudMachine, seedFolder, stockNetwork, type CloudMachine} from '../helpers/cloud-boot.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const key = (name: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name.padEnd(43, 'A')} ${name}`

/** The cloud says who this is, and what is to be done. */
function tell({root}: CloudMachine, id: string, userData: string, metaData = ''): void {
  root.write({[`${seedFolder}/meta-data`]: `instance-id: ${id}\n${metaData}`, [`${seedFolder}/user-data`]: userData})
}

const counting = '#!/bin/sh\necho "ran on $(cat /etc/rc.cloud/id)" >> /root/runs\n'

inRoot(`no cloud: nothing is touched; a copy on another machine gets an identity of its own, and keeps who may log in${why}`, async (t) => {
  const machine = await cloudMachine(t, {dmi: {product_uuid: 'aaaa-1'}})
  const {root} = machine
  root.write({'etc/dropbear/dropbear_ed25519_host_key': 'secret', 'etc/dropbear/authorized_keys': `${key('mine')}\n`})
  for (const _ of ['first', 'second']) {
    const {stdout} = machine.boot('rc.cloud status; cat /root/calls')
    t.regex(stdout, /status: (?:alone|unchanged)\nsource: none/)
    t.is(root.read('etc/config/network'), stockNetwork)
    t.is(root.read('etc/dropbear/dropbear_ed25519_host_key'), 'secret')
  }
  root.write({'sys/class/dmi/id/product_uuid': 'bbbb-2\n'})
  const {stdout} = machine.boot('ls /etc/dropbear; uci -q get network.globals.dhcp_default_duid; uci get network.globals.ula_prefix')
  t.regex(stdout, /^authorized_keys\n(?:dropbear\n)?fd[0-9a-f]{2}:[0-9a-f]{4}:[0-9a-f]{4}::\/48\n$/)
  t.not(stdout.match(/fd.*/)?.[0], 'fd12:3456:789a::/48')
  t.is(root.read('etc/dropbear/authorized_keys'), `${key('mine')}\n`)
})

inRoot(`an instance is configured once; another one again, with an identity of its own and without the keys of the first${why}`, async (t) => {
  const machine = await cloudMachine(t)
  const {root} = machine
  root.write({'etc/dropbear/authorized_keys': `${key('mine')}\n`})
  const meta = (name: string): string => `local-hostname: ${name}\npublic-keys:\n  - ${key(name)}\n`
  tell(machine, 'i-1', counting, meta('one'))
  const first = machine.boot('rc.cloud status; rc.cloud query instance-id; uci get system.@system[0].hostname')
  t.regex(first.stdout, /status: done\n[^]*\ni-1\none\n$/, first.stderr + root.read('tmp/log/rc.cloud.log'))
  t.is(root.read('root/runs'), 'ran on i-1\n')
  t.is(statSync(join(root.folder, 'tmp/lib')).mode & 0o777, 0o755)
  t.is(root.read('etc/dropbear/authorized_keys'), `${key('mine')}\n${key('one')}\n`)

  root.write({'etc/dropbear/dropbear_ed25519_host_key': 'secret of one'})
  t.regex(machine.boot('rc.cloud status').stdout, /status: unchanged/)
  tell(machine, 'i-1', `${counting}# changed\n`, meta('renamed'))
  machine.boot()
  t.is(root.read('root/runs'), 'ran on i-1\n')
  t.is(root.read('etc/dropbear/dropbear_ed25519_host_key'), 'secret of one')

  tell(machine, 'i-2', counting, meta('two'))
  const other = machine.boot('ls /etc/dropbear; uci get network.globals.ula_prefix; uci -q get network.globals.dhcp_default_duid; uci get system.@system[0].hostname')
  t.regex(other.stdout, /^authorized_keys\n(?:dropbear\n)?fd[0-9a-f:]+\/48\ntwo\n$/)
  t.is(root.read('root/runs'), 'ran on i-1\nran on i-2\n')
  t.is(root.read('etc/dropbear/authorized_keys'), `${key('mine')}\n${key('two')}\n`)

  // the drive may be taken away
  rmSync(join(root.folder, seedFolder), {recursive: true})
  t.regex(machine.boot('rc.cloud status').stdout, /status: unchanged/)
  t.is(root.read('root/runs'), 'ran on i-1\nran on i-2\n')
})

inRoot(`what was cut short is done at the next boot, and only that${why}`, async (t) => {
  const machine = await cloudMachine(t)
  const {root} = machine
  tell(machine, 'i-1', `#cloud-config
hostname: cut
bootcmd:
  - echo boot >> /root/runs
runcmd:
  - echo run >> /root/runs
  - '[ -e /root/again ] || { touch /root/again; sync; kill -9 -1; kill -9 $$; }'
  - echo end >> /root/runs
`)
  machine.boot()
  t.is(root.read('root/runs'), 'boot\nrun\n')
  t.regex(machine.boot('rc.cloud status').stdout, /status: done/)
  t.is(root.read('root/runs'), 'boot\nrun\nrun\nend\n')
  t.regex(machine.boot('rc.cloud status').stdout, /status: unchanged/)
  t.is(root.read('root/runs'), 'boot\nrun\nrun\nend\n')
})

for (const [what, metaData, userData] of [
  ['no YAML', 'instance-id: [', '#cloud-config\n{'],
  ['binary', '\0\x01\xff', '\0\0\0'],
  ['an id that is a path', 'instance-id: ../../../root/x', '#cloud-config\nhostname: [1]\nusers: 7\nwrite_files: {a: b}\nruncmd: x\n'],
  ['commands', 'instance-id: "$(touch /root/pwned)`touch /root/pwned`\\n; touch /root/pwned"\nlocal-hostname: "x\'; touch /root/pwned; \'$(touch /root/pwned)"\n', '#cloud-config\nhostname: "$(touch /root/pwned)"\n'],
  ['nothing', '', ''],
] as const) {
  inRoot(`a machine that is told ${what} ends up reachable, with a word in the log, and no door open${why}`, async (t) => {
    const machine = await cloudMachine(t)
    const {root} = machine
    root.write({[`${seedFolder}/meta-data`]: metaData, [`${seedFolder}/user-data`]: userData})
    const {stdout, code} = machine.boot('rc.cloud status; uci get network.wan.proto; uci -q get firewall.cloud_ssh; uci get dropbear.@dropbear[0].RootPasswordAuth; grep ^root: /etc/shadow; ls /root')
    t.is(code, 0)
    t.regex(stdout, /^status: (?!running|unknown)[^]*\ndhcp\noff\nroot:[*!][^\n]*\n(?:calls\n)?$/, root.read('tmp/log/rc.cloud.log'))
  })
}

inRoot(`an install on a running router does nothing${why}`, async (t) => {
  const {root} = await cloudMachine(t)
  tell({root, boot: () => { throw new Error('not booted') }}, 'i-1', counting)
  const {code} = root.run('/etc/init.d/rc.cloud enable; /etc/init.d/rc.cloud start; /etc/init.d/rc.cloud-final enable; /etc/init.d/rc.cloud-final start; sleep 1; ls /etc/rc.cloud /root/runs')
  t.not(code, 0)
  t.is(root.read('etc/config/network'), stockNetwork)
})

inRoot(`what is to be captured forgets who it was${why}`, async (t) => {
  const machine = await cloudMachine(t)
  const {root} = machine
  root.write({'etc/dropbear/dropbear_ed25519_host_key': 'secret'})
  tell(machine, 'i-1', counting, `public-keys: ['${key('one')}']\n`)
  t.regex(machine.boot('rc.cloud clean; ls -A /etc/rc.cloud /etc/dropbear; rc.cloud query; cat /etc/dropbear/authorized_keys').stdout, /^\/etc\/dropbear:\nauthorized_keys\n(?:dropbear\n)?\n\/etc\/rc.cloud:\nid\n$/)
  root.write({'etc/dropbear/dropbear_ed25519_host_key': 'of the copy before its first boot'})
  tell(machine, 'i-1', counting)
  machine.boot()
  t.is(root.read('root/runs'), 'ran on i-1\nran on i-1\n')
  t.regex(machine.boot('ls /etc/dropbear').stdout, /^authorized_keys\n(?:dropbear\n)?$/)
})

inRoot(`a copy of what was captured is closed before its service is asked; of what has run nothing stays in memory${why}`, async (t) => {
  const machine = await cloudMachine(t, {dmi: {sys_vendor: 'Amazon EC2'}})
  machine.root.write({'etc/rc.cloud/id': '-\n', 'etc/shadow': 'root:::0:99999:7:::\n'})
  const {stdout} = machine.root.run('mkdir -p /var/log /var/run /tmp/.uci; . /usr/lib/rc.cloud/lib.sh; local_stage > /dev/null 2>&1; grep ^root /etc/shadow; uci get dropbear.@dropbear[0].RootPasswordAuth')
  t.regex(stdout, /^root:!:[^\n]*\noff\n$/)

  const told = await cloudMachine(t)
  tell(told, 'i-1', '#cloud-config\nbootcmd: [echo secret]\nruncmd: [echo secret]\nuci: [set system.x=system]\n')
  t.is(told.boot('rc.cloud status | head -n 1; grep -rl secret /var/run/rc.cloud').stdout, 'status: done\n')
})

inRoot(`status and query speak to people and to programs${why}`, async (t) => {
  const machine = await cloudMachine(t)
  t.regex(machine.root.run('rc.cloud status; echo $?; rc.cloud query; echo $?; rc.cloud nonsense; echo $?').stdout, /status: unknown\n[^]*\n1\n1\n2\n$/)
  tell(machine, 'i-1', '#cloud-config\nhostname: x\npackages: [--force]\n', 'local-hostname: said\n')
  const {stdout} = machine.boot('rc.cloud status --json; echo; rc.cloud query; rc.cloud query local-hostname; rc.cloud query nothing || echo none')
  const [json = '', rest = ''] = stdout.split(/(?<=\}\})\n/)
  const status = JSON.parse(json) as Record<string, unknown>
  t.like(status, {source: 'nocloud', 'instance-id': 'i-1'})
  t.regex(rest, /local-hostname: said\n[^]*said\nnone\n$/)
})
