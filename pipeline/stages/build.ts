import {constants, copyFile, mkdir, readFile, rename, rm, stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {besideOf, writeJson} from '../base/atomic-file.ts'
import {namesIn, readIfThere} from '../base/if-there.ts'
import {causeOf} from '../model/build-cause.ts'
import {firstError, scene} from '../model/build-log.ts'
import {parseManifest, parseProfiles, type Built} from '../model/build-outputs.ts'
import {parseConfig, unquote, type Config} from '../model/kconfig.ts'
import {partsOf} from '../model/package-parts.ts'
import {Problem, throwAll} from '../model/problem.ts'
import type {Recipe} from '../model/recipe.ts'
import type {Stage, StageContext} from '../model/stage.ts'
import type {Workspace} from '../model/workspace.ts'
import {make} from '../tools/make.ts'
import {download} from './build/download.ts'
import {examine, explainFailures} from './build/failure.ts'
import {findImage, type FoundImage} from './build/image.ts'
import {BuildProgress} from './build/progress.ts'
import {keepDerived, readKeyRecord} from './configure/keys.ts'
import {readRelease} from './configure/release.ts'
import {checkHost, requireFit} from './host/host.ts'
import {chooseJobs} from './host/machine.ts'

/**
 * Compiles the image, and finds it.
 *
 * Looks at the machine first, so that nothing begins that cannot end. `make download` brings all sources before an hour is spent; then `make`
 * with as many jobs as cores and memory bear. OpenWrt keeps a log for each package: of one that fails the first error is told. What was
 * built stays: after a failure or an interruption the next run goes on where this one stopped, and in a tree where nothing is
 * left to do make does nothing. The image is copied out of the tree, since the next build overwrites it there.
 *
 * Leaves `built.json` (see `Built`) and the image in `built/`.
 */
export const build: Stage = {
  name: 'build',
  does: 'compile OpenWrt and find the image',
  needs: ['clone', 'feeds', 'configure'],
  version: 1,
  inputs: ({platform, image}) => ({platform, firmware: image.firmware}),
  outputs: (_recipe, workspace) => [workspace.built, workspace.builtFolder],
  async run(context) {
    const {recipe, workspace, emit} = context
    requireFit(await checkHost(recipe, workspace, context.run))
    const jobs = chooseJobs(recipe.build.jobs)
    emit({type: 'note', text: jobs.why})
    if (process.getuid?.() === 0) emit({type: 'note', text: 'building as root: FORCE_UNSAFE_CONFIGURE=1 is set, since configure scripts refuse it otherwise'})
    const config = parseConfig(await readFile(workspace.finalConfig, 'utf8'))
    const since = Date.now() - clockSlack
    await world(context, config, jobs.count)
    const folder = binariesOf(config, workspace, recipe)
    const image = await findImage(folder, recipe, await readRelease(workspace.tree), since)
    await keepDerived(await readKeyRecord(workspace), workspace)
    await takeImage(folder, image, workspace)
    await writeJson(workspace.built, await describe(folder, image, context))
  },
}

/** File systems keep times a little coarser than the clock. */
const clockSlack = 2000

async function world(context: StageContext, config: Config, jobs: number): Promise<void> {
  const {recipe, workspace, run, emit} = context
  const {tree, home} = workspace
  const logs = unquote(config.get('BUILD_LOG_DIR') ?? '') || join(tree, 'logs')
  const ownLog = workspace.log('build')
  // a tree of the user's own that was built before has what it needs, or fetches what it lacks as it goes
  const builtBefore = recipe.source.kind === 'tree' && await readIfThere(join(binariesOf(config, workspace, recipe), 'sha256sums')) !== undefined
  if (!builtBefore) await download({run, tree, home, jobs, logs, ownLog, emit})
  const progress = new BuildProgress(partsOf(await readIfThere(join(tree, 'tmp', '.packagedeps')) ?? '', config), emit)
  const {exitCode} = await make(run, tree, ['world'], {home, jobs, onLine: progress.onLine})
  if (exitCode === 0) return
  throwAll(explainFailures(await examine(progress.failures, logs), tree, ownLog))
  throw await askAloud(progress.phase ?? 'world', context)
}

/** No part failed, but a step of the whole, such as `package/install`: its reason is only printed when make is asked to be loud. */
async function askAloud(goal: string, {workspace, run}: StageContext): Promise<Problem> {
  const {exitCode, stdout, stderr} = await make(run, workspace.tree, [goal, 'V=s'], {home: workspace.home})
  const log = workspace.log('build')
  if (exitCode === 0) return new Problem('build-failed', `make failed in ${goal}, but not when it was asked again`, {log, hint: 'Run the same command again: it goes on where it stopped.'})
  const error = firstError(`${stdout}\n${stderr}`)
  const cause = causeOf(scene(`${stdout}\n${stderr}`))
  const why = cause?.says ?? error[0]?.trim()
  return new Problem('build-failed', `make failed in ${goal}${why === undefined ? '' : `: ${why}`}`, {tail: error, log, ...(cause === undefined ? {} : {hint: cause.hint})})
}

/** Where images come to lie. BINARY_FOLDER is relative to the tree. */
function binariesOf(config: Config, {tree}: Workspace, {platform}: Recipe): string {
  return join(resolve(tree, unquote(config.get('BINARY_FOLDER') ?? '') || 'bin'), 'targets', platform)
}

/** Copies the image beside its place and renames it into it. Where the file system can, the copy shares its blocks. */
async function takeImage(folder: string, {name}: FoundImage, {builtFolder}: Workspace): Promise<void> {
  const beside = besideOf(builtFolder)
  await mkdir(beside, {recursive: true})
  await copyFile(join(folder, name), join(beside, name), constants.COPYFILE_FICLONE)
  await rm(builtFolder, {recursive: true, force: true})
  await rename(beside, builtFolder)
}

async function describe(folder: string, {name, sha256, size}: FoundImage, {workspace}: StageContext): Promise<Built> {
  const profiles = parseProfiles(await readIfThere(join(folder, 'profiles.json')) ?? '')
  const packages = parseManifest(await newestManifest(folder))
  const buildinfo = await Promise.all(['config.buildinfo', 'feeds.buildinfo', 'version.buildinfo'].map(async (file) => [file, await readIfThere(join(folder, file))] as const))
  const kernel = profiles?.linux_kernel?.version ?? /^[\d.]+\d/.exec(packages.find((entry) => entry.name === 'kernel')?.version ?? '')?.[0]
  return {
    image: join(workspace.builtFolder, name), sha256, size,
    release: (await readRelease(workspace.tree)).name,
    revision: profiles?.version_code ?? (await readIfThere(join(folder, 'version.buildinfo')))?.trim(),
    kernel,
    packages,
    buildinfo: Object.fromEntries(buildinfo.flatMap(([file, text]) => (text === undefined ? [] : [[file, text]]))),
  }
}

/** The folder keeps those of earlier builds under other names. */
async function newestManifest(folder: string): Promise<string> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.manifest'))
  const dated = await Promise.all(names.map(async (name) => ({path: join(folder, name), time: (await stat(join(folder, name))).mtimeMs})))
  const [newest] = dated.sort((a, b) => b.time - a.time)
  return newest === undefined ? '' : readFile(newest.path, 'utf8')
}
