import {join} from 'node:path'
import {writeAtomic, writeJson} from '../base/atomic-file.ts'
import {readIfThere} from '../base/if-there.ts'
import {feedContents} from '../model/feed-contents.ts'
import {parseConfig, type Config} from '../model/kconfig.ts'
import {throwAll} from '../model/problem.ts'
import type {Release} from '../model/release.ts'
import {printSeed, seedOf, type Seed} from '../model/seed.ts'
import type {Stage, StageContext} from '../model/stage.ts'
import {defconfig, type Defconfig} from './configure/defconfig.ts'
import {readDeclarations} from './configure/kconfig-files.ts'
import {placeKeys} from './configure/keys.ts'
import {explainLosses, lossesOf, lossProblem, otherPlatform, type ExplainedLoss} from './configure/losses.ts'
import {incompletePackages, readPackages} from './configure/packages.ts'
import {readRelease} from './configure/release.ts'
import {checkPrograms} from './host/programs.ts'
import {kindOf, requireFit} from './host/host.ts'

/**
 * Renders the configuration and checks what OpenWrt makes of it.
 *
 * The seed holds what the recipe wants in the words of the tree's release (`model/symbols.ts`), then the packages, then the symbols of the
 * target's own `config`, which win. `make defconfig` fills in the rest, drops without a word what it cannot satisfy, and falls back
 * to another platform without one too. So each symbol that was asked for is looked up in what came out. One that is missing or different
 * stops the build with its reason, unless `config-allow` names it; a package that needs one which is not there stops it as well.
 *
 * Leaves `config/seed.config`, `config/final.config`, `config/diff.json` and the keys that packages are signed with.
 */
export const configure: Stage = {
  name: 'configure',
  does: 'render the configuration and check what OpenWrt makes of it',
  needs: ['clone', 'feeds'],
  version: 1,
  inputs: ({platform, feeds, packages, config, configAllow, image, build, source}, workspace) => ({
    platform, packages, config, configAllow, added: feedContents(feeds.add),
    image: {root: image.root, boot: image.boot, firmware: image.firmware, console: image.console},
    ccache: build.ccache ? workspace.ccache : null,
    downloads: source.kind === 'tree' ? null : workspace.downloads,
    keys: build.keys === undefined ? null : {$contents: build.keys},
  }),
  outputs: (_recipe, {seedConfig, finalConfig, configDiff, keyRecord, tree}) => [seedConfig, finalConfig, configDiff, keyRecord, join(tree, '.config')],
  async run(context) {
    const {recipe, workspace, run, emit} = context
    const {purpose} = kindOf(recipe, workspace)
    requireFit(await checkPrograms([purpose], run))
    const release = await readRelease(workspace.tree)
    const seed = renderSeed(context, release)
    await keepForeign(context)
    const text = printSeed(seed)
    await writeAtomic(workspace.seedConfig, text)
    const result = await defconfig(text, {run, tree: workspace.tree, home: workspace.home, purpose, log: workspace.log('configure')})
    await writeAtomic(workspace.finalConfig, result.text)
    const config = parseConfig(result.text)
    const losses = await check(context, release, seed, config, result)
    for (const {symbol, why} of losses) emit({type: 'note', text: `${symbol} came out other than asked, as config-allow permits: ${why}`})
    await writeJson(workspace.keyRecord, await placeKeys(recipe, workspace, config, emit))
  },
}

function renderSeed({recipe, workspace, emit}: StageContext, release: Release): Seed {
  const declarations = readDeclarations(workspace.tree)
  const seed = seedOf(recipe, workspace, {release, typeOf: (symbol) => declarations.get(symbol)?.[0]?.type})
  throwAll(seed.problems)
  for (const {symbol, ours, theirs} of seed.overruled) emit({type: 'note', text: `config.${symbol} of the target stands: ${theirs}, where we would say ${ours}`})
  return seed
}

/** A configuration in a tree of the user's own that is not ours is kept before it is written over. */
async function keepForeign({recipe, workspace, emit}: StageContext): Promise<void> {
  if (recipe.source.kind !== 'tree') return
  const found = await readIfThere(join(workspace.tree, '.config'))
  const ours = [await readIfThere(workspace.finalConfig), await readIfThere(workspace.seedConfig)]
  if (found === undefined || ours.includes(found)) return
  await writeAtomic(workspace.foundConfig, found)
  emit({type: 'note', text: `the .config that was in ${workspace.tree} is kept as ${workspace.foundConfig}`})
}

/** Throws all that did not come out as asked; gives what the target allows to. */
async function check(context: StageContext, release: Release, seed: Seed, got: Config, result: Defconfig): Promise<ExplainedLoss[]> {
  const {recipe, workspace} = context
  const elsewhere = otherPlatform(recipe.platform, got)
  if (elsewhere !== undefined) throw elsewhere
  const losses = await explain(context, release, seed, got, result)
  await writeJson(workspace.configDiff, {release, overruled: seed.overruled, losses})
  const printed = {path: workspace.seedConfig, text: printSeed(seed)}
  throwAll([
    ...losses.filter(({allowed}) => !allowed).map((loss) => lossProblem(loss, printed)),
    ...await incompletePackages(workspace.tree, result.missing, got),
  ])
  return losses
}

async function explain({recipe, workspace}: StageContext, release: Release, seed: Seed, got: Config, {complaints}: Defconfig): Promise<ExplainedLoss[]> {
  const losses = lossesOf(seed, got)
  if (losses.length === 0) return []
  // read once more: only now the tree has written down its targets and packages
  const evidence = {declarations: readDeclarations(workspace.tree), packages: await readPackages(workspace.tree), got, platform: recipe.platform, release, complaints}
  return explainLosses(losses, seed, recipe.configAllow, evidence)
}
