import {packageRoot} from '../base/package-root.ts'
import type {LoadedTarget} from '../config/load-target.ts'
import type {Lock} from '../model/lock.ts'
import type {Recipe} from '../model/recipe.ts'
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
}

/** A target's Recipe. A lock that is missing, or that the target has outgrown, is made for what it lacks, as `cloudwrt lock` does. */
export async function openRecipe(target: LoadedTarget, services: Services, report: Report, {locked = false, key = []}: RecipeOptions): Promise<Recipe> {
  const [{readLock}, {lockAnswers, resolveRecipe}] = await Promise.all([import('../config/lock-file.ts'), import('../config/resolve-recipe.ts')])
  const known = (await readLock(target))?.lock
  const lock = locked || lockAnswers(target.draft, known) ? known : await refreshed(target, services, report)
  const recipe = resolveRecipe(target.draft, lock)
  if (key.length === 0) return recipe
  const {readKeyFiles} = await import('../config/key-files.ts')
  return {...recipe, root: {...recipe.root, keys: [...new Set([...recipe.root.keys, ...await readKeyFiles(key, services.project.root)])]}}
}

async function refreshed(target: LoadedTarget, services: Services, report: Report): Promise<Lock> {
  const {lockTarget} = await import('./lock.ts')
  return await lockTarget(target, services, report)
}
