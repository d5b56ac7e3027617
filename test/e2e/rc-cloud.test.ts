import test from 'ava'
import {isoDrive} from '../helpers/cloud-disk.ts'
import {ask, makeKey, noCloudGuest, refuses, skipped, switchOff, type KeyPair} from '../helpers/cloud-guest.ts'
import {builtDemo} from '../helpers/demo.ts'
import {fsckCode} from '../helpers/disk.ts'
import type {Files} from '../helpers/files.ts'
import {asRaw, diskOf, verifyTable} from '../helpers/guest-disk.ts'
import {bootGuest} from '../helpers/guest.ts'
import {tempDir} from '../helpers/temp.ts'

interface Instance {
  readonly uuid: string
  readonly hostname: string
  readonly key: KeyPair
}

const userData = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=border="

--=border=
Content-Type: text/cloud-config

write_files:
  - path: /etc/app/secret.conf
    permissions: '0640'
    content: |
      token: "a $(b) c"
runcmd:
  - [sh, -c, 'echo "run $1" >> /etc/runcmd-ran', sh, "it's"]
--=border=
Content-Type: text/x-shellscript

#!/bin/sh
cat /proc/sys/kernel/hostname >> /etc/script-ran
--=border=--
`

/** What OpenStack's Nova puts on a config drive. */
function configDrive({uuid, hostname, key}: Instance): Files {
  return {
    'openstack/latest/meta_data.json': JSON.stringify({
      uuid, hostname: `${hostname}.novalocal`, name: hostname, launch_index: 0, availability_zone: 'nova', random_seed: Buffer.alloc(512, uuid).toString('base64'),
      public_keys: {[key.path]: `${key.line}\n`}, keys: [{name: key.path, type: 'ssh', data: `${key.line}\n`}],
      files: [{path: '/etc/from-the-cloud', content_path: '/content/0000'}],
    }),
    'openstack/latest/network_data.json': JSON.stringify({
      links: [{id: 'tap0', type: 'ovs', ethernet_mac_address: '52:54:00:00:00:10', mtu: 1442, vif_id: uuid}],
      networks: [{id: 'network0', type: 'ipv4', link: 'tap0', ip_address: '10.0.2.15', netmask: '255.255.255.0', network_id: uuid, routes: [{network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.2.2'}]}],
      services: [{type: 'dns', address: '10.0.2.3'}],
    }),
    'openstack/latest/user_data': userData,
    'openstack/content/0000': `of ${hostname}\n`,
  }
}

const questions = {
  status: 'rc.cloud status --wait --json',
  log: 'cat /var/log/rc.cloud.log',
  instance: 'rc.cloud query instance-id',
  hostname: 'cat /proc/sys/kernel/hostname',
  scripts: 'cat /etc/script-ran',
  commands: 'cat /etc/runcmd-ran',
  given: 'cat /etc/from-the-cloud',
  secret: 'ls -l /etc/app/secret.conf; cat /etc/app/secret.conf',
  keys: 'cat /etc/dropbear/authorized_keys',
  hostKey: 'md5sum < /etc/dropbear/dropbear_ed25519_host_key',
  ula: 'uci get network.globals.ula_prefix',
  duid: 'uci -q get network.globals.dhcp_default_duid',
  mtu: 'cat /sys/class/net/eth0/mtu',
  routes: 'ip -4 route',
  root: 'grep ^root: /etc/shadow',
  mounts: 'grep -c iso9660 /proc/mounts',
  left: 'ls -A /var/run/rc.cloud',
  boot: 'dmesg | grep "init: complete"',
  size: 'tries=0; until [ "$(df -k / | awk "END { print \\$2 }")" -gt 1900000 ] || [ $tries = 60 ]; do tries=$((tries + 1)); sleep 1; done; df -k / | awk "END { print \\$2 }"',
}

test.runIf(noCloudGuest === undefined)(`a config drive: the first boot, the same again, and a copy on another machine${skipped(noCloudGuest)}`, async (t) => {
  t.timeout(10 * 60_000)
  const folder = await tempDir(t)
  const [first, second, own] = [makeKey(folder, 'first'), makeKey(folder, 'second'), makeKey(folder, 'own')]
  const disk = diskOf((await builtDemo()).image('demo.qcow2'), folder, '2G')
  const boot = (uuid: string, drive: string, as: 'cd' | 'disk') => bootGuest(disk, 'qcow2', {
    keepsDisk: true, drives: [{path: drive, as}], nics: [{mac: '52:54:00:00:00:10'}],
    firmware: {manufacturer: 'OpenStack Foundation', product: 'OpenStack Nova', serial: uuid, uuid},
  })
  const one = {uuid: '0a0a0a0a-1111-4222-8333-444444444444', hostname: 'one', key: first}
  const two = {uuid: '0b0b0b0b-1111-4222-8333-444444444444', hostname: 'two', key: second}
  const drive = isoDrive(folder, 'config-2', configDrive(one))

  let before
  {
    await using guest = await boot(one.uuid, drive, 'cd')
    await guest.answers(180)
    await refuses(t, guest, second)
    before = await ask(t, guest, first, questions)
    t.like(JSON.parse(before.status), {status: 'done', 'instance-id': one.uuid}, before.log)
    t.is(before.instance, one.uuid)
    t.is(before.hostname, 'one')
    t.is(before.scripts, 'one')
    t.is(before.commands, "run it's")
    t.is(before.given, 'of one')
    t.regex(before.secret, /^-rw-r----- .* root +root .*\ntoken: "a \$\(b\) c"$/)
    t.is(before.keys, first.line)
    t.is(before.mtu, '1442')
    t.regex(before.routes, /^default via 10\.0\.2\.2 dev eth0/m)
    t.regex(before.root, /^root:[!*]/)
    t.is(before.mounts, '0')
    t.true(Number(before.size) > 1_900_000, `${before.size} KiB\n${before.log}`)
    await switchOff(guest, first, `echo '${own.line}' >> /etc/dropbear/authorized_keys; uci set network.globals.dhcp_default_duid=0004aa; uci commit network`)
  }
  {
    await using guest = await boot(one.uuid, drive, 'cd')
    await guest.answers(180)
    const again = await ask(t, guest, first, questions)
    t.like(JSON.parse(again.status), {status: 'unchanged', 'instance-id': one.uuid}, again.log)
    for (const name of ['hostname', 'scripts', 'commands', 'hostKey', 'ula', 'mtu', 'routes', 'size'] as const) t.is(again[name], before[name], name)
    t.is(again.duid, '0004aa')
    t.log(`under emulation, before the network starts: ${took(again.status)} ms for an unchanged instance, ${/ read: .* (\d+) ms/.exec(before.log)?.[1]} ms for a new one, which is done after ${took(before.status)} ms`)
    await switchOff(guest, first)
  }
  {
    await using guest = await boot(two.uuid, isoDrive(folder, 'CONFIG-2', configDrive(two)), 'disk')
    await guest.answers(180)
    await refuses(t, guest, first)
    const after = await ask(t, guest, second, questions)
    t.like(JSON.parse(after.status), {status: 'done', 'instance-id': two.uuid}, after.log)
    t.is(after.hostname, 'two')
    t.is(after.scripts, 'one\ntwo')
    t.is(after.commands, "run it's\nrun it's")
    t.is(after.given, 'of two')
    t.is(after.duid, '')
    for (const name of ['hostKey', 'ula'] as const) t.not(after[name], before[name], name)
    t.regex(after.keys, / own$/m, 'a key that the cloud did not bring stays')
    t.regex(after.keys, / second$/m)
    t.notRegex(after.keys, / first$/m)
    await switchOff(guest, second)
  }

  const raw = asRaw(disk)
  t.regex(verifyTable(raw.path), /No errors detected/)
  t.is(fsckCode(raw), 0)
  t.true(raw.offset + raw.sectors * 512 > 2 * 2 ** 30 - 2 * 2 ** 20, `the root has ${raw.sectors} sectors`)
})

/** Of the local stage, or of all of it where there was more to do. */
function took(status: string): string {
  return (JSON.parse(status) as {readonly milliseconds: string}).milliseconds
}
