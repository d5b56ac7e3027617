import {packageRoot} from '../base/package-root.ts'
import type {LoadedTarget} from '../config/load-target.ts'
import type {Lock} from '../model/lock.ts'
import type {EditorName, Recipe} from '../model/recipe.ts'
import type {Report} from './reported.ts'
import type {Services} from './services.ts'

/** Reads a target with all that it extends. */
export async function openTarget(name: string, {project}: Pick<Services, 'project'>): Promise<LoadedTarget> {
  const {loadTarget} = await import('../config/load-target.ts')
  return loadTarget(name, {project: project.root, package: packageRoot})
}

export interface RecipeOptions {
  /** Refuse a lock that is not there or does not answer to the target, where it would be made or brought up to date. */
  readonly locked?: boolean
  /** Files with public keys that are added to the target's. */
  readonly key?: readonly string[]
  /** What edits the image, where the target leaves it open. */
  readonly editor?: EditorName
}

/** A target's Recipe. A lock that is missing, or that the target has outgrown, is made for what it lacks, as `cloudwrt lock` does. */
export async function openRecipe(target: LoadedTarget, services: Services, report: Report, {locked = false, ...options}: RecipeOptions): Promise<Recipe> {
  const [{readLock}, {lockAnswers, resolveRecipe}] = await Promise.all([import('../config/lock-file.ts'), import('../config/resolve-recipe.ts')])
  const known = (await readLock(target))?.lock
  const lock = locked || lockAnswers(target.draft, known) ? known : await refreshed(target, services, report)
  return withRootOptions(resolveRecipe(target.draft, lock), services, options)
}

/** A Recipe whose root is as the command line asks: with more keys, by another editor. */
export async function withRootOptions<From extends Pick<Recipe, 'root'>>(recipe: From, {project}: Pick<Services, 'project'>, {key = [], editor}: Pick<RecipeOptions, 'key' | 'editor'>): Promise<From> {
  const {readKeyFiles} = await import('../config/key-files.ts')
  const keys = [...new Set([...recipe.root.keys, ...await readKeyFiles(key, project.root)])]
  return {...recipe, root: {...recipe.root, keys, ...(editor === undefined ? {} : {editor})}}
}

async function refreshed(target: LoadedTarget, services: Services, report: Report): Promise<Lock> {
  const {lockTarget} = await import('./lock.ts')
  return await lockTarget(target, services, report)
}
