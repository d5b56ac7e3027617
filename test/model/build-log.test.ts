import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {causeOf} from '../../pipeline/model/build-cause.ts'
import {distinct, firstError, parseBuildLine, scene} from '../../pipeline/model/build-log.ts'

test('lines of a quiet make', (t) => {
  t.deepEqual(parseBuildLine(' make[3] -C package/libs/zlib compile'), {kind: 'part', part: 'package/libs/zlib', goal: 'compile'})
  t.deepEqual(parseBuildLine(' make[3] -C package/utils/lua host-compile'), {kind: 'part', part: 'package/utils/lua', goal: 'host-compile'})
  t.deepEqual(parseBuildLine(' make[2] package/install'), {kind: 'phase', goal: 'package/install'})
  for (const line of [' make[1] world', ' make[4] scripts/config/conf', 'make[2]: Entering directory \'/o/scripts/config\'', '  CC      net/socket.o', ' make[3] diffconfig buildversion feedsversion', '']) {
    t.is(parseBuildLine(line), undefined, line)
  }
})

test('lines that tell of a failure', (t) => {
  t.deepEqual(parseBuildLine('    ERROR: package/libs/zlib failed to build.'), {kind: 'failure', part: 'package/libs/zlib', host: false, variant: undefined})
  t.deepEqual(parseBuildLine('   ERROR: package/libs/ncurses [host] failed to build.'), {kind: 'failure', part: 'package/libs/ncurses', host: true, variant: undefined})
  t.deepEqual(parseBuildLine('    ERROR: package/network/services/ppp failed to build (build variant: default).'), {kind: 'failure', part: 'package/network/services/ppp', host: false, variant: 'default'})
})

test('a part that several makes tell of failed once', (t) => {
  const failed = {part: 'package/libs/zlib', host: false, variant: undefined}
  t.deepEqual(distinct([failed, {...failed, host: true}, {...failed}]), [failed, {...failed, host: true}])
})

test('the first error is told, not what follows from it', (t) => {
  t.deepEqual(firstError(`checking for error.h... no
  CC       main.o
gate.c:7:10: fatal error: pcap.h: No such file or directory
    7 | #include <pcap.h>
      |          ^~~~~~~~
compilation terminated.
  CC       other.o
other.c:1: error: later
make[5]: *** [Makefile:14: gate.o] Error 1
make[5]: Leaving directory '/o/gate'
make[4]: *** [Makefile:9: all] Error 2
time: package/gate/compile#1.0#0.3#4.9
`), ['gate.c:7:10: fatal error: pcap.h: No such file or directory', '    7 | #include <pcap.h>', '      |          ^~~~~~~~', 'compilation terminated.'])
})

test('where no line looks like an error, what came before the failure is told', (t) => {
  t.deepEqual(firstError(`  AR      lib/built-in.a
x86_64-openwrt-linux-musl-ar: ./ipc/built-in.a: cannot be read

make[6]: *** [scripts/Makefile.build:395: built-in.a] Error 123
make[5]: *** [Makefile:1955: .] Error 2
`), ['x86_64-openwrt-linux-musl-ar: ./ipc/built-in.a: cannot be read', 'make[6]: *** [scripts/Makefile.build:395: built-in.a] Error 123'])
  t.deepEqual(firstError('all went well\n'), [])
})

test('failures that make ignores are not the failure', (t) => {
  t.deepEqual(firstError(`make[3]: *** [Makefile:3: uninstall] Error 1 (ignored)
ld: cannot find -lssl
make[3]: *** [Makefile:9: app] Error 1
`), ['ld: cannot find -lssl'])
})

test('an error that is told only in a command that is printed is none', (t) => {
  const error = firstError(`bash -c 'x || { echo "Hash mismatch for file a.tar.zst: expected 1, got 2"; false; }'
Hash mismatch for file a.tar.zst: expected 12ab, got 34cd
make[2]: *** [Makefile:47: /dl/a.tar.zst] Error 1
`)
  t.deepEqual(error, ['Hash mismatch for file a.tar.zst: expected 12ab, got 34cd'])
})

const reasons: Readonly<Record<string, string>> = {
  'no-space': 'cc1: fatal error: writing /o/a.s: No space left on device',
  'no-memory': 'g++: fatal error: Killed signal terminated program cc1plus',
  'hash-mismatch': 'Hash of the downloaded file does not match (file: 12ab, requested: 34cd) - deleting download.',
  'network': 'curl: (6) Could not resolve host: sources.openwrt.org',
  'stale-configure': 'make[3]: *** No targets specified and no makefile found.  Stop.',
}

for (const [name, line] of Object.entries(reasons)) {
  test(`a usual cause: ${name}`, (t) => {
    t.is(causeOf(scene(`  CC main.o\n${line}\nmake[2]: *** [Makefile:1: x] Error 1\n`))?.name, name)
  })
}

test('a mirror that failed long before is not the cause', (t) => {
  const log = ['No more mirrors to try - giving up.', ...Array.from({length: 100}, (_, n) => `  CC ${n}.o`), 'a.c:1: error: no', 'make[2]: *** [Makefile:1: x] Error 1'].join('\n')
  t.is(causeOf(scene(log)), undefined)
  t.deepEqual(firstError(log), ['a.c:1: error: no'])
})

/** A folder with logs of real builds in `build-logs/`; they are too large to be shipped. */
const logs = join(process.env['CLOUDWRT_TEST_DATA'] ?? '/nonexistent', 'build-logs')
const isThere = existsSync(logs)

test.runIf(isThere)(`logs of real builds${isThere ? '' : ' (skipped: CLOUDWRT_TEST_DATA names no folder with them)'}`, (t) => {
  const read = (name: string): string => readFileSync(join(logs, name), 'utf8')
  const failed = readdirSync(logs).filter((name) => name.startsWith('failed-'))
  t.true(failed.length > 0)
  for (const name of failed) t.not(firstError(read(name)).length, 0, name)
  t.is(firstError(read('failed-package_network_services_ppp_default_compile.txt'))[0], 'pcap_pcc.c:1:10: fatal error: pcap.h: No such file or directory')
  const lines = read('world-nothing-to-do.log').split('\n').map(parseBuildLine)
  t.is(new Set(lines.flatMap((line) => (line?.kind === 'part' && line.goal === 'compile' && line.part.startsWith('package/') ? [line.part] : []))).size, 44)
})
