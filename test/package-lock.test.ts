import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../pipeline/base/package-root.ts'

type Lock = Readonly<Record<'packages', Readonly<Record<string, {readonly version?: string; readonly optionalDependencies?: Readonly<Record<string, string>>}>>>>

test('the lock names the packages of every system: npm writes only those that a registry offers, and refuses such a lock elsewhere', (t) => {
  const {packages} = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as Lock
  const wanted = Object.values(packages).flatMap(({optionalDependencies = {}}) => Object.keys(optionalDependencies))
  t.deepEqual(wanted.filter((name) => packages[`node_modules/${name}`]?.version === undefined), [])
})
