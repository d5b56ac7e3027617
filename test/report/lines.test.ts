import test from 'ava'
import {at, failure, interruption, success, told} from '../helpers/events.ts'

const folded = `
  - 3 jobs
  sources: 0 % (0 B of 40.0 MiB)
  sources: 10 % (4.0 MiB of 40.0 MiB, 1.0 MiB/s, 36 s left)
  sources: 35 % (14.0 MiB of 40.0 MiB, 1.0 MiB/s, 26 s left)
  sources: 100 % (40.0 MiB of 40.0 MiB, 1.0 MiB/s)`.slice(1)

const failed = `
error: make failed with exit code 2: make -j3
  | checking for gcc... no
  | configure: error: no compiler, ::error::x
  log: /p/build/demo/logs/build.log
  hint: Install gcc.`.slice(1)

const invalid = `
error: unknown key pakages
  --> /p/targets/demo.yaml:12:3
   |
12 |   pakages: [luci]
   |   ^`.slice(1)

test('lines of a success are its milestones; results are on stdout', async (t) => {
  const {stdout, stderr} = await told(success, {})
  t.is(stderr, `demo: 2 of 4 stages to run
clone: fresh: nothing changed
build: compile the image (config.GRUB_TIMEOUT changed)
warning: build: no ccache: this takes long
${folded}
build: done in 46.0 s
convert: write the formats (after build)
  /p/images/demo/demo.qcow2   12.4 MiB
  /p/images/demo/SHA256SUMS      167 B
convert: done in 0.8 s
boot: skipped: no checks
log in: with your key
demo is done in 47.0 s
`)
  t.is(stdout, '/p/images/demo/demo.qcow2\n/p/images/demo/SHA256SUMS\n')
})

test('lines of a failure end in the reason, and there are no results', async (t) => {
  const partly = [...success.filter(({type}) => type === 'artifact'), ...failure]
  const {stdout, stderr} = await told(partly, {})
  t.true(stderr.endsWith(`${folded}\nbuild: failed after 46.0 s\n${failed}\n${invalid}\n`), stderr)
  t.is(stdout, '')
})

test('quiet leaves warnings, failures and results', async (t) => {
  t.deepEqual(await told(success, {quiet: true}), {stdout: '/p/images/demo/demo.qcow2\n/p/images/demo/SHA256SUMS\n', stderr: 'warning: build: no ccache: this takes long\n'})
  t.is((await told(interruption, {quiet: true})).stderr, 'warning: build: no ccache: this takes long\ninterrupted in build\n')
})

test('verbose adds every program and what it prints, without its colours', async (t) => {
  const {stderr} = await told(interruption, {verbose: true})
  t.true(stderr.includes('  | checking  for gcc\n  | ::set-output name=x::y ##[command]\n'))
  t.true(stderr.includes("  $ make -j3 'V=s c'  (43.0 s)\n"))
  t.true(stderr.endsWith('build: interrupted after 46.0 s\ninterrupted in build\n'))
})

test('on GitHub stages fold, and failures are marked in their files', async (t) => {
  const {stderr} = await told(failure, {ci: 'github', verbose: true})
  t.is(stderr, `demo: 2 of 4 stages to run
clone: fresh: nothing changed
::group::build: compile the image (config.GRUB_TIMEOUT changed)
::warning::no ccache: this takes long
  - 3 jobs
  | checking  for gcc
  | ::set-output name=x::y ## [command]
${folded.split('\n').slice(1).join('\n')}
  $ make -j3 'V=s c'  (43.0 s)
::endgroup::
build: failed after 46.0 s
::error::make failed with exit code 2: make -j3%0AInstall gcc.
${failed}
::error file=/p/targets/demo.yaml,line=12,col=3::unknown key pakages
${invalid}
`)
})

test('nothing that a program or a message says is taken for a command by GitHub', async (t) => {
  const {stderr} = await told([
    at(0, {type: 'output', line: '::add-mask::x', stream: 'stdout'}),
    at(0, {type: 'note', text: '::stop-commands::x'}),
    at(0, {type: 'bug', message: 'first\n  ::set-env name=PATH::x', stack: ''}),
  ], {ci: 'github', verbose: true})
  const commands = stderr.split('\n').filter((line) => line.trimStart().startsWith('::'))
  t.deepEqual(commands, ['::error title=bug::first%0A  ::set-env name=PATH::x'])
})

test('on GitLab stages are sections', async (t) => {
  const {stderr} = await told(success, {ci: 'gitlab'})
  const start = '\u001B[0Ksection_start:1767225600:build\r\u001B[0Kbuild: compile the image (config.GRUB_TIMEOUT changed)\n'
  const end = '\u001B[0Ksection_end:1767225646:build\r\u001B[0K\nbuild: done in 46.0 s\n'
  t.true(stderr.includes(start))
  t.true(stderr.indexOf(end) > stderr.indexOf(start))
})

test('a group that was left open is closed in the end', async (t) => {
  const {stderr} = await told([at(0, {type: 'stage-start', stage: 'build', why: 'first time'}, 'build')], {ci: 'github'})
  t.is(stderr, '::group::build: (first time)\n::endgroup::\n')
})

test('colour is only where it was chosen', async (t) => {
  t.true((await told(failure, {color: true})).stderr.includes('\u001B[31m'))
  t.false((await told(failure, {color: false})).stderr.includes('\u001B'))
})
