import {execFileSync, spawnSync} from 'node:child_process'
import {chmod, mkdir, readFile, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {cli, type CliResult} from '../helpers/cli.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

const root = process.getuid?.() === 0
const line = `${root ? '' : 'sudo '}apt-get install -y --no-install-recommends qemu-utils`

/** A machine with debugfs and openssl, and whatever a test puts on PATH. `--for edit` takes both of them, and qemu-img. */
class Machine {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(t: ExecutionContext): Promise<Machine> {
    const machine = new Machine(await tempDir(t))
    await mkdir(join(machine.folder, 'bin'))
    await mkdir(join(machine.folder, 'project'))
    for (const program of ['sh', 'env', 'cat', 'chmod']) await symlink(execFileSync('which', [program], {encoding: 'utf8'}).trim(), join(machine.folder, 'bin', program))
    await machine.program('dpkg-query', "echo 'e2fsprogs installed 1.47.0-2+b2'; echo 'openssl installed 3.0'; [ -e $BIN/qemu-img ] && echo 'qemu-utils installed 1:7.2'; exit 1")
    await machine.program('openssl', '')
    await machine.program('sudo', '[ "$1" = -n ] && shift; exec "$@"')
    return machine
  }

  async program(name: string, script: string): Promise<void> {
    const path = join(this.folder, 'bin', name)
    await writeFile(path, `#!/bin/sh\nBIN=${join(this.folder, 'bin')}\n${script}\n`)
    await chmod(path, 0o755)
  }

  /** An apt-get that writes down how it is called, and installs a qemu-img. `fails` are the first words of calls that fail once. */
  async apt({fails = ''}: {readonly fails?: string} = {}): Promise<void> {
    await this.program('apt-get', `
echo "$DEBIAN_FRONTEND $*" >> ${this.folder}/calls
if [ "$2" = "${fails}" ] && [ ! -e ${this.folder}/failed ]; then echo failed > ${this.folder}/failed; echo 'E: Unable to locate package qemu-utils' >&2; exit 100; fi
[ "$2" = install ] || exit 0
printf '#!/bin/sh\\n' > $BIN/qemu-img; chmod 755 $BIN/qemu-img`)
  }

  async calls(): Promise<string[]> {
    return (await readFile(join(this.folder, 'calls'), 'utf8')).trim().split('\n')
  }

  async doctor(...args: readonly string[]): Promise<CliResult> {
    return cli(['doctor', ...args], {cwd: join(this.folder, 'project'), env: {PATH: join(this.folder, 'bin')}})
  }
}

test('what is there and what is missing, with the one line that mends it', async (t) => {
  const machine = await Machine.make(t)
  const {code, stdout, stderr} = await machine.doctor('--for', 'edit')
  t.is(stderr, '')
  t.is(stdout, `✓ e2fsprogs   1.47.0-2+b2\n✓ openssl     3.0\n✗ qemu-utils  missing\n\nTo install what is missing:\n  ${line}\n`)
  t.is(code, 1)
})

test('a machine that has all it takes', async (t) => {
  const machine = await Machine.make(t)
  await machine.program('qemu-img', '')
  const {code, stdout} = await machine.doctor('--for', 'edit')
  t.is(stdout, '✓ e2fsprogs   1.47.0-2+b2\n✓ openssl     3.0\n✓ qemu-utils  1:7.2\neverything is there\n')
  t.is(code, 0)
  t.is((await machine.doctor('--for', 'edit', '--quiet')).stdout, 'everything is there\n')
})

test('a program from elsewhere counts, and without dpkg too', async (t) => {
  const machine = await Machine.make(t)
  await machine.program('qemu-img', '')
  await machine.program('dpkg-query', 'exit 2')
  t.regex((await machine.doctor('--for', 'edit')).stdout, /✓ qemu-utils {2}there, though not from Debian/)
})

test('for programs: one object', async (t) => {
  const machine = await Machine.make(t)
  const {code, stdout} = await machine.doctor('--for', 'edit', '--json')
  t.is(code, 1)
  t.deepEqual(JSON.parse(stdout), {fit: false, install: line, checks: [
    {name: 'e2fsprogs', ok: true, says: '1.47.0-2+b2'}, {name: 'openssl', ok: true, says: '3.0'}, {name: 'qemu-utils', ok: false, says: 'missing', package: 'qemu-utils'},
  ]})
})

test('--install installs what is missing, and nothing else', async (t) => {
  const machine = await Machine.make(t)
  await machine.apt()
  const first = await machine.doctor('--for', 'edit', '--install')
  t.is(first.stdout, 'everything is there\n')
  t.is(first.code, 0)
  t.deepEqual(await machine.calls(), ['noninteractive -q install -y --no-install-recommends qemu-utils'])
  t.is((await machine.doctor('--for', 'edit', '--install')).code, 0)
  t.is((await machine.calls()).length, 1, 'nothing was missing any more')
})

test('the lists are brought up to date where apt cannot do without', async (t) => {
  const machine = await Machine.make(t)
  await machine.apt({fails: 'install'})
  t.is((await machine.doctor('--for', 'edit', '--install')).code, 0)
  t.deepEqual((await machine.calls()).map((call) => call.split(' ')[2]), ['install', 'update', 'install'])
})

test('an apt that fails for good is told with what it said', async (t) => {
  const machine = await Machine.make(t)
  await machine.program('apt-get', "echo 'E: Could not get lock' >&2; exit 100")
  const {code, stderr} = await machine.doctor('--for', 'edit', '--install')
  t.is(code, 1)
  t.regex(stderr, /E: Could not get lock/)
})

test('a machine that is not Debian is told what it would be there', async (t) => {
  const machine = await Machine.make(t)
  const {code, stderr} = await machine.doctor('--for', 'edit', '--install')
  t.is(code, 1)
  t.regex(stderr, /there is no apt-get: this is not Debian/)
  t.true(stderr.includes(line))
})

/** To be somebody else without a password takes root; somebody else may not read our folder. */
const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
const canBeNobody = root && spawnSync('/usr/bin/setpriv', [...nobody, 'test', '-r', join(packageRoot, 'pipeline', 'cli.ts')]).status === 0

test.runIf(canBeNobody)(`without root and without sudo the line to type is printed${canBeNobody ? '' : ' (skipped: takes root, and a folder that all can read)'}`, async (t) => {
  const machine = await Machine.make(t)
  await chmod(machine.folder, 0o755)
  await machine.apt()
  await machine.program('sudo', 'echo a password is required >&2; exit 1')
  const {status, stderr} = spawnSync('/usr/bin/setpriv', [...nobody, process.execPath, join(packageRoot, 'pipeline', 'cli.ts'), 'doctor', '--for', 'edit', '--install'], {
    cwd: join(machine.folder, 'project'), env: {PATH: join(machine.folder, 'bin'), HOME: '/nonexistent', NO_COLOR: '1'}, encoding: 'utf8',
  })
  t.is(status, 1)
  t.regex(stderr, /installing takes root, and sudo does not give it without a password/)
  t.true(stderr.includes('sudo apt-get install -y --no-install-recommends qemu-utils'))
  await t.throwsAsync(machine.calls(), {code: 'ENOENT'})
})

test('for a target the place is looked at as well', async (t) => {
  const folder = join(await tempDir(t), 'a b')
  await mkdir(join(folder, 'tree'), {recursive: true})
  await writeFile(join(folder, 'tree', 'Makefile'), '')
  await writeTarget(folder, 'mine', 'source: {path: ../tree}\n')
  const {stdout, code} = await cli(['doctor', 'mine'], {cwd: folder})
  t.is(code, 1)
  t.regex(stdout, /^✗ path\s+" " in .*a b.*: make cannot build there$/m)
  t.regex(stdout, /^✓ disk\s+.* free in /m)
  t.regex(stdout, /^✓ memory\s+.* jobs?: /m)
})

test('what nobody can look for is a wrong command line', async (t) => {
  const machine = await Machine.make(t)
  t.is((await machine.doctor('--for', 'fun')).code, 2)
  t.is((await machine.doctor('nosuchtarget')).code, 2)
})
