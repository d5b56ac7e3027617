import test from 'ava'
import type {KconfigType} from '../../pipeline/model/kconfig.ts'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import {covers, main, type Release} from '../../pipeline/model/release.ts'
import {printSeed, seedOf, type Seed} from '../../pipeline/model/seed.ts'
import {spellings} from '../../pipeline/model/symbols.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'

const types: Readonly<Record<string, KconfigType>> = {
  ...Object.fromEntries(spellings.map(({symbol}) => [symbol, 'bool'])),
  TARGET_KERNEL_PARTSIZE: 'int', TARGET_ROOTFS_PARTSIZE: 'int', GRUB_BAUDRATE: 'int', GRUB_TIMEOUT: 'string', GRUB_SERIAL: 'string', TARGET_SERIAL: 'string',
  CCACHE_DIR: 'string', DOWNLOAD_FOLDER: 'string', KERNEL_BUILD_USER: 'string', KERNEL_BUILD_DOMAIN: 'string',
}

/** What is asked of a tree that knows every symbol of ours but some. */
function seed(release: Release, changes: Partial<Recipe> = {}, lacks: readonly string[] = []): Seed {
  const recipe = makeRecipe(changes)
  return seedOf(recipe, makeWorkspace('/w', recipe), {release, typeOf: (symbol) => (lacks.includes(symbol) ? undefined : types[symbol])})
}

const of = (series: string): Release => ({name: `${series}.1`, series})
const symbols = ({asked}: Seed): string[] => asked.map(({symbol}) => symbol)

test('each release is asked in its own words', (t) => {
  for (const series of ['17.01', '18.06', '19.07', '21.02', '22.03', '23.05', '24.10', '25.12']) {
    const asked = symbols(seed(of(series)))
    const later = Number(series) > 21
    t.is(asked.includes('TARGET_x86_64_Generic'), !later, series)
    t.is(asked.includes('TARGET_x86_64_DEVICE_generic'), later, series)
    t.is(asked.includes('GRUB_SERIAL'), Number(series) < 24, series)
    t.is(asked.includes('TARGET_SERIAL'), Number(series) > 24, series)
    t.is(asked.includes('AUTOREMOVE'), series !== '17.01', series)
  }
})

test('no release has two words for one wish', (t) => {
  for (const series of ['17.01', '18.06', '19.07', '21.02', '22.03', '23.05', '24.10', '25.12', 'main']) {
    const wants = spellings.filter((row) => covers(row, {name: series, series})).map(({want, platform}) => `${want} ${platform ?? ''}`)
    t.deepEqual(wants, [...new Set(wants)], series)
  }
})

test('a main of some years ago is asked by what it declares', (t) => {
  const asked = symbols(seed(main, {}, ['TARGET_SERIAL', 'REPRODUCIBLE_DEBUG_INFO']))
  t.true(asked.includes('GRUB_SERIAL'))
  t.false(asked.includes('TARGET_SERIAL'))
  t.false(asked.includes('REPRODUCIBLE_DEBUG_INFO'), 'it does as well without')
})

test('the image, as it is written down', (t) => {
  const recipe = makeRecipe()
  const printed = printSeed(seed(of('24.10'), {image: {...recipe.image, root: 256 << 20, boot: 32 << 20}, packages: {add: ['rc.cloud'], remove: ['ppp']}, config: {GRUB_TITLE: 'mine'}}))
  for (const line of ['CONFIG_TARGET_x86_64_DEVICE_generic=y', 'CONFIG_TARGET_ROOTFS_PARTSIZE=256', 'CONFIG_TARGET_KERNEL_PARTSIZE=32', '# CONFIG_GRUB_EFI_IMAGES is not set',
    'CONFIG_GRUB_TIMEOUT="0"', 'CONFIG_TARGET_SERIAL="ttyS0"', 'CONFIG_DOWNLOAD_FOLDER="/w/cache/dl"', 'CONFIG_PACKAGE_rc.cloud=y', '# CONFIG_PACKAGE_ppp is not set', 'CONFIG_GRUB_TITLE="mine"']) {
    t.true(printed.split('\n').includes(line), line)
  }
  t.deepEqual(printed.match(/^# \w+$/gm), ['# platform', '# image', '# build', '# packages', '# config'], 'the strongest last')
})

test('the symbols of the target win, and it is told', (t) => {
  const {asked, overruled} = seed(of('24.10'), {config: {GRUB_TIMEOUT: '5', TARGET_ROOTFS_PARTSIZE: '300', DEVEL: true}})
  t.deepEqual(asked.filter(({origin}) => origin === 'config').map(({symbol, value}) => `${symbol}=${value}`), ['GRUB_TIMEOUT="5"', 'TARGET_ROOTFS_PARTSIZE=300', 'DEVEL=y'])
  t.is(asked.filter(({symbol}) => symbol === 'GRUB_TIMEOUT').length, 1)
  t.deepEqual(overruled, [{symbol: 'GRUB_TIMEOUT', ours: '"0"', theirs: '"5"'}, {symbol: 'TARGET_ROOTFS_PARTSIZE', ours: '64', theirs: '300'}])
})

test('values that do not fit are all told at once', (t) => {
  const {problems} = seed(of('24.10'), {config: {TARGET_ROOTFS_PARTSIZE: 'half', GRUB_TIMEOUT: true, CCACHE: 'maybe'}})
  t.deepEqual(problems.map(({code, message}) => `${code} ${message}`), [
    'target-invalid config.TARGET_ROOTFS_PARTSIZE: "half" does not fit a symbol of type int',
    'target-invalid config.GRUB_TIMEOUT: true does not fit a symbol of type string',
    'target-invalid config.CCACHE: "maybe" does not fit a symbol of type bool',
  ])
})

test('what a release cannot do is a Problem; what it has not and nobody wants is none', (t) => {
  const image = {...makeRecipe().image, firmware: 'efi' as const}
  t.deepEqual(seed(of('19.07'), {image}).problems.map(({code}) => code), ['config-unsupported'])
  t.regex(seed(of('19.07'), {image}).problems[0]?.message ?? '', /OpenWrt 19\.07\.1 has no setting for efi: it is there from 21\.02 on/)
  t.deepEqual(seed(of('19.07')).problems, [])
})

test('a tree of the user\'s own keeps its downloads', (t) => {
  t.false(symbols(seed(of('24.10'), {source: {kind: 'tree', path: '/t'}})).includes('DOWNLOAD_FOLDER'))
})
