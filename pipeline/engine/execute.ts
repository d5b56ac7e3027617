import {join} from 'node:path'
import type {Event} from '../model/event.ts'
import type {Decision, Plan} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import type {Recipe} from '../model/recipe.ts'
import type {Stage} from '../model/stage.ts'
import type {Workspace} from '../model/workspace.ts'
import {Contents} from './contents.ts'
import {decide, outputDigests, type Judge, type Verdict} from './decide.ts'
import type {Executor} from './executor.ts'
import {InputReader} from './fingerprint.ts'
import {Stamps} from './stamp.ts'

/** Which of the stages a person asked for. */
export interface Range {
  /** The first to run; those before must have succeeded once. */
  readonly from?: string
  /** The last to run. */
  readonly until?: string
  /** These run whether fresh or not. */
  readonly force?: readonly string[]
}

/** Says what happened, and in which stage. */
export type StageEmit = (event: Event, stage?: string) => void

export interface ExecuteOptions {
  readonly range: Range
  readonly signal: AbortSignal
  readonly emit: StageEmit
  /** Called before anything runs: the last moment to say no. */
  readonly onPlan?: (plan: Plan) => Promise<void>
}

/** Decides about every stage without running any, and writes nothing. */
export async function makePlan(stages: readonly Stage[], recipe: Recipe, workspace: Workspace, range: Range = {}): Promise<Plan> {
  const judge = await openJudge(recipe, workspace)
  return planWith(stages, judge, range)
}

/** Runs what is not fresh, in order, and stamps what succeeds. A stage that makes the same bytes again leaves those after it fresh. */
export async function execute(stages: readonly Stage[], recipe: Recipe, workspace: Workspace, executor: Executor, options: ExecuteOptions): Promise<Plan> {
  const judge = await openJudge(recipe, workspace)
  try {
    const plan = await planWith(stages, judge, options.range)
    await options.onPlan?.(plan)
    options.emit({type: 'plan', ...plan})
    for (const stage of stages) {
      const verdict = await verdictOn(stage, stages, judge, options.range, new Set())
      if (verdict.decision.action !== 'run') tellUnrun(verdict.decision, options.emit)
      else await runStage(stage, verdict, judge, executor, options)
    }
    return plan
  } finally {
    await judge.contents.save()
  }
}

async function openJudge(recipe: Recipe, workspace: Workspace): Promise<Judge> {
  const contents = await Contents.open(join(workspace.root, 'digests.json'))
  return {recipe, workspace, contents, stamps: new Stamps(workspace.stamps), inputs: new InputReader(contents, workspace.secretKey)}
}

async function planWith(stages: readonly Stage[], judge: Judge, range: Range): Promise<Plan> {
  requireRange(range, stages)
  const decisions: Decision[] = []
  const pending = new Set<string>()
  for (const stage of stages) {
    const {decision} = await verdictOn(stage, stages, judge, range, pending)
    if (decision.action === 'run') pending.add(stage.name)
    decisions.push(decision)
  }
  return {target: judge.recipe.target, decisions}
}

async function verdictOn(stage: Stage, stages: readonly Stage[], judge: Judge, range: Range, pending: ReadonlySet<string>): Promise<Verdict> {
  const outside = await outsideRange(stage, stages, judge, range)
  if (outside !== undefined) return {decision: {stage: stage.name, does: stage.does, action: 'skip', why: outside, changed: []}}
  return decide(stage, judge, pending, range.force?.includes(stage.name) ?? false)
}

async function outsideRange(stage: Stage, stages: readonly Stage[], judge: Judge, range: Range): Promise<string | undefined> {
  const index = stages.indexOf(stage)
  if (range.until !== undefined && index > positionOf(range.until, stages)) return `behind --until ${range.until}`
  if (range.from === undefined || index >= positionOf(range.from, stages)) return undefined
  if (stage.skip?.(judge.recipe) === undefined && await judge.stamps.read(stage.name) === undefined) {
    throw new Problem('stage-not-ready', `--from ${range.from} leaves out ${stage.name}, which has never succeeded here`, {hint: `Leave --from away, or give --from ${stage.name}.`})
  }
  return `before --from ${range.from}`
}

function requireRange({from, until, force = []}: Range, stages: readonly Stage[]): void {
  const names = stages.map(({name}) => name)
  for (const name of [from, until, ...force]) {
    if (name !== undefined && !names.includes(name)) throw new Problem('stage-unknown', `there is no stage ${name}`, {hint: `The stages are: ${names.join(', ')}.`})
  }
  if (from !== undefined && until !== undefined && positionOf(from, stages) > positionOf(until, stages)) {
    throw new Problem('usage', `--from ${from} lies behind --until ${until}, which leaves nothing to do`, {hint: `The stages are: ${names.join(', ')}.`})
  }
}

function positionOf(name: string, stages: readonly Stage[]): number {
  return stages.findIndex((stage) => stage.name === name)
}

function tellUnrun({stage, action, why}: Decision, emit: StageEmit): void {
  emit({type: 'stage-end', stage, outcome: action === 'fresh' ? 'fresh' : 'skipped', ms: 0, why}, stage)
}

async function runStage(stage: Stage, {decision, fingerprint}: Verdict, judge: Judge, executor: Executor, {signal, emit}: ExecuteOptions): Promise<void> {
  if (fingerprint === undefined) throw new Error(`${stage.name} runs without a fingerprint`)
  const began = performance.now()
  const tellEnd = (outcome: 'done' | 'failed' | 'interrupted'): void =>
    emit({type: 'stage-end', stage: stage.name, outcome, ms: Math.round(performance.now() - began), why: decision.why}, stage.name)
  emit({type: 'stage-start', stage: stage.name, why: decision.why}, stage.name)
  try {
    if (signal.aborted) throw new Problem('interrupted', 'interrupted')
    await judge.stamps.begin(stage.name)
    await executor.execute({stage: stage.name, recipe: judge.recipe, project: judge.workspace.project}, {signal, emit: (event) => emit(event, stage.name)})
    const outputs = await requireOutputs(stage, judge)
    await judge.stamps.write(stage.name, {fingerprint: fingerprint.hash, inputs: fingerprint.inputs, outputs, ms: Math.round(performance.now() - began)})
    tellEnd('done')
  } catch (error) {
    tellEnd(signal.aborted ? 'interrupted' : 'failed')
    throw signal.aborted ? new Problem('interrupted', `interrupted in ${stage.name}`, {cause: error}) : error
  }
}

async function requireOutputs(stage: Stage, judge: Judge): Promise<Record<string, string>> {
  const entries = Object.entries(await outputDigests(stage, judge)).map(([path, digest]): [string, string] => {
    if (digest === null) throw new Problem('output-missing', `${stage.name} ended well, but ${path} is not there`)
    return [path, digest]
  })
  return Object.fromEntries(entries)
}
