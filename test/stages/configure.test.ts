import {cp, mkdir, readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {keyKinds} from '../../pipeline/model/signing-key.ts'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {configure} from '../../pipeline/stages/configure.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'
import {runStage, textsOf, type StageRun} from '../helpers/stage.ts'
import {tempDir} from '../helpers/temp.ts'
import {asAsked, makeTree, type TreeScripts} from '../helpers/tree.ts'

interface Trial extends StageRun {
  readonly workspace: Workspace
}

const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'))
const messages = ({problems}: StageRun): string[] => problems.map(({code, message}) => `${code}: ${message}`)

/** Configures the demo tree, whose kconfig knows the words of OpenWrt's, from a fresh copy. */
async function inDemo(t: ExecutionContext, changes: Partial<Recipe>): Promise<Trial> {
  const recipe = makeRecipe(changes)
  const workspace = makeWorkspace(await tempDir(t), recipe)
  await cp(join(packageRoot, 'targets', 'demo', 'openwrt'), workspace.tree, {recursive: true})
  return {...await runStage(configure, recipe, workspace), workspace}
}

/** Configures a tree whose `make defconfig` does what a test says. */
async function inTree(t: ExecutionContext, scripts: TreeScripts, {recipe: changes = {}, files = {}, folder}: {readonly recipe?: Partial<Recipe>; readonly files?: Readonly<Record<string, string>>; readonly folder?: string} = {}): Promise<Trial> {
  const recipe = makeRecipe(changes)
  const workspace = makeWorkspace(folder ?? await tempDir(t), recipe)
  await makeTree(workspace.tree, scripts, files)
  return {...await runStage(configure, recipe, workspace), workspace}
}

test('what was asked for came out: the seed, the result and their difference are kept', async (t) => {
  const trial = await inDemo(t, {config: {GRUB_TITLE: 'mine', GRUB_TIMEOUT: '3'}})
  t.deepEqual(messages(trial), [])
  const [seed, final, tree] = await Promise.all([trial.workspace.seedConfig, trial.workspace.finalConfig, join(trial.workspace.tree, '.config')].map((path) => readFile(path, 'utf8')))
  t.true(seed?.includes('CONFIG_TARGET_ROOTFS_PARTSIZE=64\n'))
  t.true(final?.includes('CONFIG_GRUB_TITLE="mine"\n'))
  t.is(final, tree)
  t.deepEqual(await json(trial.workspace.configDiff), {release: {name: '1', series: 'main'}, overruled: [{symbol: 'GRUB_TIMEOUT', ours: '"0"', theirs: '"3"'}], losses: []})
  t.deepEqual(await json(trial.workspace.keyRecord), {kind: 'none'})
  t.deepEqual(textsOf(trial, 'note'), ['config.GRUB_TIMEOUT of the target stands: "3", where we would say "0"'])
})

test('every loss is told at once, with its reason', async (t) => {
  const trial = await inDemo(t, {
    packages: {add: ['nosuchpackage', 'dropbaer'], remove: ['grub2']},
    config: {QCOW2_IMAGES: true, GRUB_SERIAL: 'ttyS0', VERSION_DIST: 'mine', TARGET_EXT4_BLOCKSIZE: 1024, GRUB_BAUDRATE: 9600},
  })
  t.deepEqual(messages(trial), [
    'config-lost: package nosuchpackage is not in the configuration: neither OpenWrt 1 nor its feeds have such a package',
    'config-lost: package dropbaer is not in the configuration: neither OpenWrt 1 nor its feeds have such a package; did you mean dropbear?',
    'config-lost: package grub2 is to go, but stays: GRUB_IMAGES needs it',
    'config-lost: config.QCOW2_IMAGES was to be on and is not there: OpenWrt never made qcow2 images; image.formats does',
    'config-lost: config.GRUB_SERIAL was to be ttyS0 and is not there: it is called TARGET_SERIAL from 24.10 on',
    'config-lost: config.VERSION_DIST was to be mine and is not there: it needs VERSIONOPT',
    'config-lost: config.TARGET_EXT4_BLOCKSIZE was to be 1024 and is 4096: nobody can set it: it follows from other symbols',
  ])
  const [first] = trial.problems
  t.is(first?.at?.file, trial.workspace.seedConfig)
  t.is((await readFile(trial.workspace.seedConfig, 'utf8')).split('\n')[(first?.at?.line ?? 0) - 1], 'CONFIG_PACKAGE_nosuchpackage=y')
  t.regex(first?.hint ?? '', /config-allow: \[PACKAGE_nosuchpackage\]/)
  t.like(await json(trial.workspace.configDiff), {losses: {length: 7}}, 'kept for whoever looks')
})

test('what the target does against our own symbols is told too', async (t) => {
  const trial = await inDemo(t, {config: {DEVEL: false}})
  t.regex(messages(trial)[0] ?? '', /^config-lost: \w+, set for the build, was to be .*: it needs DEVEL$/)
})

test('a loss that the target allows is only a note', async (t) => {
  const trial = await inDemo(t, {config: {QCOW2_IMAGES: true}, configAllow: ['QCOW2_IMAGES']})
  t.deepEqual(messages(trial), [])
  t.regex(textsOf(trial, 'note').join(), /^QCOW2_IMAGES came out other than asked, as config-allow permits: /)
  t.like(await json(trial.workspace.configDiff), {losses: {0: {symbol: 'QCOW2_IMAGES', allowed: true}}})
})

test('a value that does not fit its type never gets as far as make', async (t) => {
  const trial = await inDemo(t, {config: {TARGET_ROOTFS_PARTSIZE: 'half'}})
  t.deepEqual(messages(trial), ['target-invalid: config.TARGET_ROOTFS_PARTSIZE: "half" does not fit a symbol of type int'])
  await t.throwsAsync(stat(join(trial.workspace.tree, '.config')), {code: 'ENOENT'})
})

test('another platform is told alone: all other losses follow from it', async (t) => {
  const trial = await inTree(t, {defconfig: `printf '%s\\n' 'CONFIG_TARGET_ath79=y' 'CONFIG_TARGET_BOARD="ath79"' 'CONFIG_TARGET_SUBTARGET="generic"' > .config\n`})
  t.deepEqual(messages(trial), ['config-target: this tree does not build x86/64: make defconfig chose ath79/generic in its place'])
})

test('a machine that OpenWrt finds fault with is told in its own words', async (t) => {
  const trial = await inTree(t, {defconfig: `echo "Checking 'nosuch'... failed."; echo "Checking 'gzip'... ok."; echo "Checking 'proper-umask'... failed."; echo 'Build dependency: Please build with umask 022'; exit 1\n`})
  t.deepEqual(messages(trial), ["host-unfit: OpenWrt's own check of this machine failed: nosuch, proper-umask"])
  t.is(trial.problems[0]?.hint, 'Please build with umask 022')
})

test('a failure of make defconfig shows its end, and what an earlier one said is forgotten', async (t) => {
  const trial = await inTree(t, {defconfig: 'cat tmp/.prereq-error 2>/dev/null || true; echo "choice[1-4?]: "; exit 2\n'}, {files: {'tmp/.prereq-error': "Checking 'stale'... failed.\n"}})
  t.deepEqual(messages(trial), ['defconfig-failed: kconfig asks which symbol of a choice is meant, and nobody is there to answer'])
})

test('make gets a HOME of its own, umask 022, a closed stdin and always the seed alone', async (t) => {
  const folder = await tempDir(t)
  const scripts = {defconfig: `[ "$HOME" = '${folder}/project/build/test/home' ] && [ "$(umask)" = 0022 ] && [ "$LC_ALL" = C ]\nread answer && exit 1\ngrep -q EARLIER .config && exit 1\n${asAsked}echo CONFIG_EARLIER=y >> .config\n`}
  t.deepEqual(messages(await inTree(t, scripts, {folder})), [])
  t.deepEqual(messages(await inTree(t, scripts, {folder})), [])
})

test('a configuration that comes out as it was keeps its time', async (t) => {
  const folder = await tempDir(t)
  const times = async (): Promise<number> => {
    const {workspace} = await inTree(t, {}, {folder})
    return (await stat(join(workspace.tree, '.config'))).mtimeMs
  }
  t.is(Math.round(await times()), Math.round(await times()))
})

test('a package of the image that needs one which nobody has stops here', async (t) => {
  const packageInfo = `Source-Makefile: package/feeds/cloud/needy/Makefile\n\nPackage: needy\nDepends: +libc +jq +SELINUX:libselinux\n@@\n`
  const warning = (name: string): string => `echo "WARNING: Makefile 'package/feeds/cloud/needy/Makefile' has a dependency on '${name}', which does not exist" >&2\n`
  const scripts = {defconfig: warning('jq') + warning('libselinux') + asAsked}
  const files = {'tmp/.packageinfo': packageInfo}
  t.deepEqual(messages(await inTree(t, scripts, {files, recipe: {packages: {add: ['needy'], remove: []}}})), ['package-incomplete: package needy needs jq, which neither OpenWrt nor an installed feed has'])
  t.deepEqual(messages(await inTree(t, scripts, {files})), [], 'nobody asked for it')
})

test('a tree that does not say its release is refused', async (t) => {
  t.regex(messages(await inTree(t, {}, {files: {'include/version.mk': 'RELEASE:=Designated Driver\n'}}))[0] ?? '', /^config-unsupported: .*include\/version\.mk does not say which release this is$/)
})

const signs = {opkg: 'CONFIG_SIGNED_PACKAGES=y', apk: 'CONFIG_USE_APK=y'} as const

for (const kind of Object.values(keyKinds)) {
  const scripts = {defconfig: `${asAsked}echo ${signs[kind.name]} >> .config\n`}

  test(`packages for ${kind.name}: a pair is made once for all trees`, async (t) => {
    const folder = await tempDir(t)
    const pairs = await Promise.all(['a', 'b'].map(async (target) => {
      const {workspace, problems} = await inTree(t, scripts, {folder, recipe: {target}})
      t.deepEqual(problems, [])
      t.like(await json(workspace.keyRecord), {kind: kind.name, from: 'cache'})
      t.is((await stat(join(workspace.tree, kind.secret))).mode & 0o777, 0o600)
      return {secret: await readFile(join(workspace.tree, kind.secret), 'utf8'), public: await readFile(join(workspace.tree, kind.public), 'utf8')}
    }))
    t.deepEqual(pairs[0], pairs[1])
    t.is(pairs[0] && kind.complain(pairs[0]), undefined)
  })

  test(`packages for ${kind.name}: the target's own keys are taken, and looked at first`, async (t) => {
    const folder = await tempDir(t)
    const keys = join(folder, 'keys')
    const pair = kind.generate()
    await mkdir(keys)
    await writeFile(join(keys, kind.secret), pair.secret)
    const trial = async (): Promise<Trial> => inTree(t, scripts, {folder, recipe: {build: {jobs: undefined, ccache: false, keys}}})
    t.regex(messages(await trial())[0] ?? '', /^keys-invalid: build\.keys: .* has no /)
    await writeFile(join(keys, kind.public), kind.generate().public)
    t.regex(messages(await trial())[0] ?? '', /does not belong to/)
    await writeFile(join(keys, kind.public), pair.public)
    const {workspace, problems} = await trial()
    t.deepEqual(problems, [])
    t.is(await readFile(join(workspace.tree, kind.secret), 'utf8'), pair.secret)
    t.like(await json(workspace.keyRecord), {from: 'target'})
  })

  test(`packages for ${kind.name}: the keys and the configuration of a user's own tree are kept`, async (t) => {
    const folder = await tempDir(t)
    const tree = join(folder, 'mine')
    const pair = kind.generate()
    const files = {[kind.secret]: pair.secret, [kind.public]: pair.public, '.config': 'CONFIG_TARGET_ath79=y\n'}
    const {workspace, problems} = await inTree(t, scripts, {folder, files, recipe: {source: {kind: 'tree', path: tree}}})
    t.deepEqual(problems, [])
    t.is(workspace.tree, tree)
    t.is(await readFile(join(tree, kind.secret), 'utf8'), pair.secret)
    t.like(await json(workspace.keyRecord), {from: 'tree'})
    t.is(await readFile(workspace.foundConfig, 'utf8'), 'CONFIG_TARGET_ath79=y\n')
  })
}

test('what enters the fingerprint holds no time, and the folder of keys by its contents', (t) => {
  const recipe = makeRecipe({build: {jobs: 3, ccache: true, keys: '/k'}})
  const inputs = configure.inputs(recipe, makeWorkspace('/w', recipe))
  t.like(inputs, {ccache: '/w/cache/ccache', keys: {$contents: '/k'}, image: {firmware: 'bios'}})
  t.deepEqual(inputs, configure.inputs({...recipe, build: {...recipe.build, jobs: 1}, target: 'other', image: {...recipe.image, formats: ['raw']}}, makeWorkspace('/w', recipe)), 'neither jobs nor formats change a configuration')
})

