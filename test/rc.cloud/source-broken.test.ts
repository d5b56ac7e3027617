import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {metadataService, type Answer} from '../helpers/metadata-service.ts'
import {takeSeed} from '../helpers/seed.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`
const fixture = (name: string) => readFileSync(join(packageRoot, 'test/fixtures/rc.cloud/sources', name), 'utf8')
const secret = 'S3CRET'

const azureDmi = {chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77', product_uuid: 'u'}

/** How each is known, where it is asked first, and a document that it would take. */
const services: Record<string, readonly [dmi: Record<string, string>, path: string, document: string]> = {
  openstack: [{product_name: 'OpenStack Nova'}, '/openstack/latest/meta_data.json', fixture('openstack/meta_data.json')],
  hetzner: [{sys_vendor: 'Hetzner'}, '/hetzner/v1/metadata', fixture('hetzner/metadata.yaml')],
  digitalocean: [{sys_vendor: 'DigitalOcean'}, '/metadata/v1.json', fixture('digitalocean/v1.json')],
  vultr: [{sys_vendor: 'Vultr'}, '/v1.json', fixture('vultr/v1.json')],
  google: [{product_name: 'Google Compute Engine'}, '/computeMetadata/v1/instance/?recursive=true', fixture('google/instance.json')],
  oracle: [{chassis_asset_tag: 'OracleCloud.com'}, '/opc/v2/instance/', fixture('oracle/instance.json')],
  azure: [azureDmi, '/metadata/instance?api-version=2021-08-01&extended=true', fixture('azure/instance.json')],
}

/** What becomes of each kind of answer: 1 to ask again, 2 to give up with a line in the log. */
const faults: readonly (readonly [name: string, answer: (document: string) => string | Answer, code: number])[] = [
  ['not there yet', () => ({status: 404}), 1],
  ['overloaded', () => ({status: 503}), 1],
  ['cut short', (body) => ({body, fault: 'cut'}), 1],
  ['silent', () => ({fault: 'silent'}), 1],
  ['forbidden', () => ({status: 403}), 1],
  ['redirected', () => ({status: 301, headers: {Location: 'http://169.254.169.254/elsewhere'}}), 1],
  ['a page of HTML', () => '<!DOCTYPE html>\n<html><body>It works!</body></html>\n', 2],
  ['JSON cut short', (body) => body.slice(0, -4).replace(/[}\]]\s*$/, ''), 2],
  ['nothing', () => '', 2],
  ['another JSON', () => `["${secret}"]`, 2],
  ['too large', () => ' '.repeat(1_100_000), 1],
  ['bytes', () => ({base64: Buffer.from(Array.from({length: 4096}, (_, i) => i * 31 % 256)).toString('base64')}), 2],
]

for (const [source, [dmi, path, document]] of Object.entries(services)) {
  inRoot(`${source}, broken${why}`, async (t) => {
    // YAML has no end that could be missing
    const chosen = faults.filter(([name]) => source !== 'hetzner' || name !== 'JSON cut short')
    const service = await metadataService(t, {[path]: chosen.map(([, answer]) => answer(document)), '/elsewhere': document})
    const root = await cloudRoot(t, {dmi, before: `${service.before}\n/bin/busybox ip link add eth0 type veth`})
    const {stdout, stderr} = root.run(`. /usr/lib/rc.cloud/lib.sh; mkdir -p "$RUN" /var/log; identify; HTTP_TIME=1
      for fault in ${chosen.map((_, index) => index).join(' ')}; do
        fetch_seed; echo "$? $([ ! -s "$LOG" ] || echo said)"
        cat "$LOG" >> /tmp/said 2> /dev/null; : > "$LOG"
      done`)
    t.deepEqual(stdout.trimEnd().split('\n'), chosen.map(([,, code]) => `${code} ${code === 2 ? 'said' : ''}`), chosen.map(([name]) => name).join())
    t.notRegex(root.read('tmp/said'), new RegExp(secret))
    t.is(stderr, '')
    t.false(service.asked().some(({line}) => line === 'GET /elsewhere'))
  })
}

const goalstate = fixture('azure/goalstate.xml')
const report = '. /usr/lib/rc.cloud/lib.sh; mkdir -p "$RUN" /var/log; identify; report_ready; echo $?; cat /var/log/rc.cloud.log 2> /dev/null; ls -A "$RUN"'

inRoot(`Azure hears that we are ready, from the container that it has put us in${why}`, async (t) => {
  const service = await metadataService(t, {'/machine/?comp=goalstate': goalstate, 'POST /machine/?comp=health': ''}, ['168.63.129.16'])
  const {stdout, stderr} = (await cloudRoot(t, {dmi: azureDmi, before: service.before})).run(report)
  t.is(stdout, '0\nalive\ngoal\nrequest\nsaid\n')
  t.is(stderr, '')
  const [asked, told] = service.asked()
  for (const {headers} of [asked!, told!]) t.like(headers, {'x-ms-agent-name': 'WALinuxAgent', 'x-ms-version': '2012-11-30'})
  t.is(told?.line, 'POST /machine/?comp=health')
  t.is(told?.headers['content-type'], 'text/xml; charset=utf-8')
  t.is(told?.body, '<?xml version="1.0" encoding="utf-8"?><Health><GoalStateIncarnation>3</GoalStateIncarnation><Container>\n<ContainerId>c6d5526c-5ac2-4200-b6e2-56f2b70c5ab2</ContainerId><RoleInstanceList><Role>\n<InstanceId>b61f93d0-e1ed-40b2-b067-22c243233448._router4</InstanceId><Health><State>Ready</State></Health></Role></RoleInstanceList></Container></Health>')
})

inRoot(`Azure hears no more than names, and nobody else hears anything${why}`, async (t) => {
  const service = await metadataService(t, {'/machine/?comp=goalstate': goalstate.replace('>3<', '>3&gt;$(reboot)<'), 'POST /machine/?comp=health': {status: 400}}, ['168.63.129.16'])
  t.regex((await cloudRoot(t, {dmi: azureDmi, before: service.before})).run(report).stdout, /^0\n.*Azure was not told/)
  t.regex(service.asked()[1]?.body ?? '', /<GoalStateIncarnation>3<[/]GoalStateIncarnation>/)
  const silent = await metadataService(t, {}, ['168.63.129.16', '169.254.169.254'])
  t.is((await cloudRoot(t, {dmi: {sys_vendor: 'Hetzner', product_serial: '1'}, before: silent.before})).run(report).stdout, '0\n')
  t.deepEqual(silent.asked(), [])
})

inRoot(`NoCloud in the web${why}`, async (t) => {
  const machine = {cmdline: 'ds=nocloud;s=http://169.254.169.254/seed/;h=given'}
  const service = await metadataService(t, {'/seed/meta-data': 'instance-id: web-1\nlocal-hostname: theirs\n', '/seed/user-data': '#!/bin/sh\n', '/seed/network-config': 'version: 2\n'})
  const seed = await takeSeed(t, {...machine, before: service.before})
  t.is(seed.code, 0, seed.log)
  t.deepEqual(seed.files, {'meta': 'local-hostname=s:given\ninstance-id=s:web-1\n', 'network': '=m:1\nversion=i:2\n', 'user-data': '#!/bin/sh\n'})
  t.deepEqual(service.asked().map(({line}) => line), ['meta-data', 'user-data', 'vendor-data', 'network-config'].map((name) => `GET /seed/${name}`))
  const hidden = await metadataService(t, {[`/?key=${secret}/meta-data`]: '<html>'})
  const {code: hopeless, log} = await takeSeed(t, {cmdline: `ds=nocloud;s=http://169.254.169.254/?key=${secret}/`, before: hidden.before})
  t.is(hopeless, 2)
  t.notRegex(log, new RegExp(secret))
  for (const [routes, code] of [[{}, 1], [{'/seed/meta-data': {status: 500}}, 1], [{'/seed/meta-data': '<html>'}, 2], [{'/seed/meta-data': 'instance-id: [x'}, 2]] as const) {
    const broken = await metadataService(t, routes)
    t.is((await takeSeed(t, {...machine, before: broken.before})).code, code)
  }
})
