import {formatDuration} from '../base/duration.ts'
import {roughSize} from '../base/size.ts'
import {shortPath} from '../base/short-path.ts'
import {pad, plain, textWidth} from '../base/text.ts'
import type {Event, Outcome, Stamped} from '../model/event.ts'
import type {Failure, Look} from './problem.ts'

type Of<Type extends Event['type']> = Extract<Stamped, {readonly type: Type}>

/** What of a run is told when it is over: kept while it goes. */
export class Story {
  /** Notes and warnings of stages, in their order. */
  readonly remarks: (Of<'note'> | Of<'warning'>)[] = []
  /** Notes of no stage: what to do with the results. */
  readonly advice: Of<'note'>[] = []
  readonly artifacts: Of<'artifact'>[] = []
  readonly failures: Failure[] = []
  done: Of<'done'> | undefined

  add(event: Stamped): void {
    if (event.type === 'note' && event.stage === undefined) this.advice.push(event)
    else if (event.type === 'note' || event.type === 'warning') this.remarks.push(event)
    else if (event.type === 'artifact') this.artifacts.push(event)
    else if (event.type === 'problem' || event.type === 'bug') this.failures.push(event)
    else if (event.type === 'done') this.done = event
  }

  /** What may be relied on: nothing of a run that failed. */
  get results(): readonly string[] {
    return this.failures.length === 0 ? this.artifacts.map(({path}) => path) : []
  }
}

/** `warning: build: no ccache` */
export function remarkText({type, text, stage}: Of<'note'> | Of<'warning'>, {style}: Pick<Look, 'style'>): string {
  const label = type === 'warning' ? style.yellow('warning:') : style.dim('note:')
  return `${label} ${stage === undefined ? '' : `${stage}: `}${plain(text)}`
}

/** A line an artifact: its path and its size, one under the other. */
export function artifactLines(artifacts: readonly Of<'artifact'>[], look: Look): string[] {
  const paths = artifacts.map(({path}) => shortPath(path, look.folder))
  const longest = Math.max(0, ...paths.map(textWidth))
  return artifacts.map(({bytes}, index) => `${pad(paths[index] ?? '', longest)}  ${look.style.dim(roughSize(bytes).padStart(9))}`)
}

/** How a stage ended: `done in 3.2 s`, `fresh: nothing changed`. */
export function endingText({outcome, ms, why}: Of<'stage-end'>): string {
  const words: Record<Outcome, string> = {
    done: `done in ${formatDuration(ms)}`,
    fresh: `fresh: ${plain(why)}`,
    skipped: `skipped: ${plain(why)}`,
    failed: `failed after ${formatDuration(ms)}`,
    interrupted: `interrupted after ${formatDuration(ms)}`,
  }
  return words[outcome]
}

export function doneText({target, ms}: Of<'done'>, {style}: Pick<Look, 'style'>): string {
  return `${style.green(`${target} is done`)} in ${formatDuration(ms)}`
}
