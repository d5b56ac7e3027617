import {constants, copyFile, mkdir, readFile, rename, rm, stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {besideOf} from '../../base/atomic-file.ts'
import {namesIn, readIfThere} from '../../base/if-there.ts'
import {parseManifest, parseProfiles, type Built} from '../../model/build-outputs.ts'
import {unquote, type Config} from '../../model/kconfig.ts'
import type {Recipe} from '../../model/recipe.ts'
import type {Release} from '../../model/release.ts'
import type {Workspace} from '../../model/workspace.ts'
import type {FoundImage} from './image.ts'

/** Where images come to lie. BINARY_FOLDER is relative to the tree. */
export function binariesOf(config: Config, {tree}: Workspace, {platform}: Recipe): string {
  return join(resolve(tree, unquote(config.get('BINARY_FOLDER') ?? '') || 'bin'), 'targets', platform)
}

/** Copies the image beside its place and renames it into it. Where the file system can, the copy shares its blocks. */
export async function takeImage(folder: string, {name}: FoundImage, {builtFolder}: Workspace): Promise<void> {
  const beside = besideOf(builtFolder)
  await mkdir(beside, {recursive: true})
  await copyFile(join(folder, name), join(beside, name), constants.COPYFILE_FICLONE)
  await rm(builtFolder, {recursive: true, force: true})
  await rename(beside, builtFolder)
}

const buildinfoFiles = ['config.buildinfo', 'feeds.buildinfo', 'version.buildinfo']

/** What the stages after this one read. */
export async function describeBuild(folder: string, {name, sha256, size}: FoundImage, {name: release}: Release, {builtFolder}: Workspace): Promise<Built> {
  const profiles = parseProfiles(await readIfThere(join(folder, 'profiles.json')) ?? '')
  const packages = parseManifest(await newestManifest(folder))
  const buildinfo = await Promise.all(buildinfoFiles.map(async (file) => [file, await readIfThere(join(folder, file))] as const))
  const kernel = profiles?.linux_kernel?.version ?? /^[\d.]+\d/.exec(packages.find((entry) => entry.name === 'kernel')?.version ?? '')?.[0]
  return {
    image: join(builtFolder, name), sha256, size, release,
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
