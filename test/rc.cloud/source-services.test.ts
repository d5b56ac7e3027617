import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {metadataService, type Route} from '../helpers/metadata-service.ts'
import {takeSeed, type Seed} from '../helpers/seed.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`
const fixture = (name: string) => readFileSync(join(packageRoot, 'test/fixtures/rc.cloud/sources', name), 'utf8')
const nics = {eth0: '52:54:00:00:00:01'}

interface Expected {
  readonly source: string
  readonly asked: readonly string[]
  readonly meta: string
  readonly network?: string
  readonly files?: Readonly<Record<string, string>>
  /** What every request has beside the common headers. */
  readonly header?: readonly [string, string]
}

async function fromService(t: ExecutionContext, dmi: Record<string, string>, routes: Record<string, Route>, expected: Expected): Promise<Seed> {
  const service = await metadataService(t, routes)
  const seed = await takeSeed(t, {dmi, nics, before: `${service.before}\n/bin/busybox ip link add eth0 type veth`})
  t.is(seed.source, expected.source)
  t.is(seed.code, 0, seed.log + seed.stderr)
  t.is(seed.log + seed.stderr, '')
  t.deepEqual(service.asked().map(({line}) => line), expected.asked)
  for (const {headers} of service.asked()) if (expected.header) t.is(headers[expected.header[0]], expected.header[1])
  const {meta, network, ...files} = seed.files
  t.is(meta, expected.meta)
  t.is(network, expected.network)
  t.deepEqual(files, expected.files ?? {})
  return seed
}

const at = 'http://169.254.169.254'

inRoot(`Hetzner${why}`, (t) => fromService(t, {sys_vendor: 'Hetzner', product_serial: '4711'}, {
  '/hetzner/v1/metadata': fixture('hetzner/metadata.yaml'),
  '/hetzner/v1/metadata/private-networks': fixture('hetzner/private-networks.yaml'),
  '/hetzner/v1/userdata': {status: 204},
}, {
  source: `hetzner|${at}|1|4711`,
  asked: ['GET /hetzner/v1/metadata', 'GET /hetzner/v1/metadata/private-networks', 'GET /hetzner/v1/userdata'],
  meta: fixture('hetzner/meta'),
  network: fixture('hetzner/network'),
  files: {'vendor-data': '#cloud-config\nchpasswd: {expire: false}\n'},
}))

inRoot(`DigitalOcean, from an address of our own${why}`, async (t) => {
  const {root} = await fromService(t, {sys_vendor: 'DigitalOcean', product_serial: '2756294'}, {'/metadata/v1.json': fixture('digitalocean/v1.json')}, {
    source: `digitalocean|${at}|1|2756294`,
    asked: ['GET /metadata/v1.json'],
    meta: fixture('digitalocean/meta'),
    network: fixture('digitalocean/network'),
    files: {'user-data': '#!/bin/sh\necho "\\t"\n', 'vendor-data': '#cloud-config\n'},
  })
  t.notRegex(root.run('ip addr show').stdout, /169\.254\.\d+\.\d+\/16/)
})

inRoot(`Vultr${why}`, (t) => fromService(t, {sys_vendor: 'Vultr', product_serial: '42872224'}, {'/v1.json': fixture('vultr/v1.json')}, {
  source: `vultr|${at}|1|`,
  asked: ['GET /v1.json'],
  header: ['metadata-token', 'cloudinit'],
  meta: fixture('vultr/meta'),
  network: fixture('vultr/network'),
  files: {'vendor-data': '#cloud-config\npackage_upgrade: true\n'},
}))

const google = {
  '/computeMetadata/v1/instance/?recursive=true': {body: fixture('google/instance.json'), needs: {'Metadata-Flavor': 'Google'}},
  '/computeMetadata/v1/project/attributes/?recursive=true': fixture('google/project.json'),
}

inRoot(`Google${why}`, (t) => fromService(t, {product_name: 'Google Compute Engine'}, google, {
  source: `google|${at}|1|`,
  asked: ['GET /computeMetadata/v1/instance/?recursive=true', 'GET /computeMetadata/v1/project/attributes/?recursive=true'],
  header: ['metadata-flavor', 'Google'],
  meta: fixture('google/meta'),
  network: fixture('google/network'),
  files: {'user-data': 'IyEvYmluL3NoCg=='},
}))

inRoot(`Google, with the keys of the project blocked${why}`, async (t) => {
  const body = fixture('google/instance.json').replace('"attributes": {', '"attributes": {"block-project-ssh-keys": "TRUE",')
  const service = await metadataService(t, {...google, '/computeMetadata/v1/instance/?recursive=true': body})
  const {files} = await takeSeed(t, {dmi: {product_serial: 'GoogleCloud-0123'}, nics, before: service.before})
  t.is(files['meta'], fixture('google/meta').replace(/.*eve@example.*\n/, ''))
})

inRoot(`Oracle${why}`, (t) => fromService(t, {chassis_asset_tag: 'OracleCloud.com'}, {
  '/opc/v2/instance/': {body: fixture('oracle/instance.json'), needs: {Authorization: 'Bearer Oracle'}},
  '/opc/v2/vnics/': fixture('oracle/vnics.json'),
}, {
  source: `oracle|${at}|1|`,
  asked: ['GET /opc/v2/instance/', 'GET /opc/v2/vnics/'],
  header: ['authorization', 'Bearer Oracle'],
  meta: fixture('oracle/meta'),
  network: fixture('oracle/network'),
  files: {'user-data': 'IyEvYmluL3NoCnRvdWNoIC90bXAvZm9v'},
}))

const azureDmi = {chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77', product_uuid: 'df0e905d-681c-5b4f-9c7f-0a4a3f7c2b11'}

inRoot(`Azure${why}`, (t) => fromService(t, azureDmi, {
  '/metadata/instance?api-version=2021-08-01&extended=true': {body: fixture('azure/instance.json'), needs: {Metadata: 'true'}},
}, {
  source: `azure|${at}|1|`,
  asked: ['GET /metadata/instance?api-version=2021-08-01&extended=true'],
  meta: fixture('azure/meta'),
  files: {'user-data': 'I2Nsb3VkLWNvbmZpZwo='},
}))

inRoot(`OpenStack${why}`, (t) => fromService(t, {product_name: 'OpenStack Nova', product_uuid: '83679162-1378-4288-a2d4-70e13ec132aa'}, {
  '/openstack/': '2012-08-10\n2018-08-27\nlatest',
  '/openstack/2018-08-27/meta_data.json': fixture('openstack/meta_data.json'),
  '/openstack/2018-08-27/user_data': '#!/bin/sh\n',
  '/openstack/2018-08-27/vendor_data.json': '"#cloud-config\\nwhole: true\\n"',
  '/openstack/2018-08-27/vendor_data2.json': '{"static": {}, "cloud-init": "#cloud-config\\npart: true\\n"}',
  '/openstack/2018-08-27/network_data.json': fixture('openstack/network_data.json'),
  '/openstack/content/0000': 'hello\n',
}, {
  source: `openstack|${at}|1|83679162-1378-4288-a2d4-70e13ec132aa`,
  asked: ['openstack/', ...['meta_data.json', 'user_data', 'vendor_data.json', 'vendor_data2.json', 'network_data.json'].map((name) => `openstack/2018-08-27/${name}`), 'openstack/content/0000', 'openstack/content/0009'].map((path) => `GET /${path}`),
  meta: fixture('openstack/meta'),
  network: fixture('openstack/network'),
  files: {'content/0000': 'hello\n', 'user-data': '#!/bin/sh\n', 'vendor-data': '#cloud-config\nwhole: true\n', 'vendor-data2': '#cloud-config\npart: true\n'},
}))

/** What becomes of the fixtures' cards: those of others are the network tests' business. */
const rendered: Record<string, readonly RegExp[]> = {
  digitalocean: [/'cloud1'[^]*'eth0'[^]*'10\.132\.0\.2\/16'[^]*'192\.0\.2\.53'/, /'wan'[^]*'eth1'[^]*'192\.0\.2\.20\/18'\n.*'10\.17\.0\.5\/16'\n.*'2001:db8:0::20\/64'[^]*'192\.0\.2\.1'[^]*'2001:db8:0::1'/],
  hetzner: [/'eth0'\n.*'2001:db8:beef::1\/64'/, /'wan'[^]*'eth0'[^]*'dhcp'/, /'cloud1'[^]*'eth1'[^]*'dhcp'/],
  oracle: [/'wan'[^]*'eth0'[^]*'dhcp'/, /'cloud1'[^]*'eth1'[^]*'10\.0\.4\.5\/22'/, /'cloud2'[^]*'eth2'[^]*'dhcp'/],
  vultr: [/'eth0'[^]*'192\.0\.2\.31\/24'/, /'wan'[^]*'eth0'[^]*'dhcp'/, /'eth1'[^]*'1450'/, /'cloud1'[^]*'eth1'[^]*'10\.1\.112\.3\/20'/],
}

for (const [source, expected] of Object.entries(rendered)) {
  inRoot(`${source}: its cards become interfaces${why}`, async (t) => {
    const network = fixture(`${source}/network`)
    const macs = [...network.matchAll(/mac_?address=s:(.*)/g)].map(([, mac]) => mac?.toLowerCase() ?? '')
    const root = await cloudRoot(t, {nics: Object.fromEntries(macs.map((mac, index) => [`eth${index}`, mac]))})
    root.write({'tmp/network': network})
    const {stdout} = root.run('. /usr/lib/rc.cloud/lib.sh; mkdir -p "$RUN" "$STATE" /var/log; network_apply /tmp/network 2>&1; echo $?')
    t.is(stdout, '0\n')
    for (const part of expected) t.regex(root.read('etc/config/network'), part)
  })
}
