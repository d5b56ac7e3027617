import {execFileSync, spawnSync, type SpawnSyncReturns} from 'node:child_process'
import {chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {writeFiles, type Files} from './files.ts'
import {tempDir, type Scope} from './temp.ts'

const packages = join(packageRoot, 'targets', 'demo', 'openwrt', 'package')

export interface Output {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A root of the demo's scripts and Debian's busybox, to be run in namespaces of its own: network, processes, mounts. */
export interface DemoRoot {
  readonly folder: string
  /** Runs a script by busybox's ash as root of the root. What it leaves running ends with it. */
  run(script: string, input?: string): Output
  write(files: Files): void
  read(name: string): string
}

/** Why there can be none on this machine; undefined where there can. */
export const noDemoRoot: string | undefined = reasonAgainst()

function reasonAgainst(): string | undefined {
  const {status, stderr, error} = isolated(['/bin/busybox', 'ip', 'link', 'add', 'x0', 'type', 'veth'])
  return status === 0 ? undefined : `no namespaces or no static busybox: ${error?.message ?? stderr.trim()}`
}

/** Runs a program in namespaces of its own, as any user; a host name it sets is its own, too. */
export function isolated(argv: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync('unshare', ['--map-root-user', '--mount', '--net', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc', ...argv], {
    // unshare itself holds TERM off while it waits
    encoding: 'utf8', input, timeout: 60_000, killSignal: 'SIGKILL', env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin'},
  })
}

export interface RootOptions {
  /** The packages of the demo whose files it has. */
  readonly packages?: readonly string[]
  /** Only these of busybox's applets. */
  readonly applets?: readonly string[]
  /** Files of /sys, in place of the machine's own. */
  readonly sys?: Files
  /** What /proc/cmdline says, in place of the machine's own. */
  readonly cmdline?: string
  /** Shell text that runs in the same namespaces, outside of the root, before the script: $1 is the root's folder. */
  readonly before?: string
}

export async function demoRoot(t: Scope, options: RootOptions = {}): Promise<DemoRoot> {
  const {packages: names = ['base-files', 'uci', 'netifd', 'firewall'], sys, cmdline, before = ''} = options
  const folder = join(await tempDir(t), 'root')
  for (const name of ['bin', 'sbin', 'usr/bin', 'usr/sbin', 'lib64', 'dev', 'proc', 'sys', 'tmp', 'root', 'etc/config', 'etc/rc.d']) mkdirSync(join(folder, name), {recursive: true})
  installBusybox(folder, options.applets)
  installProgram(folder, 'flock')
  for (const name of names) cpSync(join(packages, name, 'files'), folder, {recursive: true})
  symlinkSync('/tmp', join(folder, 'var'))
  if (sys !== undefined) writeFiles(join(folder, 'sys'), sys)
  if (cmdline !== undefined) writeFileSync(join(folder, 'cmdline'), `${cmdline}\n`)
  const mounts = [
    'mount -t proc proc "$1/proc"',
    cmdline === undefined ? '' : 'mount --bind "$1/cmdline" "$1/proc/cmdline"',
    sys === undefined ? 'mount -t sysfs sysfs "$1/sys"' : '',
  ]
  if (names.includes('netifd')) symlinkSync('ifup', join(folder, 'sbin', 'ifdown'))
  return {
    folder,
    run: (script, input) => {
      const {status, stdout, stderr} = isolated(['sh', '-c', [...mounts, enter].join('\n').replace('#before', () => before), 'sh', folder, script], input)
      return {code: status, stdout, stderr}
    },
    write: (files) => writeFiles(folder, files),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
  }
}

/** $1 = root, $2 = script. The devices are few, and there is no log: nothing of the machine's is to be reached. */
const enter = `
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for device in null zero urandom; do : > "$1/dev/$device"; mount --bind /dev/$device "$1/dev/$device"; done
ln -s /proc/self/fd "$1/dev/fd"
#before
exec chroot "$1" /bin/sh -c "export PATH=/usr/sbin:/usr/bin:/sbin:/bin; $2"
`

function installBusybox(folder: string, applets?: readonly string[]): void {
  // As package/busybox does: ash must not run its own ifup and ifdown.
  const program = readFileSync('/bin/busybox').toString('latin1').replace('\0ifdown\0ifup\0', '\0ifdowN\0ifuP\0')
  writeFileSync(join(folder, 'bin', 'busybox'), program, {encoding: 'latin1', mode: 0o755})
  for (const path of execFileSync('/bin/busybox', ['--list-full'], {encoding: 'utf8'}).trim().split('\n')) {
    if (applets !== undefined && !applets.includes(basename(path))) continue
    if (path.includes('/') && !['bin/busybox', 'sbin/init', 'sbin/ifup', 'sbin/ifdown'].includes(path)) symlinkSync('/bin/busybox', join(folder, path))
  }
}

/** A program of this machine with the libraries that it asks for. */
function installProgram(folder: string, name: string): void {
  const path = execFileSync('sh', ['-c', `command -v ${name}`], {encoding: 'utf8'}).trim()
  const libraries = [...execFileSync('ldd', [path], {encoding: 'utf8'}).matchAll(/(\/\S+) \(/g)].map((match) => match[1] ?? '')
  for (const file of [path, ...libraries]) {
    mkdirSync(dirname(join(folder, file)), {recursive: true})
    // not through a link to an applet of the same name: that is to /bin/busybox, of the machine
    rmSync(join(folder, file), {force: true})
    copyFileSync(file, join(folder, file))
    chmodSync(join(folder, file), 0o755)
  }
}

/** Every script of the demo's packages, for those that read them all. */
export function demoScripts(): string[] {
  return readdirSync(packages, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && entry.parentPath.includes('/files'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /\.sh$|^#!.*\bsh\b|^# SPDX[^]*\n(boot_hook_add|\. \/)/m.test(readFileSync(path, 'utf8').slice(0, 4000)))
}
