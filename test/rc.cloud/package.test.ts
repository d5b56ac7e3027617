import {execFileSync, spawnSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {findProgram} from '../../pipeline/tools/run.ts'
import {rcCloud} from '../helpers/cloud-root.ts'
import {openwrtApplets} from '../helpers/openwrt-applets.ts'
import {strangers} from '../helpers/shell-words.ts'
import {tempDir} from '../helpers/temp.ts'

const KiB = 1024

/** What x86/64 has by default beside busybox, what is looked for before it is used, and what preinit has. */
const programs = ['uci', 'ubus', 'partx', 'resize2fs', 'ucode', 'opkg', 'apk', 'uclient-fetch', 'wget', 'reload_config', 'dropbearkey', 'boot_hook_add']

/** The package as its own Makefile makes it, by the demo's include files: its archive, and the folder that it is installed from. */
async function packed(t: ExecutionContext): Promise<{archive: string; root: string; files: readonly string[]}> {
  const folder = await tempDir(t)
  const [build, archives] = [join(folder, 'build'), join(folder, 'packages')]
  const tree = join(packageRoot, 'targets', 'demo', 'openwrt')
  execFileSync('make', ['-s', '-C', rcCloud, `TOPDIR=${tree}`, `BUILD_DIR=${build}`, `PACKAGE_DIR=${archives}`, 'BUILD_ALL=1', 'compile'], {stdio: 'pipe'})
  const root = join(build, 'rc.cloud-1.0', 'ipkg-all', 'rc.cloud')
  const files = execFileSync('find', ['.', '-type', 'f', '-not', '-path', './usr/lib/opkg/*', '-printf', '%P\n'], {cwd: root, encoding: 'utf8'}).trim().split('\n').sort()
  return {archive: join(archives, 'rc.cloud.tar'), root, files}
}

const ofShell = (files: readonly string[]): string[] => files.filter((name) => /\.sh$|\/(?:init\.d|sbin|preinit)\//.test(name))

test('the package is small, and has what it should in the modes that it should', async (t) => {
  const {archive, root, files} = await packed(t)
  const installed = files.reduce((sum, name) => sum + readFileSync(join(root, name)).length, 0)
  const compressed = Number(execFileSync('sh', ['-c', 'tar --sort=name --owner=0 --group=0 --mtime=@0 --exclude=./usr/lib/opkg -C "$1" -cf - . | gzip -9n | wc -c', 'sh', root], {encoding: 'utf8'}))
  t.log(`${installed} bytes in ${files.length} files, ${compressed} as data.tar.gz`)
  t.true(installed <= 48 * KiB, `${installed} bytes installed`)
  // the aim is 16 KiB; this holds what has been reached
  t.true(compressed <= 19.5 * KiB, `${compressed} bytes compressed`)

  const listed = execFileSync('tar', ['-tvf', archive, '--numeric-owner'], {encoding: 'utf8'}).trim().split('\n').map((line) => line.split(/\s+/))
  for (const [mode = '', owner, , , , name = ''] of listed) {
    const expected = name.endsWith('/') ? 'drwxr-xr-x' : /\/(init\.d|sbin)\//.test(name) ? '-rwxr-xr-x' : '-rw-r--r--'
    t.deepEqual([mode, owner], [expected, '0/0'], name)
  }
  for (const name of ['etc/init.d/rc.cloud', 'lib/preinit/79_rc_cloud_grow', 'usr/sbin/rc.cloud', 'usr/lib/rc.cloud/parse.awk']) t.true(files.includes(name), name)
  // what is in the folder of sources is all there, and nothing else
  const sources = readdirSync(join(rcCloud, 'files'), {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile()).map((entry) => relative(join(rcCloud, 'files'), join(entry.parentPath, entry.name)))
  const awks = readdirSync(join(rcCloud, 'lib')).filter((name) => name.endsWith('.awk')).map((name) => `usr/lib/rc.cloud/${name}`)
  t.deepEqual(files, [...sources, ...awks, 'usr/lib/rc.cloud/lib.sh'].sort())
  t.regex(readFileSync(join(root, 'usr/lib/opkg/info/rc.cloud.control'), 'utf8'), /^Depends: libc\n/m)
  t.is(readFileSync(join(root, 'lib/upgrade/keep.d/rc.cloud'), 'utf8'), '/etc/rc.cloud/\n')
})

test('what is installed can be read by ash, dash and awk', async (t) => {
  const {root, files} = await packed(t)
  for (const name of ofShell(files)) {
    for (const [shell = '', ...args] of [['/bin/busybox', 'ash', '-n'], ['dash', '-n']]) {
      const {status, stderr} = spawnSync(shell, [...args, join(root, name)], {encoding: 'utf8'})
      t.deepEqual([status, stderr], [0, ''], `${shell}: ${name}`)
    }
  }
  // awk has no -n: a program that is read whole, and then given nothing
  for (const name of files.filter((file) => file.endsWith('.awk'))) {
    const {stderr} = spawnSync('/bin/busybox', ['awk', '-f', join(root, name), '/dev/null'], {encoding: 'utf8', input: ''})
    t.notRegex(stderr, /^awk: /m, name)
  }
})

const hasShellcheck = findProgram('shellcheck') !== undefined
test.runIf(hasShellcheck)(`shellcheck has nothing against the sources${hasShellcheck ? '' : ' (skipped: no shellcheck)'}`, async (t) => {
  const {files} = await packed(t)
  const sources = [...ofShell(files).filter((name) => !name.endsWith('lib.sh')).map((name) => join('files', name)), ...readdirSync(join(rcCloud, 'lib')).filter((name) => name.endsWith('.sh')).map((name) => join('lib', name))]
  const {stdout} = spawnSync('shellcheck', ['-s', 'dash', '-S', 'style', '-f', 'gcc', ...sources], {cwd: rcCloud, encoding: 'utf8'})
  t.is(stdout, '')
})

test('only programs are called that every OpenWrt has', async (t) => {
  const {root, files} = await packed(t)
  const sources = Object.fromEntries(ofShell(files).map((name) => [name, readFileSync(join(root, name), 'utf8')]))
  t.deepEqual(strangers(sources, [...openwrtApplets, ...programs]), [])
})

test('nothing is evaluated, and nothing sourced but what the package and OpenWrt bring', async (t) => {
  const {root, files} = await packed(t)
  for (const name of ofShell(files)) {
    for (const line of readFileSync(join(root, name), 'utf8').split('\n')) {
      t.notRegex(line, /(?:^|[\s;&|({!])eval\s/, name)
      const sourced = /(?:^|[;&|({!]\s*|\b(?:then|do|else)\s+)\.\s+(\S+)/.exec(line)?.[1]
      if (sourced !== undefined) t.regex(sourced, /^"?(?:\$LIB\/|\/usr\/lib\/rc\.cloud\/|\/lib\/functions(?:\.sh|\/))(?:[\w.-]|\$SOURCE)+"?;?$/, `${name}: ${line}`)
    }
  }
  for (const name of files.filter((file) => file.endsWith('.awk'))) t.notRegex(readFileSync(join(root, name), 'utf8'), /\bsystem\s*\(|\|\s*getline/, name)
})

/*
 * What Debian's busybox cannot show: 1.33 (OpenWrt 21.02) takes a name before an opening bracket for a call, even with a blank between
 * them, and from 1.37 on (25.12) the replacement \n of sub() is n. \\& is the match behind a backslash in all of them.
 */
test('awk is written in what every busybox reads in one way', async (t) => {
  const {root, files} = await packed(t)
  for (const name of files) {
    const text = readFileSync(join(root, name), 'utf8')
    for (const [call, replacement = ''] of text.matchAll(/\bg?sub\((?:\/(?:[^/\\\n]|\\.)*\/|[^,\n]+), "((?:[^"\\\n]|\\.)*)"/g)) {
      t.notRegex(replacement.replaceAll('\\\\\\\\&', ''), /\\\\/, `${name}: ${call}`)
    }
    for (const program of name.endsWith('.awk') ? [text] : (text.match(/\bawk '[^']*'/g) ?? [])) {
      const calls = program.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""').match(/(?<![\w"])(?!(?:if|for|while|in|print|printf|return|getline|delete|switch)\b)[A-Za-z_]\w* \(/g)
      t.deepEqual(calls ?? [], [], name)
    }
  }
})

test('a program is seen wherever it is called', (t) => {
  const text = `
    f() { A=1 stat "$1" | base64; } # od
    case $x in timeout | od) "$(shuf "$y")" ;; seq) ;; esac
    if ! setsid ls 'wget
      wget' && [ "$(tac a)" ]; then nproc; fi
    cat <<-'TEXT' | rev
      xxd is here
    TEXT
    echo "dirname" $((1 + nl)); (expand); { fold; }`
  t.deepEqual(strangers({text}, ['ls', 'cat']), ['stat', 'base64', 'shuf', 'setsid', 'tac', 'nproc', 'rev', 'expand', 'fold'].map((word) => `text: ${word}`))
})
