import {configLine, configValue, type KconfigType} from './kconfig.ts'
import {Problem} from './problem.ts'
import type {ConfigValue, Recipe} from './recipe.ts'
import type {Release} from './release.ts'
import {isOptional, spanOf, spellingOf, type Want} from './symbols.ts'
import type {Workspace} from './workspace.ts'

/** Who asks for a symbol. Of two that ask for the same one the later in this list wins. */
export const origins = ['platform', 'image', 'build', 'packages', 'config'] as const
export type Origin = (typeof origins)[number]

export interface Asked {
  readonly symbol: string
  /** As `.config` writes it; see `Config`. */
  readonly value: string
  readonly origin: Origin
}

export interface Seed {
  /** In the order of `origins`, each symbol once. */
  readonly asked: readonly Asked[]
  /** What `config` of the target set otherwise than we would have. */
  readonly overruled: readonly {readonly symbol: string; readonly ours: string; readonly theirs: string}[]
  readonly problems: readonly Problem[]
}

/** What the tree that the seed is for knows. */
export interface SeedContext {
  readonly release: Release
  /** The declared type of a symbol; undefined where the tree does not declare it (yet). */
  readonly typeOf: (symbol: string) => KconfigType | undefined
}

const mebibyte = 1024 * 1024

/** What a recipe wants of the configuration, and for whose sake; undefined: nothing. */
function wantsOf({image, build, source}: Recipe, workspace: Workspace): readonly (readonly [Origin, Want, ConfigValue | undefined])[] {
  return [
    ['platform', 'target', true],
    ['platform', 'subtarget', true],
    ['platform', 'profile', true],
    ['image', 'ext4', true],
    // a machine in a cloud is often cut off; 21.02 and 22.03 have no journal by default
    ['image', 'ext4-journal', true],
    ['image', 'squashfs', false],
    ['image', 'tarball', false],
    ['image', 'gzip', true],
    ['image', 'bios', image.firmware === 'bios'],
    ['image', 'efi', image.firmware === 'efi'],
    // each of these costs time, and fails in the last minute where qemu-img or mkisofs is missing
    ['image', 'iso', false],
    ['image', 'vdi', false],
    ['image', 'vmdk', false],
    ['image', 'vhdx', false],
    ['image', 'boot-size', image.boot / mebibyte],
    ['image', 'root-size', image.root / mebibyte],
    ['image', 'grub-timeout', '0'],
    ['image', 'console', true],
    ['image', 'serial', image.console.serial],
    ['image', 'baud', image.console.baud],
    // kconfig drops most of the following in silence without it
    ['build', 'developer', true],
    ['build', 'ccache', build.ccache],
    ['build', 'ccache-folder', build.ccache ? workspace.ccache : undefined],
    // a tree of the user's own keeps the downloads that it has
    ['build', 'downloads', source.kind === 'tree' ? undefined : workspace.downloads],
    ['build', 'build-log', true],
    // with it a package is rebuilt when the contents of its folder change, not when their times do
    ['build', 'autoremove', true],
    ['build', 'overview', true],
    ['build', 'reproducible', true],
    ['build', 'kernel-user', 'builder'],
    ['build', 'kernel-host', 'buildhost'],
  ]
}

/** All that is asked of `make defconfig` for a recipe, in one release. */
export function seedOf(recipe: Recipe, workspace: Workspace, context: SeedContext): Seed {
  const problems: Problem[] = []
  const asked = new Map<string, Asked>()
  const overruled: {symbol: string; ours: string; theirs: string}[] = []
  const ask = (origin: Origin, symbol: string, wanted: ConfigValue): void => {
    const value = configValue(wanted, context.typeOf(symbol))
    if (value === undefined) return void problems.push(misfit(symbol, wanted, context.typeOf(symbol)))
    const before = asked.get(symbol)
    if (origin === 'config' && before !== undefined && before.value !== value) overruled.push({symbol, ours: before.value, theirs: value})
    asked.delete(symbol)
    asked.set(symbol, {symbol, value, origin})
  }
  for (const [origin, want, wanted] of wantsOf(recipe, workspace)) {
    const spelling = wanted === undefined ? undefined : spellingOf(want, recipe.platform, context.release, (symbol) => context.typeOf(symbol) !== undefined)
    if (spelling !== undefined && wanted !== undefined) ask(origin, spelling.symbol, wanted)
    else if (wanted !== undefined && wanted !== false && !isOptional(want)) problems.push(unsupported(want, context.release))
  }
  for (const name of recipe.packages.add) ask('packages', `PACKAGE_${name}`, true)
  for (const name of recipe.packages.remove) ask('packages', `PACKAGE_${name}`, false)
  for (const [symbol, wanted] of Object.entries(recipe.config)) ask('config', symbol, wanted)
  return {asked: [...asked.values()], overruled, problems}
}

/** The seed as a `.config`: grouped by who asks, the strongest last. */
export function printSeed({asked}: Seed): string {
  return origins.map((origin) => {
    const lines = asked.filter((entry) => entry.origin === origin).map(({symbol, value}) => `${configLine(symbol, value)}\n`)
    return lines.length === 0 ? '' : `# ${origin}\n${lines.join('')}`
  }).join('')
}

function unsupported(want: Want, release: Release): Problem {
  return new Problem('config-unsupported', `OpenWrt ${release.name} has no setting for ${want}: it is there ${spanOf(want)}`, {
    hint: 'Say image otherwise in the target, or take a newer release as source.ref.',
  })
}

function misfit(symbol: string, wanted: ConfigValue, type: KconfigType | undefined): Problem {
  return new Problem('target-invalid', `config.${symbol}: ${JSON.stringify(wanted)} does not fit a symbol of type ${type ?? 'string'}`, {
    hint: typeHints[type ?? 'string'],
  })
}

const typeHints: Readonly<Record<KconfigType, string>> = {
  bool: 'Write true or false.',
  tristate: 'Write true, false or m (a package that is built but not put into the image).',
  int: 'Write a whole number.',
  hex: 'Write a number such as 0x1000.',
  string: 'Write a text in one line; quote what YAML would read as something else.',
}
