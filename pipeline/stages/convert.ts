/**
 * convert: the edited image in every format that the target asks for, with SHA256SUMS and a manifest.
 *
 * Each file is written beside its place, hashed, and renamed; the manifest comes last. Files of an older manifest that are
 * no longer asked for go away; nothing else in the folder is touched.
 */
import {createHash} from 'node:crypto'
import {mkdir, open, readFile, rename, rm, stat} from 'node:fs/promises'
import {basename} from 'node:path'
import {besideOf, writeAtomic, writeJson} from '../base/atomic-file.ts'
import {isMissing} from '../base/errors.ts'
import {hashFile} from '../base/hash-file.ts'
import {isRecord, type Json} from '../base/json.ts'
import {packageVersion} from '../base/package-root.ts'
import type {Built} from '../model/build-outputs.ts'
import type {FeedRecord} from '../model/feeds-record.ts'
import type {Format} from '../model/formats.ts'
import type {Artifact, Manifest} from '../model/manifest.ts'
import type {Recipe} from '../model/recipe.ts'
import type {SourceRecord} from '../model/source-record.ts'
import type {Stage, StageContext} from '../model/stage.ts'
import type {Workspace} from '../model/workspace.ts'
import {writeFormat} from './convert/formats.ts'

export const convert: Stage = {
  name: 'convert',
  does: 'write the formats asked for, checksums and manifest',
  needs: ['clone', 'feeds', 'configure', 'build', 'edit'],
  version: 1,
  inputs: (recipe) => ({formats: recipe.image.formats, description: recipe.description, asked: {...askedOf(recipe)}, tool: packageVersion()}),
  outputs: (recipe, workspace) => [...recipe.image.formats.map((format) => workspace.image(imageName(recipe, format))), workspace.checksums, workspace.manifest],
  async run(context) {
    const {recipe, workspace} = context
    await mkdir(workspace.images, {recursive: true})
    const artifacts: Artifact[] = []
    for (const format of recipe.image.formats) artifacts.push(await writeArtifact(context, format))
    await removeFormer(workspace, artifacts)
    await writeAtomic(workspace.checksums, artifacts.map(({name, sha256}) => `${sha256}  ${name}\n`).join(''))
    await writeJson(workspace.manifest, await manifestOf(recipe, workspace, artifacts))
  },
}

/** The name of a finished image: `TARGET.qcow2`; a raw one is `TARGET.img`, as everybody calls it. */
export function imageName({target}: Pick<Recipe, 'target'>, format: Format): string {
  return `${target}.${format.replace(/^raw/, 'img')}`
}

/** The manifest of a target that was built. */
export async function readManifest(path: string): Promise<Manifest> {
  return readJson<Manifest>(path)
}

async function writeArtifact(context: StageContext, format: Format): Promise<Artifact> {
  const {recipe, workspace} = context
  const name = imageName(recipe, format)
  const beside = besideOf(workspace.image(name))
  try {
    await writeFormat(context, workspace.edited, beside, format)
    await sync(beside)
    const [{size: bytes}, {size: virtualSize}, {sha256, sha512}] = await Promise.all([stat(beside), stat(workspace.edited), hashFile(beside, ['sha256', 'sha512'])])
    await rename(beside, workspace.image(name))
    return {name, format, bytes, virtualSize, sha256, sha512}
  } finally {
    await rm(beside, {force: true})
  }
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r')
  await file.sync()
}

/** Takes away what the manifest before this one lists and this one does not. */
async function removeFormer(workspace: Workspace, artifacts: readonly Artifact[]): Promise<void> {
  const names = new Set(artifacts.map(({name}) => name))
  for (const name of await formerNames(workspace.manifest)) {
    // a name out of a file that anybody may have written: never a path
    if (!names.has(name) && name === basename(name)) await rm(workspace.image(name), {force: true})
  }
}

async function formerNames(manifest: string): Promise<readonly string[]> {
  try {
    const value: unknown = JSON.parse(await readFile(manifest, 'utf8'))
    const artifacts = isRecord(value) && Array.isArray(value['artifacts']) ? value['artifacts'] : []
    return artifacts.flatMap((artifact: unknown) => (isRecord(artifact) && typeof artifact['name'] === 'string' ? [artifact['name']] : []))
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return []
    throw error
  }
}

async function manifestOf(recipe: Recipe, workspace: Workspace, artifacts: readonly Artifact[]): Promise<Manifest> {
  const [source, feeds, built, edit, config] = await Promise.all([
    readJson<SourceRecord>(workspace.source), readJson<readonly FeedRecord[]>(workspace.feeds), readJson<Built>(workspace.built),
    readJson<Json>(workspace.editRecord), readFile(workspace.finalConfig),
  ])
  const {path: _path, mirror: _mirror, ...sourceRecord} = source
  const {image, sha256, size, release, revision, kernel, packages} = built
  return {
    schema: 1,
    tool: {name: 'cloudwrt', version: packageVersion()},
    target: recipe.target,
    description: recipe.description,
    source: sourceRecord,
    feeds: feeds.map((feed) => (feed.commit === undefined ? {...feed, url: basename(feed.url)} : feed)),
    asked: askedOf(recipe),
    config: {sha256: createHash('sha256').update(config).digest('hex')},
    built: {name: basename(image), bytes: size, sha256, release, revision, kernel},
    packages,
    edit,
    artifacts,
  }
}

function askedOf({platform, packages, config, image}: Recipe): Manifest['asked'] {
  return {platform, packages, config, image}
}

async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(path, 'utf8')) as Value
}
