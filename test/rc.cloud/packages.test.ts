import test from 'ava'
import {configRoot, type ConfigRoot} from '../helpers/cloud-config.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** Writes what it is called with; does not have the package `gone`, and no index while /tmp/offline is there. */
const manager = `#!/bin/sh
echo "$*" >> /tmp/calls
umask >> /tmp/umask
case "$*" in
list-upgradable) printf 'a - 1 - 2\\nb - 1 - 2\\n' ;;
*gone*) exit 1 ;;
update) [ ! -e /tmp/offline ] ;;
esac
`
const calls = (root: ConfigRoot, config: unknown): string[] => {
  root.write({'tmp/calls': ''})
  root.apply('apply_final /tmp/config; settle', config)
  return root.read('tmp/calls').trim().split('\n').filter(Boolean)
}

inRoot(`packages by opkg${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'bin/opkg!': manager})
  t.deepEqual(calls(root, {packages: ['tcpdump', ['bash', '5.2']], package_upgrade: true}), ['update', 'list-upgradable', 'upgrade a b', 'install tcpdump', 'install bash=5.2'])
  t.is(root.read('tmp/umask').match(/^0022$/gm)?.length, 4)
  t.deepEqual(calls(root, {packages: ['tcpdump']}), [], 'done before')
})

inRoot(`packages by apk${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'bin/apk!': manager, 'bin/opkg!': manager})
  t.deepEqual(calls(root, {packages: ['tcpdump', ['bash', '5.2-r1']], package_upgrade: true}), ['update', 'upgrade', 'add tcpdump', 'add bash=5.2-r1'])
})

inRoot(`what could not be had is tried again at the next boot, and does not keep the others out${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'bin/apk!': manager, 'tmp/offline': ''})
  t.deepEqual(calls(root, {packages: ['a', 'gone', 'b']}), ['update', 'add a', 'add gone', 'add b'])
  t.deepEqual(calls(root, {package_update: true}), ['update'])
  root.run('rm /tmp/offline')
  t.deepEqual(calls(root, {package_update: true}), ['update'])
  t.deepEqual(calls(root, {package_update: true}), [])
})

inRoot(`no name becomes an option or a command${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'bin/opkg!': manager})
  const packages = ['--force', '-f', '$(touch /tmp/pwned)', 'a b', 'a;b', '../x.ipk', '/tmp/x.ipk', 'a\nb', '*', 'a=b', 'a|b', '', {apt: ['x']}, ['ok', '$(touch /tmp/pwned)'], 'good']
  t.deepEqual(calls(root, {packages}), ['update', 'install good'])
  t.is(root.run('ls /tmp/pwned').stdout, '')
  t.deepEqual(calls(root, {packages: ['--force']}), [])
})
