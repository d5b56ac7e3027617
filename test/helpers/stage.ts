import {mkdir} from 'node:fs/promises'
import type {Event} from '../../pipeline/model/event.ts'
import {problemsOf, type Problem} from '../../pipeline/model/problem.ts'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import type {Stage} from '../../pipeline/model/stage.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {createRun} from '../../pipeline/tools/run.ts'

export interface StageRun {
  readonly events: readonly Event[]
  /** The Problems that it ended with; empty where it ended well. Anything else that was thrown is thrown on. */
  readonly problems: readonly Problem[]
}

/** Runs one stage by itself, with real programs, as the engine would. */
export async function runStage(stage: Stage, recipe: Recipe, workspace: Workspace, signal: AbortSignal = new AbortController().signal): Promise<StageRun> {
  const events: Event[] = []
  const emit = (event: Event): void => void events.push(event)
  await mkdir(workspace.home, {recursive: true})
  const run = createRun({signal, emit, log: workspace.log(stage.name)})
  try {
    await stage.run({recipe, workspace, run, signal, emit})
    return {events, problems: []}
  } catch (error) {
    const problems = problemsOf(error)
    if (problems.length === 0) throw error
    return {events, problems}
  }
}

/** What a stage told people beside its progress. */
export function textsOf({events}: StageRun, type: 'note' | 'warning'): string[] {
  return events.flatMap((event) => (event.type === type ? [event.text] : []))
}
