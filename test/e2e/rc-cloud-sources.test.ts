import {gzipSync} from 'node:zlib'
import {join} from 'node:path'
import test from 'ava'
import {destinations} from '../helpers/capture.ts'
import {cli} from '../helpers/cli.ts'
import {vfatDrive} from '../helpers/cloud-disk.ts'
import {ask, makeKey, noCloudGuest, refuses, skipped} from '../helpers/cloud-guest.ts'
import {builtDemo, demoOptions, demoWorkspace, inBuiltTree} from '../helpers/demo.ts'
import {serveMetadata} from '../helpers/guest-metadata.ts'
import {bootGuest, type Guest} from '../helpers/guest.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

// each boots a guest, and another file's test boots others beside it
const boots = test.serial.runIf(noCloudGuest === undefined)
const because = skipped(noCloudGuest)
/** `npm test` has ten minutes; CI has more. */
const noTime = noCloudGuest ?? (process.env['CI'] === undefined ? 'CI is not set' : undefined)
const long = test.serial.runIf(noTime === undefined)
const becauseLong = skipped(noTime)
const mac = '52:54:00:00:00:10'

long(`NoCloud on a vfat disk: keys, a password for the console, files, network-config${becauseLong}`, async (t) => {
  t.timeout(5 * 60_000)
  const folder = await tempDir(t)
  const [right, wrong] = [makeKey(folder, 'right'), makeKey(folder, 'wrong')]
  const drive = vfatDrive(folder, 'CIDATA', {
    'meta-data': 'instance-id: iid-nocloud\nlocal-hostname: seeded\n',
    'network-config': `version: 2\nethernets:\n  uplink:\n    match: {macaddress: "${mac.toUpperCase()}"}\n    addresses: [10.0.2.15/24]\n    gateway4: 10.0.2.2\n    mtu: 1400\n`,
    'user-data': `#cloud-config
ssh_authorized_keys: ["${right.line}"]
chpasswd:
  expire: false
  users: [{name: root, password: correct horse, type: text}]
ssh_pwauth: false
write_files:
  - {path: /etc/packed, encoding: gz+b64, content: ${gzipSync('unpacked\n').toString('base64')}}
runcmd:
  - echo ran >> /etc/commands
no_such_module: [1]
`})
  await using guest = await bootGuest((await builtDemo()).image('demo.qcow2'), 'qcow2', {drives: [{path: drive, as: 'disk'}], nics: [{mac}]})
  await guest.answers(180)
  await refuses(t, guest, wrong)
  const found = await ask(t, guest, right, {
    status: 'rc.cloud status --wait --json',
    log: 'cat /var/log/rc.cloud.log',
    hostname: 'cat /proc/sys/kernel/hostname',
    packed: 'cat /etc/packed',
    commands: 'cat /etc/commands',
    address: 'ip -4 -o addr show eth0',
    route: 'ip -4 route show default',
    password: 'find /etc /tmp -type f -exec grep -l "correct horse" {} +',
  })
  t.like(JSON.parse(found.status), {status: 'done', 'instance-id': 'iid-nocloud'}, found.log)
  t.is(found.hostname, 'seeded')
  t.is(found.packed, 'unpacked')
  t.is(found.commands, 'ran')
  t.regex(found.address, /10\.0\.2\.15\/24/)
  t.regex(found.route, /via 10\.0\.2\.2 dev eth0/)
  t.is(found.password, '', 'the text of a password is kept nowhere')
  t.is(found.log.match(/no_such_module/g)?.length, 1, found.log)
  await logIn(guest, 'correct horse')
})

boots(`OpenStack's metadata service: boot goes on while it keeps silent${because}`, async (t) => {
  t.timeout(5 * 60_000)
  const folder = await tempDir(t)
  const [right, wrong] = [makeKey(folder, 'right'), makeKey(folder, 'wrong')]
  const uuid = '0c0c0c0c-1111-4222-8333-444444444444'
  const booted = Promise.withResolvers<void>()
  await using metadata = await serveMetadata({
    '/openstack': 'latest\n', '/openstack/': 'latest\n',
    '/openstack/latest/meta_data.json': JSON.stringify({uuid, hostname: 'served.novalocal', public_keys: {one: right.line}}),
    '/openstack/latest/network_data.json': JSON.stringify({
      links: [{id: 'tap0', type: 'ovs', ethernet_mac_address: mac, mtu: 1450}],
      networks: [{id: 'network0', type: 'ipv4', link: 'tap0', ip_address: '172.16.0.15', netmask: '248.0.0.0', routes: [{network: '0.0.0.0', netmask: '0.0.0.0', gateway: '172.16.0.2'}]}],
    }),
    '/openstack/latest/user_data': '#!/bin/sh\necho ran >> /etc/script-ran\n',
  }, booted.promise)
  await using guest = await bootGuest((await builtDemo()).image('demo.qcow2'), 'qcow2', {
    nics: [{mac, services: {'169.254.169.254': metadata.port}}],
    firmware: {manufacturer: 'OpenStack Foundation', product: 'OpenStack Nova', serial: uuid, uuid},
  })
  await guest.sees(/Please press Enter/, 180)
  t.false(await guest.isOpen(), 'nobody is let in before there is a key')
  booted.resolve()
  await guest.answers(120)
  await refuses(t, guest, wrong)
  const found = await ask(t, guest, right, {
    status: 'rc.cloud status --wait --json',
    log: 'cat /var/log/rc.cloud.log',
    hostname: 'cat /proc/sys/kernel/hostname',
    scripts: 'cat /etc/script-ran',
    mtu: 'cat /sys/class/net/eth0/mtu',
    route: 'ip -4 route show default',
  })
  t.like(JSON.parse(found.status), {status: 'done', 'instance-id': uuid}, found.log)
  t.is(found.hostname, 'served')
  t.is(found.scripts, 'ran')
  t.is(found.mtu, '1450')
  t.regex(found.route, /via 172\.16\.0\.2 dev eth0/)
  t.true(metadata.requests.includes('GET /openstack/latest/meta_data.json'), metadata.requests.join('\n'))
})

boots(`no cloud: not a packet to where clouds have their services, and nobody is let in${because}`, async (t) => {
  t.timeout(5 * 60_000)
  const folder = await tempDir(t)
  const {code, stderr} = await inBuiltTree(async (tree) => {
    await writeTarget(folder, 'alone', `extends: demo\nsource: {tree: ${tree}}\nroot: {password: {env: PASSWORD}}\n`)
    return cli(['build', 'alone'], demoOptions(folder, {PASSWORD: 'correct horse'}))
  })
  t.is(code, 0, stderr)
  const capture = join(folder, 'packets.pcap')
  await using guest = await bootGuest(demoWorkspace(folder, 'alone').image('alone.qcow2'), 'qcow2', {
    nics: [{mac, capture}], firmware: {uuid: '0f0f0f0f-1111-4222-8333-444444444444'},
  })
  await guest.sees(/Please press Enter/, 180)
  await logIn(guest, 'correct horse')
  guest.type('until ip -4 -o addr show eth0 | grep -q 10.0.2.15; do sleep 1; done; rc.cloud status --json; cat /var/log/rc.cloud.log\n')
  await guest.sees(/\{"status"/, 60)
  t.regex(guest.console(), /\{"status": "alone"/)
  t.log(/"milliseconds": "\d+"/.exec(guest.console())?.[0])

  t.false(await guest.isOpen())
  const asked = destinations(capture, mac)
  t.true(asked.includes('255.255.255.255'), 'it asked for an address by DHCP')
  t.deepEqual(asked.filter((address) => /^169\.254\.|^168\.63\.129\.16$|a9fe|^fd00:0ec2/.test(address)), [])

  // that it is the firewall that stands before a server that runs
  guest.type('nft insert rule inet fw4 input tcp dport 22 accept\n')
  await guest.answers(60)
})

async function logIn(guest: Guest, password: string): Promise<void> {
  guest.type('\n')
  await guest.sees(/login:/, 60)
  guest.type('root\n')
  await guest.sees(/Password:/, 30)
  guest.type(`${password}\n`)
  await guest.sees(/root@\S+:~#/, 30)
}
