import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {Draft} from '../../model/draft.ts'
import type {HostCheck} from '../../model/host-check.ts'
import {undertakings} from '../../model/undertakings.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import type {Recipe} from '../../model/recipe.ts'
import {treeKinds, type TreeKind} from '../../model/tree-kind.ts'
import type {Workspace} from '../../model/workspace.ts'
import {checkMachine} from './machine.ts'
import {checkPrograms, mendingLine} from './programs.ts'

/** What of a recipe decides what it takes to build it. */
export type Sourced = {readonly source: Recipe['source'] | Draft['source']}

/** All that this machine must have for a recipe to get from its sources to the finished image; found in a tenth of a second. */
export async function checkHost(recipe: Sourced, workspace: Workspace, run: Run): Promise<HostCheck[]> {
  const kind = kindOf(recipe, workspace)
  const [programs, machine] = await Promise.all([checkPrograms(undertakings[kind.purpose], run), checkMachine(workspace.tree, kind)])
  return [...programs, ...machine]
}

/** What kind of tree a recipe builds. One that is not there yet will be OpenWrt's. */
export function kindOf({source}: Sourced, workspace: Workspace): TreeKind {
  const folders = [workspace.tree, ...(source.kind === 'git' ? [] : [source.path])]
  return treeKinds.find(({marker}) => folders.some((folder) => existsSync(join(folder, marker)))) ?? treeKinds[0]
}

/** Throws all that is not as it must be, in one go: `host-unfit`. */
export function requireFit(checks: readonly HostCheck[]): void {
  const line = mendingLine(checks)
  const missing = checks.filter((check) => !check.ok && check.package !== undefined).map(({name}) => name)
  const unfit = checks.filter((check) => !check.ok && check.package === undefined)
  throwAll([
    ...(line === undefined ? [] : [new Problem('host-unfit', `this machine lacks ${missing.join(', ')}`, {hint: `cloudwrt doctor --install installs it, or: ${line}`})]),
    ...unfit.map(({name, says, hint}) => new Problem('host-unfit', `${name}: ${says}`, hint === undefined ? {} : {hint})),
  ])
}
