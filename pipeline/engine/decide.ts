import {relative} from 'node:path'
import type {Json} from '../base/json.ts'
import type {Change, Decision} from '../model/plan.ts'
import type {Recipe} from '../model/recipe.ts'
import type {Stage} from '../model/stage.ts'
import type {Workspace} from '../model/workspace.ts'
import type {Contents} from './contents.ts'
import {changesBetween, fingerprintOf, type Fingerprint, type InputReader} from './fingerprint.ts'
import type {Stamp, Stamps} from './stamp.ts'

/** What is needed to judge stages. */
export interface Judge {
  readonly recipe: Recipe
  readonly workspace: Workspace
  readonly stamps: Stamps
  readonly contents: Contents
  readonly inputs: InputReader
}

/** A Decision with the fingerprint that it rests on; none where a stage before it has to run first. */
export interface Verdict {
  readonly decision: Decision
  readonly fingerprint?: Fingerprint
}

/**
 * Decides about one stage. `pending` are the stages before it that will run: what they will make is not known
 * yet, so a stage that needs one of them will run as well, unless that makes the same again.
 */
export async function decide(stage: Stage, judge: Judge, pending: ReadonlySet<string>, forced: boolean): Promise<Verdict> {
  const skip = stage.skip?.(judge.recipe)
  if (skip !== undefined) return verdict(stage, 'skip', skip)
  const stamp = await judge.stamps.read(stage.name)
  const own = await judge.inputs.read(stage.inputs(judge.recipe, judge.workspace))
  const waits = stage.needs.filter((name) => pending.has(name))
  if (waits.length > 0) {
    const changed = stamp === undefined ? [] : changesBetween(ownInputs(stamp), own)
    return verdict(stage, 'run', `after ${waits.join(', ')}`, changed)
  }
  const fingerprint = fingerprintOf({stage: stage.name, version: stage.version, inputs: own, needs: await outputsOfNeeds(stage, judge)})
  if (forced) return verdict(stage, 'run', 'forced', [], fingerprint)
  if (stamp === undefined) return verdict(stage, 'run', await judge.stamps.wasBegun(stage.name) ? 'did not finish last time' : 'first time', [], fingerprint)
  if (stamp.fingerprint !== fingerprint.hash) {
    const changed = changesBetween(stamp.inputs, fingerprint.inputs)
    return verdict(stage, 'run', changedInWords(changed), changed, fingerprint)
  }
  const lost = await firstLostOutput(stage, stamp, judge)
  if (lost !== undefined) return verdict(stage, 'run', lost, [], fingerprint)
  return verdict(stage, 'fresh', 'nothing changed', [], fingerprint)
}

function verdict(stage: Stage, action: Decision['action'], why: string, changed: readonly Change[] = [], fingerprint?: Fingerprint): Verdict {
  return {decision: {stage: stage.name, does: stage.does, action, why, changed}, ...(fingerprint === undefined ? {} : {fingerprint})}
}

function ownInputs(stamp: Stamp): Json | undefined {
  return (stamp.inputs as {readonly inputs?: Json}).inputs
}

async function outputsOfNeeds(stage: Stage, judge: Judge): Promise<Json> {
  const stamps = await Promise.all(stage.needs.map(async (name) => [name, (await judge.stamps.read(name))?.outputs ?? null] as const))
  return Object.fromEntries(stamps)
}

/** Digests of what a stage made, by path relative to the project; null for what is not there. */
export async function outputDigests(stage: Stage, judge: Judge): Promise<Record<string, string | null>> {
  const paths = stage.outputs(judge.recipe, judge.workspace)
  const digests = await Promise.all(paths.map(async (path) => [relative(judge.workspace.project.root, path), await judge.contents.digest(path)] as const))
  return Object.fromEntries(digests)
}

async function firstLostOutput(stage: Stage, stamp: Stamp, judge: Judge): Promise<string | undefined> {
  for (const [path, digest] of Object.entries(await outputDigests(stage, judge))) {
    if (digest === null) return `${path} is gone`
    if (digest !== stamp.outputs[path]) return `${path} was changed by somebody else`
  }
  return undefined
}

function changedInWords(changed: readonly Change[]): string {
  const names = changed.map(({path}) => path.replace(/^inputs\./, '').replace(/^needs\.([^.]+).*/, 'what $1 made'))
  const unique = [...new Set(names)]
  const [first, second, ...rest] = unique
  return `${[first, second].filter(Boolean).join(', ')}${rest.length > 0 ? ` and ${rest.length} more` : ''} changed`
}
