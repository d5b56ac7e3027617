import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {isoDrive} from '../helpers/cloud-disk.ts'
import {ask, makeKey, noCloudGuest, skipped, switchOff} from '../helpers/cloud-guest.ts'
import {builtDemo} from '../helpers/demo.ts'
import {fsckCode} from '../helpers/disk.ts'
import {asRaw, diskOf, verifyTable} from '../helpers/guest-disk.ts'
import {serveMetadata} from '../helpers/guest-metadata.ts'
import {bootGuest, type Guest} from '../helpers/guest.ts'
import {tempDir} from '../helpers/temp.ts'

// minutes of booting, which everybody's run of all tests can do without
const reason = noCloudGuest ?? (process.env['CI'] === undefined ? 'CI is not set' : undefined)
const boots = test.serial.runIf(reason === undefined)
const because = skipped(reason)

boots(`a first boot that is cut short again and again is done in the end${because}`, async (t) => {
  t.timeout(10 * 60_000)
  const folder = await tempDir(t)
  const key = makeKey(folder, 'right')
  const disk = diskOf((await builtDemo()).image('demo.qcow2'), folder, '2G')
  const drive = isoDrive(folder, 'config-2', {
    'openstack/latest/meta_data.json': JSON.stringify({uuid: '0d0d0d0d-1111-4222-8333-444444444444', hostname: 'cut', public_keys: {one: key.line}}),
    'openstack/latest/user_data': '#!/bin/sh\necho ran >> /etc/script-ran\n',
  })
  const boot = (): Promise<Guest> => bootGuest(disk, 'qcow2', {keepsDisk: true, drives: [{path: drive, as: 'cd'}]})

  const moments: readonly ((guest: Guest) => Promise<void>)[] = [
    (guest) => guest.sees(/EXT4-fs \(vda2\): re-mounted/, 120),
    (guest) => guest.sees(/EXT4-fs \(vda2\): resiz/, 120),
    async (guest) => { await guest.sees(/EXT4-fs \(vda2\): re-mounted/, 120); await sleep(4000) },
    (guest) => guest.answers(180),
  ]
  for (const moment of moments) {
    await using guest = await boot()
    await moment(guest)
  }
  {
    await using guest = await boot()
    await guest.answers(180)
    const found = await ask(t, guest, key, {
      status: 'rc.cloud status --wait --json',
      log: 'cat /var/log/rc.cloud.log',
      hostname: 'cat /proc/sys/kernel/hostname',
      scripts: 'cat /etc/script-ran',
      keys: 'cat /etc/dropbear/authorized_keys',
      left: 'find / -xdev -name "*.rc-new"',
    })
    t.like(JSON.parse(found.status), {status: 'done'}, found.log)
    t.is(found.hostname, 'cut')
    t.is(found.scripts.split('\n')[0], 'ran')
    t.is(found.keys, key.line)
    await switchOff(guest, key)
  }
  const raw = asRaw(disk)
  t.regex(verifyTable(raw.path), /No errors detected/)
  t.is(fsckCode(raw), 0)
  t.true(raw.offset + raw.sectors * 512 > 2 * 2 ** 30 - 2 * 2 ** 20, `the root has ${raw.sectors} sectors`)
})

boots(`two cards by network_data.json, and a root of 20 GB${because}`, async (t) => {
  t.timeout(10 * 60_000)
  const folder = await tempDir(t)
  const key = makeKey(folder, 'right')
  const disk = diskOf((await builtDemo()).image('demo.qcow2'), folder, '20G')
  const [outside, inside] = ['52:54:00:00:00:21', '52:54:00:00:00:20']
  const drive = isoDrive(folder, 'config-2', {
    'openstack/2018-08-27/meta_data.json': JSON.stringify({uuid: '0e0e0e0e-1111-4222-8333-444444444444', hostname: 'router', public_keys: {one: key.line}}),
    'openstack/2018-08-27/network_data.json': JSON.stringify({
      links: [
        {id: 'tap0', type: 'ovs', ethernet_mac_address: inside, mtu: 1300},
        {id: 'tap1', type: 'ovs', ethernet_mac_address: outside, mtu: 1442},
        {id: 'vlan0', type: 'vlan', vlan_link: 'tap0', vlan_id: 101, vlan_mac_address: inside},
      ],
      networks: [
        {id: 'network0', type: 'ipv4', link: 'tap1', ip_address: '10.0.2.15', netmask: '255.255.255.0', routes: [{network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.2.2'}]},
        {id: 'network1', type: 'ipv4', link: 'tap0', ip_address: '192.168.77.5', netmask: '255.255.255.0', routes: [{network: '10.99.0.0', netmask: '255.255.0.0', gateway: '192.168.77.1'}]},
        {id: 'network2', type: 'ipv6', link: 'tap0', ip_address: 'fd77::5', netmask: 'ffff:ffff:ffff:ffff::', routes: []},
        {id: 'network3', type: 'ipv4', link: 'vlan0', ip_address: '172.20.0.5', netmask: '255.255.0.0', routes: []},
      ],
      services: [{type: 'dns', address: '10.0.2.3'}],
    }),
  })
  await using guest = await bootGuest(disk, 'qcow2', {
    keepsDisk: true, drives: [{path: drive, as: 'disk'}],
    nics: [{mac: outside}, {mac: inside, network: '192.168.77.0/24'}],
  })
  await guest.answers(180)
  const found = await ask(t, guest, key, {
    status: 'rc.cloud status --wait --json',
    log: 'cat /var/log/rc.cloud.log',
    config: 'uci show network',
    addresses: 'ip -o addr show; ip -o link show',
    routes: 'ip -4 route',
    dns: 'cat /tmp/resolv.conf.d/resolv.conf.auto',
    size: 'tries=0; until [ "$(df -k / | awk "END { print \\$2 }")" -gt 19000000 ] || [ $tries = 90 ]; do tries=$((tries + 1)); sleep 1; done; df -k / | awk "END { print \\$2 }"',
  })
  t.like(JSON.parse(found.status), {status: 'done'}, found.log)
  t.regex(found.addresses, /eth0 +inet 10\.0\.2\.15\/24/, found.config)
  t.regex(found.addresses, /eth1 +inet 192\.168\.77\.5\/24/)
  t.regex(found.addresses, /eth1 +inet6 fd77::5\/64/)
  t.regex(found.addresses, /\.101(?:@eth1)? +inet 172\.20\.0\.5\/16/)
  t.regex(found.addresses, /eth0: .* mtu 1442/)
  t.regex(found.addresses, /eth1: .* mtu 1300/)
  t.regex(found.routes, /^default via 10\.0\.2\.2 dev eth0/m)
  t.regex(found.routes, /^10\.99\.0\.0\/16 via 192\.168\.77\.1 dev eth1/m)
  t.regex(found.dns, /10\.0\.2\.3/)
  t.true(Number(found.size) > 19_000_000, `${found.size} KiB\n${found.log}`)
  await switchOff(guest, key)
  const raw = asRaw(disk)
  t.regex(verifyTable(raw.path), /No errors detected/)
  t.is(fsckCode(raw), 0)
})

boots(`Azure: what its two services know, and that one of them is told that the machine is ready${because}`, async (t) => {
  t.timeout(10 * 60_000)
  const key = makeKey(await tempDir(t), 'right')
  await using metadata = await serveMetadata({
    '/metadata/instance?api-version=2021-08-01&extended=true': JSON.stringify({compute: {
      vmId: '5d900edf-1c68-4f5b-9c7f-0a4a3f7c2b11', location: 'westeurope', zone: '1', osProfile: {computerName: 'azured', adminUsername: 'azureuser', disablePasswordAuthentication: 'true'},
      publicKeys: [{keyData: key.line, path: '/home/azureuser/.ssh/authorized_keys'}], userData: Buffer.from('#!/bin/sh\necho ran >> /etc/script-ran\n').toString('base64'),
    }}),
    '/machine/?comp=goalstate': '<?xml version="1.0"?><GoalState><Incarnation>1</Incarnation><Container><ContainerId>c-1</ContainerId><RoleInstanceList><RoleInstance><InstanceId>i-1</InstanceId></RoleInstance></RoleInstanceList></Container></GoalState>',
    '/machine/?comp=health': '',
  })
  await using guest = await bootGuest((await builtDemo()).image('demo.qcow2'), 'qcow2', {
    nics: [{services: {'169.254.169.254': metadata.port, '168.63.129.16': metadata.port}}],
    firmware: {manufacturer: 'Microsoft Corporation', product: 'Virtual Machine', uuid: 'df0e905d-681c-5b4f-9c7f-0a4a3f7c2b11', assetTag: '7783-7084-3265-9085-8269-3286-77'},
  })
  await guest.answers(180)
  const found = await ask(t, guest, key, {
    status: 'rc.cloud status --wait --json',
    log: 'cat /var/log/rc.cloud.log',
    hostname: 'cat /proc/sys/kernel/hostname',
    scripts: 'cat /etc/script-ran',
  })
  t.like(JSON.parse(found.status), {status: 'done', source: 'azure'}, found.log)
  t.is(found.hostname, 'azured')
  t.is(found.scripts, 'ran')
  t.regex(metadata.requests.at(-1) ?? '', /^POST \/machine\/\?comp=health [^]*<ContainerId>c-1<[^]*<InstanceId>i-1<[^]*<State>Ready</)
})
