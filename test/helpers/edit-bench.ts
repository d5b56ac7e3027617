import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {ProblemCode} from '../../pipeline/model/catalogue.ts'
import type {EditRecord} from '../../pipeline/model/edit-record.ts'
import type {EditorName, Recipe} from '../../pipeline/model/recipe.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {edit} from '../../pipeline/stages/edit.ts'
import {loop} from '../../pipeline/stages/edit/loop.ts'
import {fsckCode, makeDisk, treeOf, type Disk, type DiskOptions} from './disk.ts'
import {writeFiles, type Files} from './files.ts'
import {makeRecipe, makeWorkspace} from './recipe.ts'
import {runStage, type StageRun} from './stage.ts'
import {tempDir} from './temp.ts'

export const MiB = 2 ** 20

/** Why the loop editor cannot be tested here. */
export const noLoop = loop.unavailable()
const why = noLoop === undefined ? '' : ` (skipped: the loop editor ${noLoop})`

/** Each editor, with what declares a test of it. */
export const editors: readonly {readonly editor: EditorName; readonly tested: (title: string, body: (t: ExecutionContext) => Promise<void>) => void}[] = [
  {editor: 'userspace', tested: test},
  {editor: 'loop', tested: testWithLoop},
]

/** A test that mounts. */
export function testWithLoop(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  if (noLoop === undefined) test(title, body)
  else test.skip(title + why, body)
}

export const key = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]).toString('base64')} me@here`

/** A workspace in which `build` has made a disk. */
export class Bench {
  readonly folder: string
  readonly disk: Disk
  recipe: Recipe

  constructor(folder: string, options: DiskOptions = {}, root: Partial<Recipe['root']> = {}) {
    this.folder = folder
    this.disk = makeDisk(folder, 'disk.img', options)
    this.recipe = makeRecipe({image: {...makeRecipe().image, root: (options.size ?? 16) * MiB}, root: {password: {kind: 'keep'}, keys: [], overlays: [], ...root}})
    mkdirSync(this.workspace.root, {recursive: true})
    writeFileSync(this.workspace.secretKey, Buffer.alloc(32, 1))
  }

  get workspace(): Workspace {
    return makeWorkspace(this.folder, this.recipe)
  }

  get record(): EditRecord {
    return JSON.parse(readFileSync(this.workspace.editRecord, 'utf8')) as EditRecord
  }

  get edited(): Disk {
    return {path: this.workspace.edited, offset: this.disk.offset}
  }

  get tree(): Record<string, string> {
    return treeOf(this.edited, this.folder)
  }

  set(root: Partial<Recipe['root']>, size = this.recipe.image.root): void {
    this.recipe = {...this.recipe, image: {...this.recipe.image, root: size}, root: {...this.recipe.root, ...root}}
  }

  overlay(name: string, files: Files, dress?: (folder: string) => void): {name: string; path: string} {
    const path = join(this.folder, 'overlays', name)
    mkdirSync(path, {recursive: true})
    writeFiles(path, files)
    dress?.(path)
    return {name, path}
  }

  async run(image = this.disk.path, signal?: AbortSignal): Promise<StageRun> {
    writeFileSync(this.workspace.built, JSON.stringify({image, sha256: this.#built(image)}))
    return runStage(edit, this.recipe, this.workspace, signal)
  }

  /** What `build` says of its image. */
  #built(image: string): string {
    return existsSync(image) && statSync(image).isFile() ? createHash('sha256').update(readFileSync(image)).digest('hex') : ''
  }

  /** Runs it and expects that it ends well, with a clean file system and nothing left over. */
  async done(t: ExecutionContext, image?: string): Promise<StageRun> {
    const run = await this.run(image)
    t.deepEqual(run.problems.map(({message, tail}) => [message, ...tail]), [])
    t.is(fsckCode(this.edited), 0)
    t.false(existsSync(this.workspace.editFolder))
    return run
  }

  /** Runs it and expects a Problem, no output, and nothing left over. */
  async refused(t: ExecutionContext, code: ProblemCode, pattern: RegExp, image?: string): Promise<void> {
    rmSync(this.workspace.edited, {force: true})
    const {problems} = await this.run(image)
    t.is(problems[0]?.code, code, problems[0]?.message)
    t.regex(problems.map(({message, hint, tail}) => [message, hint, ...tail].join('\n')).join('\n'), pattern)
    t.false(existsSync(this.workspace.edited))
    t.false(existsSync(this.workspace.editFolder))
  }
}

export async function makeBench(t: ExecutionContext, options?: DiskOptions, root?: Partial<Recipe['root']>): Promise<Bench> {
  return new Bench(await tempDir(t), options, root)
}

