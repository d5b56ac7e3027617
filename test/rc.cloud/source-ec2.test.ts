import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {metadataService, type Answer, type Route} from '../helpers/metadata-service.ts'
import {takeSeed} from '../helpers/seed.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const machine = {dmi: {sys_vendor: 'Amazon EC2'}, nics: {eth0: '52:54:00:00:00:01'}}
const macs = '/latest/meta-data/network/interfaces/macs/'
const texts: Record<string, string> = {
  '/latest/meta-data/instance-id': 'i-0abc',
  '/latest/meta-data/local-hostname': 'ip-10-0-0-5.ec2.internal',
  '/latest/meta-data/public-keys/': '0=my key\n1=another',
  '/latest/meta-data/public-keys/0/openssh-key': 'ssh-rsa AAAAB3 one\n',
  '/latest/meta-data/public-keys/1/openssh-key': 'ssh-ed25519 AAAAC3 two\n',
  '/latest/user-data': '#!/bin/sh\n',
  [macs]: '0e:00:00:00:00:01/\n0e:00:00:00:00:02/',
  [`${macs}0e:00:00:00:00:01/device-number`]: '0',
  [`${macs}0e:00:00:00:00:01/mac`]: '0e:00:00:00:00:01',
  [`${macs}0e:00:00:00:00:01/subnet-ipv4-cidr-block`]: '10.0.0.0/20',
  [`${macs}0e:00:00:00:00:01/local-ipv4s`]: '10.0.0.5\n10.0.0.6',
  [`${macs}0e:00:00:00:00:01/ipv6s`]: '2001:db8::5',
  [`${macs}0e:00:00:00:00:02/device-number`]: '1',
  [`${macs}0e:00:00:00:00:02/mac`]: '0e:00:00:00:00:02',
  [`${macs}0e:00:00:00:00:02/subnet-ipv4-cidr-block`]: '10.0.16.0/24',
  [`${macs}0e:00:00:00:00:02/local-ipv4s`]: '10.0.16.9\n',
}

const token = 'AQAAA-Token_0123456789=='
const meta = `instance-id=s:i-0abc
local-hostname=s:ip-10-0-0-5.ec2.internal
public-keys/0=s:ssh-rsa AAAAB3 one
public-keys/1=s:ssh-ed25519 AAAAC3 two
`
const [one, two] = ['0e:00:00:00:00:01', '0e:00:00:00:00:02']
const primary = `ethernets/0/match/macaddress=s:${one}
ethernets/0/interfaces/macs/${one}/netmask=s:20
`
const dhcp = 'ethernets/0/dhcp4=s:true\nethernets/0/dhcp6=s:true\n'
const network = `${primary}ethernets/0/interfaces/macs/${one}/address=s:10.0.0.6
ethernets/1/match/macaddress=s:${two}
ethernets/1/interfaces/macs/${two}/netmask=s:24
ethernets/1/interfaces/macs/${two}/address=s:10.0.16.9
${dhcp}`

inRoot(`EC2 with a token for every request${why}`, async (t) => {
  const needs = {'X-aws-ec2-metadata-token': token}
  const service = await metadataService(t, {
    'PUT /latest/api/token': {body: token, needs: {'X-aws-ec2-metadata-token-ttl-seconds': '600'}},
    ...Object.fromEntries(Object.entries(texts).map(([path, body]): [string, Answer] => [path, {body, needs}])),
  })
  const seed = await takeSeed(t, {...machine, before: service.before})
  t.is(seed.source, 'ec2|http://169.254.169.254|1|')
  t.is(seed.code, 0, seed.log)
  t.deepEqual(seed.files, {meta, network, 'user-data': '#!/bin/sh\n'})
  t.is(seed.log + seed.stderr, '')
  t.deepEqual(service.asked().map(({line}) => line), ['PUT /latest/api/token', ...[...Object.keys(texts), `${macs}0e:00:00:00:00:02/ipv6s`].map((path) => `GET ${path}`)].sort((a, b) => order(a) - order(b)))

  function order(line: string): number {
    return ['token', 'instance-id', 'local-hostname', 'user-data', 'public-keys/ ', '0/openssh', '1/openssh', 'macs/ ', '01/device', '01/mac', '01/subnet', '01/local', '01/ipv6s', '02/device', '02/mac', '02/subnet', '02/local', '02/ipv6s'].findIndex((part) => `${line} `.includes(part))
  }
})

inRoot(`EC2 with one card and one address leaves it to DHCP; a service without tokens is asked without${why}`, async (t) => {
  for (const status of [404, 405, 403]) {
    const {[`${macs}0e:00:00:00:00:01/ipv6s`]: _, ...less} = texts
    const service = await metadataService(t, {...less, 'PUT /latest/api/token': {status}, [macs]: '0e:00:00:00:00:01/', [`${macs}0e:00:00:00:00:01/local-ipv4s`]: '10.0.0.5'})
    const seed = await takeSeed(t, {...machine, before: service.before})
    t.is(seed.code, 0, seed.log)
    t.deepEqual(seed.files, {meta, 'network': `${primary}${dhcp}`, 'user-data': '#!/bin/sh\n'})
    t.is(service.asked().length, 13)
    t.false(service.asked().some(({headers}) => 'x-aws-ec2-metadata-token' in headers))
  }
})

inRoot(`EC2: the first card is not always the first in the list${why}`, async (t) => {
  const service = await metadataService(t, {...texts, [`${macs}0e:00:00:00:00:01/device-number`]: '1', [`${macs}0e:00:00:00:00:02/device-number`]: '0'})
  const {files} = await takeSeed(t, {...machine, before: service.before})
  t.is(files['network'], `${primary}ethernets/0/interfaces/macs/${one}/address=s:10.0.0.5
ethernets/0/interfaces/macs/${one}/address=s:10.0.0.6
ethernets/0/address=s:2001:db8::5
ethernets/1/match/macaddress=s:${two}
ethernets/1/interfaces/macs/${two}/netmask=s:24
${dhcp.replaceAll('/0/', '/1/')}`)
})

/** What is wrong with a service, and what becomes of it: 1 to ask again, 2 to give up. */
const broken: readonly (readonly [name: string, routes: Record<string, Route>, code: number])[] = [
  ['not up yet', {'PUT /latest/api/token': {status: 503}, '/latest/meta-data/instance-id': {status: 503}}, 1],
  ['a token of two lines', {...texts, 'PUT /latest/api/token': 'a\r\nX-Evil: 1\\n'}, 0],
  ['a token with control characters', {...texts, 'PUT /latest/api/token': 'a\u0007b'}, 0],
  ['no instance id yet', {'PUT /latest/api/token': token}, 1],
  ['a false token', {...texts, 'PUT /latest/api/token': token, '/latest/meta-data/instance-id': {status: 401}}, 1],
  ['an id that climbs', {...texts, '/latest/meta-data/instance-id': '../../etc/passwd'}, 2],
  ['an id of two lines', {...texts, '/latest/meta-data/instance-id': 'i-1\nadmin-pass=s:x'}, 0],
  ['an id with a backslash', {...texts, '/latest/meta-data/instance-id': 'i-1\\nadmin-pass=s:x'}, 2],
  ['a page of HTML', {...texts, '/latest/meta-data/instance-id': '<html>'}, 2],
  ['user data cut short', {...texts, '/latest/user-data': {body: '#!/bin/sh\nreboot\n', fault: 'cut'}}, 1],
  ['a redirect', {...texts, '/latest/meta-data/instance-id': {status: 302, headers: {Location: '/latest/user-data'}}}, 1],
]

for (const [name, routes, code] of broken) {
  inRoot(`EC2, broken: ${name}${why}`, async (t) => {
    const service = await metadataService(t, routes)
    const seed = await takeSeed(t, {...machine, before: service.before})
    t.is(seed.code, code, seed.log)
    t.is(seed.log === '', code !== 2, seed.log)
    t.notRegex(seed.log, /AQAAA/)
    t.is(seed.stderr, '')
    if (code > 0) t.deepEqual(seed.files, {})
    t.notRegex(seed.files['meta'] ?? '', /admin-pass/)
    t.false(service.asked().some(({headers}) => 'x-evil' in headers))
  })
}
