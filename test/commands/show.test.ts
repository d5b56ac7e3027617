import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {load} from 'js-yaml'
import {cli} from '../helpers/cli.ts'
import {makeRoots} from '../helpers/project.ts'

const commit = '58aa1b7f16c5c8d8e9f0a1b2c3d4e5f607182930'
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH3Zp7lmk79DziUQUrveoEl4dl44V/bWQiZ0xaBY23hv me@here'

const files = {
  'project/targets/parent.yaml': `description: the parent
source: {repository: https://example.org/o.git, ref: v1}
packages: [a, b]
feeds: {prune: [video]}
`,
  'project/targets/x.yaml': `extends: parent
packages: [-b]
config: {GRUB_TIMEOUT: "0"}
image: {root: 1024 MiB}
root:
  password: {env: ROOT_PASSWORD}
  keys: ["${key}", {file: ../id.pub}]
  overlays: [mine]
`,
  'project/id.pub': key,
  'project/overlays/mine/': '',
}

const lock = `source: {repository: https://example.org/o.git, ref: v1, commit: ${commit}}
feeds:
  packages: {repository: https://example.org/p.git, ref: main, commit: ${commit}}
added: []
pruned: [video]
`

test('each value stands beside the line that it came from', async (t) => {
  const {project} = await makeRoots(t, files)
  await writeFile(join(project, 'targets/x.lock.yaml'), lock)
  const {code, stdout, stderr} = await cli(['show', 'x'], {cwd: project, env: {ROOT_PASSWORD: 'hunter2'}})
  t.is(stderr, '')
  t.is(code, 0)
  t.is(stdout, `# targets/x.yaml < targets/parent.yaml
description: the parent                                 # targets/parent.yaml:1
source:
  repository: https://example.org/o.git                 # targets/parent.yaml:2
  ref: v1                                               # targets/parent.yaml:2
  commit: ${commit}      # targets/x.lock.yaml:1
platform: x86/64                                        # default
feeds:
  prune:
    - video                                             # targets/parent.yaml:4
  add: {}                                               # default
  keep:
    packages:
      repository: https://example.org/p.git             # targets/x.lock.yaml:3
      ref: main                                         # targets/x.lock.yaml:3
      commit: ${commit}  # targets/x.lock.yaml:3
  install: needed                                       # default
packages:
  - a                                                   # targets/parent.yaml:3
  - -b                                                  # targets/x.yaml:2
config:
  GRUB_TIMEOUT: "0"                                     # targets/x.yaml:3
config-allow: []                                        # default
image:
  root: 1 GiB                                           # targets/x.yaml:4
  boot: 16 MiB                                          # default
  firmware: bios                                        # default
  console:
    serial: ttyS0                                       # default
    baud: 115200                                        # default
  formats:
    - qcow2                                             # default
build:
  jobs: from cores and memory                           # default
  ccache: false                                         # default
  keys: made once, kept in the cache                    # default
root:
  password:
    env: ROOT_PASSWORD                                  # targets/x.yaml:6
  keys:
    - ssh-ed25519 …xaBY23hv me@here                     # targets/x.yaml:7
    - file: id.pub                                      # targets/x.yaml:7
  overlays:
    - overlays/mine                                     # targets/x.yaml:8
boot:
  memory: 128 MiB                                       # default
  checks: []                                            # default
upload:
  clouds: []                                            # default
  visibility: private                                   # default
  keep: 3                                               # default
  properties: {}                                        # default
`)
  t.like(load(stdout), {image: {root: '1 GiB'}, config: {GRUB_TIMEOUT: '0'}, packages: ['a', '-b']}, 'what is printed is YAML')
})

test('without a lock, and with one that the target has outgrown, commits are not known', async (t) => {
  const {project} = await makeRoots(t, files)
  const before = await cli(['show', 'x'], {cwd: project})
  t.regex(before.stdout, /^ {2}commit: … +# not locked$/m)
  t.is(before.stderr, '\nNot locked yet: cloudwrt lock x\n')
  await writeFile(join(project, 'targets/x.lock.yaml'), lock.replace('ref: v1', 'ref: v0'))
  const after = await cli(['show', 'x'], {cwd: project})
  t.is(after.code, 0)
  t.false(after.stdout.includes(commit))
  t.is(after.stderr, '\ntargets/x.lock.yaml does not count any more:\n  source: ref is v1, locked as v0\nLock it: cloudwrt lock x\n')
})

test('--json gives the recipe that runs, and the place of every value', async (t) => {
  const {project} = await makeRoots(t, files)
  const unlocked = JSON.parse((await cli(['show', 'x', '--json'], {cwd: project})).stdout) as Shown
  t.like(unlocked, {locked: false, differences: [], origins: {'source.commit': 'not locked'}})
  await writeFile(join(project, 'targets/x.lock.yaml'), lock)
  const {stdout} = await cli(['--json', 'show', 'x'], {cwd: project})
  t.like(JSON.parse(stdout) as Shown, {
    files: ['targets/x.yaml', 'targets/parent.yaml'], lock: 'targets/x.lock.yaml', locked: true,
    recipe: {target: 'x', source: {kind: 'git', commit}, image: {root: 2 ** 30}, root: {keys: [key], password: {kind: 'env', name: 'ROOT_PASSWORD'}}},
    origins: {
      'image.root': {file: 'targets/x.yaml', line: 4, column: 15}, 'packages[1]': {file: 'targets/x.yaml', line: 2, column: 12},
      'source.commit': {file: 'targets/x.lock.yaml', line: 1, column: 66}, 'image.boot': 'default',
    },
  })
})

interface Shown {
  readonly [key: string]: unknown
}

test('all complaints are told, each with its line, and nothing else', async (t) => {
  const {project} = await makeRoots(t, {...files, 'project/targets/bad.yaml': 'extends: x\npakcages: []\nimage: {root: 5}\n'})
  const {code, stdout, stderr} = await cli(['show', 'bad'], {cwd: project})
  t.is(code, 2)
  t.is(stdout, '')
  t.regex(stderr, /pakcages: unknown key[\s\S]*targets\/bad\.yaml:2:1[\s\S]*pakcages: \[\][\s\S]*Did you mean packages\?[\s\S]*image\.root: expected a text, not a number[\s\S]*targets\/bad\.yaml:3:15/)
})

test('a shipped target is shown from anywhere', async (t) => {
  const {project} = await makeRoots(t, {'project/': ''})
  await mkdir(join(project, 'deeper'))
  const {code, stdout} = await cli(['show', 'x86-64'], {cwd: join(project, 'deeper')})
  t.is(code, 0)
  t.regex(stdout, /^ {2}ref: v\d\d\.\d\d\.\d+ +# .*targets\/x86-64\.yaml:\d+$/m)
})
