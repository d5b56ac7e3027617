import type {Emit} from '../model/event.ts'
import type {Run} from '../model/program.ts'
import type {Recipe} from '../model/recipe.ts'
import type {Stage} from '../model/stage.ts'
import {Workspace, type Project} from '../model/workspace.ts'

/** One stage to run, as plain data: it may travel to another machine. */
export interface Job {
  readonly stage: string
  readonly recipe: Recipe
  readonly project: Project
}

/** Where stages run: here, or one day on a queue of workers. Results are files. */
export interface Executor {
  execute(job: Job, options: {readonly signal: AbortSignal; readonly emit: Emit}): Promise<void>
}

/** What a Run is bound to; `tools/run.ts` makes one of it. */
export interface RunBinding {
  readonly signal: AbortSignal
  readonly emit: Emit
  readonly log: string
  /** The workspace's folder, by which its programs can be told. */
  readonly workspace: string
}

/** Runs stages in this process. */
export function createLocalExecutor(stages: readonly Stage[], bind: (binding: RunBinding) => Run): Executor {
  return {
    async execute(job, {signal, emit}) {
      const stage = stages.find(({name}) => name === job.stage)
      if (stage === undefined) throw new Error(`no stage ${job.stage}`)
      const workspace = new Workspace(job.project, job.recipe)
      const run = bind({signal, emit, log: workspace.log(stage.name), workspace: workspace.root})
      await stage.run({recipe: job.recipe, workspace, run, signal, emit})
    },
  }
}
