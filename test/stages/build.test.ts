import {mkdir, readFile, rm, stat, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {build} from '../../pipeline/stages/build.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'
import {runStage, textsOf, type StageRun} from '../helpers/stage.ts'
import {tempDir} from '../helpers/temp.ts'
import {binaries, imageName, makesImage, makeTree, type TreeScripts} from '../helpers/tree.ts'

const messages = ({problems}: StageRun): string[] => problems.map(({code, message}) => `${code}: ${message}`)

/** A configured tree whose make does what a test says. */
class Bench {
  readonly recipe: Recipe
  readonly workspace: Workspace

  constructor(folder: string, changes: Partial<Recipe> = {}) {
    this.recipe = makeRecipe(changes)
    this.workspace = makeWorkspace(folder, this.recipe)
  }

  async build(scripts: TreeScripts, {files = {}, signal}: {readonly files?: Readonly<Record<string, string>>; readonly signal?: AbortSignal} = {}): Promise<StageRun> {
    const {tree, finalConfig, keyRecord} = this.workspace
    await makeTree(tree, scripts, files)
    await mkdir(join(this.workspace.root, 'config'), {recursive: true})
    await writeFile(finalConfig, 'CONFIG_BUILD_LOG=y\nCONFIG_PACKAGE_zlib=y\n')
    await writeFile(keyRecord, '{"kind": "none"}\n')
    return runStage(build, this.recipe, this.workspace, signal)
  }

  async built(): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(this.workspace.built, 'utf8')) as Record<string, unknown>
  }
}

async function bench(t: ExecutionContext, changes?: Partial<Recipe>): Promise<Bench> {
  return new Bench(await tempDir(t), changes)
}

/** Fails like a part of OpenWrt's tree: a log in its folder, a line that says which. */
function fails(part: string, log: string, goal = 'compile'): string {
  return `mkdir -p logs/${part}\ncat > logs/${part}/${goal}.txt <<'END'\n${log}\nmake[2]: *** [Makefile:63: /o/x.o] Error 1\nEND\necho ' make[3] -C ${part} ${goal}'\necho '    ERROR: ${part} failed to build.'\n`
}

test('the image is found, described and copied out of the tree', async (t) => {
  const b = await bench(t)
  t.deepEqual(messages(await b.build({})), [])
  const {image, sha256, size, ...rest} = await b.built()
  t.is(image, join(b.workspace.builtFolder, imageName))
  t.is(await readFile(String(image), 'utf8'), 'an image')
  t.is(size, 8)
  t.regex(String(sha256), /^[\da-f]{64}$/)
  t.deepEqual(rest, {
    release: '24.10.5', revision: 'r28739-d9340319c6', kernel: '6.6.119',
    packages: [{name: 'base-files', version: '1~abc'}, {name: 'kernel', version: '6.6.119~9f-r1'}],
    buildinfo: {'version.buildinfo': 'r28739-d9340319c6\n'},
  })
})

test('a build with nothing to do gives the same, to the byte', async (t) => {
  const b = await bench(t)
  await b.build({})
  const [before, image] = [await readFile(b.workspace.built, 'utf8'), join(b.workspace.tree, binaries, imageName)]
  await utimes(image, 1000, 1000)
  t.deepEqual(messages(await b.build({world: ':\n'})), [])
  t.is(await readFile(b.workspace.built, 'utf8'), before)
  t.is((await stat(image)).mtimeMs, 1_000_000, 'the tree is as it was')
})

test('profiles.json says which image it is, whatever it is called', async (t) => {
  const name = 'mine-24.10.5-x86-64-generic-ext4-combined.img'
  const profiles = {version_code: 'r7', linux_kernel: {version: '6.6.1'}, profiles: {generic: {images: [
    {name: 'mine-squashfs-combined.img', type: 'combined', filesystem: 'squashfs'}, {name, type: 'combined', filesystem: 'ext4'}, {name: 'mine-rootfs.img', type: 'rootfs', filesystem: 'ext4'},
  ]}}}
  const b = await bench(t)
  t.deepEqual(messages(await b.build({world: `${makesImage}for name in ${name} mine-squashfs-combined.img mine-rootfs.img; do echo $name > ${binaries}/$name; done\necho '${JSON.stringify(profiles)}' > ${binaries}/profiles.json\n`})), [])
  t.like(await b.built(), {image: join(b.workspace.builtFolder, name), revision: 'r7', kernel: '6.6.1'})
})

test('an image of an earlier build is not taken for that of this one', async (t) => {
  const b = await bench(t)
  await b.build({})
  await utimes(join(b.workspace.tree, binaries, imageName), 1000, 1000)
  const trial = await b.build({world: `echo x > ${binaries}/openwrt-x86-64-generic-squashfs-combined.img\n`})
  t.deepEqual(messages(trial), [`image-missing: ${join(b.workspace.tree, binaries, imageName)} is from an earlier build; this one made openwrt-x86-64-generic-squashfs-combined.img`])
})

test('no image, or not the one that was built', async (t) => {
  const b = await bench(t)
  t.regex(messages(await b.build({world: ':\n'}))[0] ?? '', /^image-missing: the build ended well, but .* has no .*ext4-combined\.img.*: it has no image at all$/)
  t.regex(messages(await b.build({world: `${makesImage}echo more >> ${binaries}/${imageName}\n`}))[0] ?? '', /^image-missing: .* is not the file that was built: its SHA-256 is .*, but sha256sums says/)
})

test('a part that fails is told with its first error, its log and how to see more', async (t) => {
  const b = await bench(t)
  const trial = await b.build({world: `${fails('package/libs/zlib', 'gate.c:7:10: fatal error: pcap.h: No such file or directory\n    7 | #include <pcap.h>')}exit 2\n`})
  t.deepEqual(messages(trial), ['build-failed: package/libs/zlib failed to build: gate.c:7:10: fatal error: pcap.h: No such file or directory'])
  const [problem] = trial.problems
  t.deepEqual(problem?.tail, ['gate.c:7:10: fatal error: pcap.h: No such file or directory', '    7 | #include <pcap.h>'])
  t.is(problem?.log, join(b.workspace.tree, 'logs/package/libs/zlib/compile.txt'))
  t.is(problem?.hint, `To see every command: make -C ${b.workspace.tree} package/libs/zlib/compile -j1 V=s`)
})

test('variants, tools of the building machine and traces of make have logs of their own', async (t) => {
  const b = await bench(t)
  const trial = await b.build({world: `
mkdir -p logs/package/ppp/default logs/package/lua
printf 'a.c:1: error: of the variant\\nmake[2]: *** [x] Error 1\\n' > logs/package/ppp/default/compile.txt
printf 'b.c:1: error: of the host\\nmake[2]: *** [x] Error 1\\n' > logs/package/lua/host-compile.txt
printf 'c.c:1: error: of the target\\nmake[2]: *** [x] Error 1\\n' > logs/package/lua/compile.txt
printf 'error: Considering target file\\nmake[2]: *** [x] Error 1\\n' > logs/package/lua/check-host-compile.txt
echo '    ERROR: package/ppp failed to build (build variant: default).'
echo '    ERROR: package/lua [host] failed to build.'
echo '    ERROR: package/lua [host] failed to build.'
exit 2\n`})
  t.deepEqual(messages(trial), [
    'build-failed: package/ppp (variant default) failed to build: a.c:1: error: of the variant',
    'build-failed: package/lua (for the building machine) failed to build: b.c:1: error: of the host',
  ])
})

test('a usual cause is told in words', async (t) => {
  const b = await bench(t)
  const trial = await b.build({world: `${fails('toolchain/gcc/final', 'g++: fatal error: Killed signal terminated program cc1plus')}exit 2\n`})
  t.deepEqual(messages(trial), ['build-failed: toolchain/gcc/final failed to build: there is too little memory'])
  t.regex(trial.problems[0]?.hint ?? '', /build\.jobs: 1/)
})

test('a step that fails without a part is asked again, aloud', async (t) => {
  const b = await bench(t)
  const trial = await b.build({
    world: "echo ' make[2] package/compile'; echo ' make[2] package/install'; exit 2\n",
    goals: {'package/install': '[ "$V" = s ]\necho "ERROR: unable to select packages:"; echo "  jq (no such package):"; exit 1\n'},
  })
  t.deepEqual(messages(trial), ['build-failed: make failed in package/install: ERROR: unable to select packages:'])
  t.deepEqual(trial.problems[0]?.tail.slice(0, 2), ['ERROR: unable to select packages:', '  jq (no such package):'])
})

test('what could not be fetched is tried once more, then named, though make says that all is well', async (t) => {
  const network = fails('package/libs/libmd', 'Download failed.\nNo more mirrors to try - giving up.\nmake[2]: *** [Makefile:48: /cache/dl/libmd-1.1.0.tar.xz] Error 2', 'download')
  const b = await bench(t)
  const failed = await b.build({download: `echo x >> tries\n${network}`})
  t.deepEqual(messages(failed), ['download-failed: libmd-1.1.0.tar.xz (package/libs/libmd) could not be fetched: no mirror gave the file'])
  t.deepEqual(textsOf(failed, 'warning'), ['libmd-1.1.0.tar.xz (package/libs/libmd) could not be fetched: trying once more'])
  t.is(await readFile(join(b.workspace.tree, 'tries'), 'utf8'), 'x\nx\n')
  await rm(join(b.workspace.tree, 'tries'))
  const mended = await b.build({download: `if [ -e tries ]; then exit 0; fi\necho x >> tries\n${network}`})
  t.deepEqual(messages(mended), [])
})

test('a file with another hash is not tried again', async (t) => {
  const b = await bench(t)
  const trial = await b.build({download: `echo x >> tries\n${fails('package/system/uci', 'Hash mismatch for file uci-1.tar.zst: expected 12ab, got 34cd\nmake[2]: *** [Makefile:47: /cache/dl/uci-1.tar.zst] Error 1', 'download')}`})
  t.deepEqual(messages(trial), ['download-failed: uci-1.tar.zst (package/system/uci) could not be fetched: what was downloaded is not what the package expects'])
  t.deepEqual(trial.problems[0]?.tail, ['Hash mismatch for file uci-1.tar.zst: expected 12ab, got 34cd'])
  t.is(await readFile(join(b.workspace.tree, 'tries'), 'utf8'), 'x\n')
})

test('progress counts the packages that will be compiled, and only those', async (t) => {
  const packageDeps = 'package-$(CONFIG_PACKAGE_zlib) += libs/zlib\n$(curdir)/libs/zlib/compile += $(curdir)/libs/toolchain/compile\n'
  const lines = ['tools/flock compile', 'package/lua host-compile', 'package/libs/toolchain compile', 'package/libs/zlib compile', 'package/libs/zlib compile', 'package/other compile']
  const b = await bench(t)
  const {events} = await b.build({world: lines.map((line) => `echo ' make[3] -C ${line}'\n`).join('') + makesImage}, {files: {'tmp/.packagedeps': packageDeps}})
  t.deepEqual(events.filter((event) => event.type === 'progress').map(({label, done, total}) => `${label} ${done} of ${total}`), [
    'package/libs/toolchain 1 of 2', 'package/libs/zlib 2 of 2', 'package/libs/zlib 2 of 2',
  ])
})

test('jobs are those of the target', async (t) => {
  const b = await bench(t, {build: {jobs: 3, ccache: false, keys: undefined}})
  const trial = await b.build({world: `echo "$MAKEFLAGS" > flags\n${makesImage}`})
  t.regex(await readFile(join(b.workspace.tree, 'flags'), 'utf8'), /-j3/)
  t.true(textsOf(trial, 'note').includes('3 jobs: build.jobs says so'))
})

test('a tree of the user\'s own that is built is left as it is', async (t) => {
  const folder = await tempDir(t)
  const b = new Bench(folder, {source: {kind: 'tree', path: join(folder, 'mine')}})
  t.deepEqual(messages(await b.build({})), [])
  const trial = await b.build({download: 'echo nothing is to be fetched; exit 1\n', world: ':\n'})
  t.deepEqual(messages(trial), [])
  t.is(b.workspace.tree, join(folder, 'mine'))
})

test('what the machine lacks is told before anything begins', async (t) => {
  const b = new Bench(join(await tempDir(t), 'with space'))
  const trial = await b.build({download: 'touch begun\n'})
  t.regex(messages(trial).join('\n'), /^host-unfit: path: " " in .*with space.*: make cannot build there$/m)
  await t.throwsAsync(stat(join(b.workspace.tree, 'begun')), {code: 'ENOENT'})
})

test('what OpenWrt derived from our keys is kept for the next tree', async (t) => {
  const b = await bench(t)
  await b.build({})
  await writeFile(b.workspace.keyRecord, '{"kind": "opkg", "from": "cache"}\n')
  await writeFile(join(b.workspace.tree, 'key-build.ucert'), Buffer.from([0, 255, 1]))
  t.deepEqual((await runStage(build, b.recipe, b.workspace)).problems, [])
  t.deepEqual(await readFile(join(b.workspace.keys, 'opkg', 'key-build.ucert')), Buffer.from([0, 255, 1]))
})

test('an interruption ends make and all below it; the next run goes on', async (t) => {
  const b = await bench(t)
  const stop = new AbortController()
  const running = b.build({world: `if [ -e resumed ]; then ${'\n'}${makesImage}exit 0; fi\ntouch resumed\nsh -c 'echo $$ > pid; exec sleep 60'\n`}, {signal: stop.signal})
  const pid = await waitFor(async () => Number(await readFile(join(b.workspace.tree, 'pid'), 'utf8')))
  stop.abort()
  t.deepEqual(messages(await running), ['interrupted: interrupted'])
  await waitFor(async () => (await isRunning(pid) ? 0 : 1))
  await t.throwsAsync(stat(b.workspace.built), {code: 'ENOENT'})
  t.deepEqual((await runStage(build, b.recipe, b.workspace)).problems, [])
})

/** One that has ended may wait for its new parent to take notice. */
async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')
  return !/\) Z/.test(state)
}

async function waitFor(read: () => Promise<number>): Promise<number> {
  for (let tries = 0; tries < 300; tries += 1) {
    const value = await read().catch(() => 0)
    if (value > 0) return value
    await sleep(50)
  }
  throw new Error('it never came')
}
