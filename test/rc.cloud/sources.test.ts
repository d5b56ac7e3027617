import test from 'ava'
import {cloudRoot, type Machine} from '../helpers/cloud-root.ts'
import {drivePrograms, isoDrive, vfatDrive} from '../helpers/cloud-disk.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {metadataService} from '../helpers/metadata-service.ts'
import {takeSeed} from '../helpers/seed.ts'
import {tempDir} from '../helpers/temp.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const identify = '. /usr/lib/rc.cloud/lib.sh; identify; [ "$SOURCE" != none ] || SOURCE_AT=; echo "$SOURCE|$SOURCE_AT|$SOURCE_NET|$LOCAL_ID|$GIVEN_ID|$GIVEN_NAME"'
const service = 'http://169.254.169.254'

/** What each of many machines says of itself. */
const machines: readonly (readonly [name: string, machine: Machine, identified: string])[] = [
  ['a router at home', {dmi: {sys_vendor: 'PC Engines', product_name: 'apu2', product_serial: '1234567', product_uuid: 'ec2f6a10-0000-1111-2222-333344445555'}}, 'none|||||'],
  ['no firmware', {}, 'none|||||'],
  ['OpenStack', {dmi: {product_name: 'OpenStack Nova', product_uuid: 'aa-bb'}}, `openstack|${service}|1|aa-bb||`],
  ['OpenStack by its tag', {dmi: {sys_vendor: 'x', chassis_asset_tag: 'SAP CCloud VM', product_uuid: 'aa-bb'}}, `openstack|${service}|1|aa-bb||`],
  ['Compute', {dmi: {chassis_asset_tag: 'OpenStack Compute', product_uuid: 'aa-bb'}}, `openstack|${service}|1|aa-bb||`],
  ['EC2', {dmi: {sys_vendor: 'Amazon EC2', product_uuid: 'ec2e1916-9099-7caf-fd21-012345abcdef'}}, `ec2|${service}|1|||`],
  ['EC2 on Xen', {dmi: {sys_vendor: 'Xen', product_uuid: 'EC2E1916-9099-7CAF-FD21-012345ABCDEF'}}, `ec2|${service}|1|||`],
  ['EC2 on Xen, swapped', {dmi: {sys_vendor: 'Xen', product_uuid: '45e12aec-dcd1-b213-94ed-012345abcdef'}}, `ec2|${service}|1|||`],
  ['another Xen', {dmi: {sys_vendor: 'Xen', product_uuid: '45e12aed-dcd1-b213-94ed-012345abcdef'}}, 'none|||||'],
  ['Google', {dmi: {product_serial: 'GoogleCloud-01'}}, `google|${service}|1|||`],
  ['Oracle', {dmi: {sys_vendor: 'QEMU', chassis_asset_tag: 'OracleCloud.com'}}, `oracle|${service}|1|||`],
  ['Azure', {dmi: {chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77', product_uuid: 'aa-bb'}}, `azure|${service}|1|||`],
  ['Vultr', {dmi: {sys_vendor: 'Vultr', product_serial: '7'}}, `vultr|${service}|1|||`],
  ['Hetzner', {dmi: {sys_vendor: 'Hetzner', product_serial: '7'}}, `hetzner|${service}|1|7||`],
  ['off', {cmdline: 'rc.cloud=off', dmi: {sys_vendor: 'Hetzner', product_serial: '7'}}, 'none|||||'],
  ['off, whatever else is said', {cmdline: 'rc.cloud=off ds=nocloud;s=/srv/ ds=ec2'}, 'none|||||'],
  ['none', {cmdline: 'ds=none', dmi: {sys_vendor: 'Hetzner', product_serial: '7'}}, 'none|||||'],
  ['a URL', {cmdline: 'quiet ds=nocloud;s=http://192.0.2.1:8000/x/;h=box;i=id-1 ro', dmi: {sys_vendor: 'Hetzner'}}, 'nocloud|http://192.0.2.1:8000/x/|1||id-1|box'],
  ['by the serial number', {dmi: {product_serial: 'ds=nocloud;s=http://10.0.2.2/'}}, 'nocloud|http://10.0.2.2/|1|||'],
  ['by both', {cmdline: 'ds=nocloud;s=/a/', dmi: {product_serial: 'ds=nocloud;s=http://10.0.2.2/;i=x'}}, 'nocloud|/a/||||'],
  ['a folder that is not there', {cmdline: 'ds=nocloud;s=/b/', dmi: {sys_vendor: 'Vultr'}}, `vultr|${service}|1|||`],
  ['words alone', {cmdline: 'ds=nocloud;i=id-2;h=host'}, 'none||||id-2|host'],
  ['no words', {cmdline: 'ds=nocloud'}, 'none|||||'],
  ['hostile words', {cmdline: 'ds=nocloud;i=$(reboot);s=ftp://x/ cc:{users: [x]}end_cc *', dmi: {product_serial: '`reboot` * ;'}}, 'none||||$(reboot)|'],
]

for (const [name, machine, identified] of machines) {
  inRoot(`identified: ${name}${why}`, async (t) => {
    const root = await cloudRoot(t, machine)
    root.write({'a/meta-data': ''})
    const {stdout, stderr} = root.run(identify)
    t.is(stdout, `${identified}\n`)
    t.is(stderr, '')
  })
}

inRoot(`a machine without identity asks nobody, and starts no process${why}`, async (t) => {
  const listening = await metadataService(t, {})
  const root = await cloudRoot(t, {
    dmi: {sys_vendor: 'PC Engines'}, nics: {eth0: '52:54:00:00:00:01'}, before: listening.before,
    sys: {...disk('vda', 2048 * 512, '254:0'), ...disk('vda/vda1', 512 * 512, '254:1'), 'class/block/vda/vda1/partition': '1\n', ...disk('vda128', 478, '259:0'), ...disk('loop0', 1 << 20, '7:0')},
  })
  const {stdout, stderr} = root.run(`. /usr/lib/rc.cloud/lib.sh; read -r _ _ _ _ was < /proc/loadavg; identify; read -r _ _ _ _ is < /proc/loadavg; echo $SOURCE $((is - was))`)
  t.is(stdout, 'none 0\n')
  t.is(stderr, '')
  t.deepEqual(listening.asked(), [])
})

function disk(name: string, sectors: number, device: string): Record<string, string> {
  return {[`class/block/${name}/size`]: `${sectors}\n`, [`class/block/${name}/dev`]: `${device}\n`}
}

const noDrives = noDemoRoot ?? undefined

test.runIf(noDrives === undefined)(`disks are known by their label${why}`, async (t) => {
  t.true(drivePrograms.length > 0)
  const folder = await tempDir(t)
  const images = [
    ['sr0', isoDrive(folder, 'config-2', {x: ''}), 'openstack|/dev/sr0||||', 'iso9660\n'],
    ['sr0', isoDrive(folder, 'CIDATA', {x: ''}), 'nocloud|/dev/sr0||||', 'iso9660\n'],
    ['vdb', vfatDrive(folder, 'CONFIG-2', {x: ''}), 'openstack|/dev/vdb||||', 'vfat\n'],
    ['nvme0n1', vfatDrive(folder, 'cidata', {x: ''}), 'nocloud|/dev/nvme0n1||||', 'vfat\n'],
    ['sdb', isoDrive(folder, 'config-20', {x: ''}), 'none|||||', ''],
    ['sdb', vfatDrive(folder, 'XCIDATA', {x: ''}), 'none|||||', ''],
  ] as const
  for (const [node, image, identified, kind] of images) {
    const root = await cloudRoot(t, {
      sys: {...disk('vda', 4096, '254:0'), ...disk(node, 8192, '11:0')},
      before: `cp '${image}' "$1/dev/${node}"; head -c 2000000 /dev/urandom > "$1/dev/vda"`,
    })
    const {stdout, stderr} = root.run(`${identify}; [ "$SOURCE" = none ] || echo "$DRIVE"`)
    t.is(stdout, `${identified}\n${kind}`, image)
    t.is(stderr, '')
  }
})

inRoot(`a seed folder${why}`, async (t) => {
  const seed = await takeSeed(t, {dmi: {sys_vendor: 'Hetzner', product_serial: '7', product_uuid: 'u-1'}}, {
    'etc/rc.cloud/seed/meta-data': 'instance-id: 0042\nlocal-hostname: "a\\tb"\npublic-keys:\n  one: ssh-rsa A one\n  two: [ssh-rsa B two]\n',
    'etc/rc.cloud/seed/user-data': '#!/bin/sh\n',
    'etc/rc.cloud/seed/network-config': 'version: 2\nethernets:\n  eth0: {dhcp4: true}\n',
  })
  t.is(seed.source, 'nocloud|/etc/rc.cloud/seed||')
  t.deepEqual(seed.files, {
    'meta': 'instance-id=s:0042\nlocal-hostname=s:a\\tb\npublic-keys/0=s:ssh-rsa A one\npublic-keys/1=s:ssh-rsa B two\n',
    'network': '=m:2\nversion=i:2\nethernets=m:1\nethernets/eth0=m:1\nethernets/eth0/dhcp4=b:true\n',
    'user-data': '#!/bin/sh\n',
  })
  t.is(seed.log + seed.stderr, '')
})
