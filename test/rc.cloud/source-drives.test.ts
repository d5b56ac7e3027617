import {execFileSync} from 'node:child_process'
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot, type DemoRoot} from '../helpers/demo-root.ts'
import type {Files} from '../helpers/files.ts'
import {keepSeed} from '../helpers/seed.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`
const fixture = (name: string) => readFileSync(join(packageRoot, 'test/fixtures/rc.cloud/sources', name), 'utf8')

interface Read {
  readonly code: number
  readonly files: Readonly<Record<string, string>>
  readonly log: string
}

/** What is taken from a folder with the tree of a drive. */
async function read(t: ExecutionContext, source: 'openstack' | 'nocloud', files: Files, prepare: (drive: string, root: DemoRoot) => void = () => {}): Promise<Read> {
  const root = await cloudRoot(t, {dmi: {product_uuid: 'uuid-1'}})
  const drive = join(root.folder, 'drive')
  mkdirSync(drive)
  root.write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`drive/${name}`, text])))
  prepare(drive, root)
  const {stdout, stderr} = root.run(`. /usr/lib/rc.cloud/lib.sh; mkdir -p "$RUN" /var/log
    identify; SOURCE=${source} SOURCE_AT=/drive/; read_seed; code=$?; echo $code; ${keepSeed}; find "$RUN" -perm +077`)
  t.is(stderr, '')
  const [code, ...open] = stdout.split('\n')
  t.deepEqual(open, [''], 'only root reads it')
  const names = root.run('cd /tmp/taken 2> /dev/null && find . -type f').stdout.split('\n').filter(Boolean).sort()
  return {
    code: Number(code),
    files: Object.fromEntries(names.map((name) => [name.slice(2), root.read(`tmp/taken/${name}`)])),
    log: root.run('cat /var/log/rc.cloud.log 2> /dev/null').stdout.replace(/^\[[^\]]*\] /gm, ''),
  }
}

const metadata = (uuid: string) => `{"uuid": "${uuid}"}`

inRoot(`a config drive: its newest version${why}`, async (t) => {
  const {code, files, log} = await read(t, 'openstack', {
    'openstack/2012-08-10/meta_data.json': metadata('old'),
    'openstack/2018-08-27/meta_data.json': fixture('openstack/meta_data.json'),
    'openstack/2018-08-27/user_data': 'H4sI\u0000raw',
    'openstack/2018-08-27/network_data.json': fixture('openstack/network_data.json'),
    'openstack/2018-08-27/vendor_data.json': '{"unknown": 1}',
    'openstack/2025-04-04/user_data': 'a version without metadata is none',
    'openstack/latest/meta_data.json': metadata('latest'),
    'openstack/content/0000': 'hello\n',
  })
  t.is(code, 0, log)
  t.is(log, '')
  t.deepEqual(files, {'content/0000': 'hello\n', 'meta': fixture('openstack/meta'), 'network': fixture('openstack/network'), 'user-data': 'H4sI\u0000raw'})
})

inRoot(`a config drive: only the latest version, as Proxmox makes it${why}`, async (t) => {
  const {code, files, log} = await read(t, 'openstack', {
    'openstack/latest/meta_data.json': '{"uuid": "p-1", "network_config": {"content_path": "/content/0000"}}',
    'openstack/latest/user_data': '#cloud-config\n',
    'openstack/content/0000': 'auto lo\n',
  })
  t.is(code, 0, log)
  t.is(log, '')
  t.deepEqual(files, {'meta': 'instance-id=s:p-1\n', 'user-data': '#cloud-config\n'})
})

inRoot(`a NoCloud drive that names no instance is this machine${why}`, async (t) => {
  t.deepEqual((await read(t, 'nocloud', {'user-data': '#!/bin/sh\n', 'vendor-data': 'v', 'network-config': 'network:\n  version: 1\n  config: []\n'})).files, {
    'meta': 'instance-id=s:nocloud-uuid-1\n',
    'network': '=m:1\nnetwork=m:2\nnetwork/version=i:1\nnetwork/config=l:0\n',
    'user-data': '#!/bin/sh\n',
    'vendor-data': 'v',
  })
  t.is((await read(t, 'nocloud', {'meta-data': '{"instance-id": "json-1", "public-keys": "ssh-rsa A\\nssh-rsa B\\n"}'})).files['meta'], 'instance-id=s:json-1\npublic-keys/0=s:ssh-rsa A\\nssh-rsa B\\n\n')
})

inRoot(`nothing is taken that a link leads to, and nothing that is no file${why}`, async (t) => {
  const whole = {'openstack/latest/meta_data.json': metadata('u')}
  const {code, files} = await read(t, 'openstack', whole, (drive, root) => {
    root.write({'etc/secret': 'secret'})
    symlinkSync('/etc/secret', join(drive, 'openstack/latest/user_data'))
    symlinkSync('/etc', join(drive, 'openstack/content'))
    execFileSync('mkfifo', [join(drive, 'openstack/latest/vendor_data.json')])
  })
  t.is(code, 0)
  t.deepEqual(files, {meta: 'instance-id=s:u\n'})
  t.deepEqual((await read(t, 'openstack', {}, (drive, root) => {
    root.write({'srv/latest/meta_data.json': metadata('u')})
    symlinkSync('/srv', join(drive, 'openstack'))
  })).files, {})
})

inRoot(`what is broken ends in a line of the log${why}`, async (t) => {
  const large = {'openstack/latest/meta_data.json': metadata('u')}
  const broken: readonly (readonly [Files, RegExp, ((drive: string) => void)?])[] = [
    [{}, /^$/],
    [{'openstack/latest/meta_data.json': '{"uuid": "u"'}, /doc: line \d/],
    [{'openstack/latest/meta_data.json': '<html></html>'}, /no instance id/],
    [{'openstack/latest/meta_data.json': metadata('../../x')}, /no instance id/],
    [{'openstack/latest/meta_data.json': metadata('a\\nb')}, /no instance id/],
    [large, /limit/, (drive) => writeFileSync(join(drive, 'openstack/latest/user_data'), Buffer.alloc(2 ** 21))],
  ]
  for (const [files, said, prepare] of broken) {
    const {code, files: taken, log} = await read(t, 'openstack', files, prepare)
    t.not(code, 0, log)
    t.deepEqual(taken, {})
    t.regex(log, said)
  }
})
