import {formatDuration} from '../base/duration.ts'
import {ProgressGate} from '../base/progress-gate.ts'
import {Pace, progressWords} from '../base/progress.ts'
import {plain} from '../base/text.ts'
import {typeable} from '../base/typeable.ts'
import type {Stamped} from '../model/event.ts'
import type {Ci, Streams} from './choice.ts'
import {createMarks} from './marks.ts'
import {toRun} from './plan.ts'
import type {Look} from './problem.ts'
import type {Reporter} from './reporter.ts'
import {artifactLines, doneText, endingText, failureText, Story, warningText} from './story.ts'
import type {Style} from './style.ts'

export interface LinesOptions {
  readonly style: Style
  readonly quiet: boolean
  /** Every program and every line that it prints. */
  readonly verbose: boolean
  readonly ci: Ci | undefined
}

/** Plain lines, never redrawn: for logs. Milestones only unless `verbose`; warnings, failures and results only when `quiet`. */
export function createLines(streams: Streams, {style, quiet, verbose, ci}: LinesOptions): Reporter {
  const look: Look = {style, width: 160}
  const marks = createMarks(ci)
  const story = new Story()
  const does = new Map<string, string>()
  const gate = new ProgressGate({every: 10_000, step: 0.1})
  const pace = new Pace()

  const say = (...lines: string[]): void => { for (const line of lines) if (line !== '') streams.stderr.write(`${marks.harmless(line)}\n`) }

  const tellProgress = (event: Extract<Stamped, {type: 'progress'}>): void => {
    pace.add(event, event.time)
    if (gate.lets(event, event.time)) say(`  ${progressWords(event, pace.perSecond)}`)
  }

  const tellStage = (event: Stamped): void => {
    if (event.type === 'plan') {
      for (const decision of event.decisions) does.set(decision.stage, decision.does)
      say(style.bold(`${event.target}: ${toRun(event)}`))
    } else if (event.type === 'stage-start') {
      say(marks.open(event.stage, `${event.stage}: ${[does.get(event.stage), `(${event.why})`].filter(Boolean).join(' ')}`, event.time))
    } else if (event.type === 'stage-end') {
      say(marks.close(event.time), `${event.stage}: ${endingText(event)}`)
    }
  }

  const tellDetail = (event: Stamped): void => {
    if (event.type === 'progress') tellProgress(event)
    else if (event.type === 'note') say(`  - ${plain(event.text)}`)
    else if (event.type === 'output' && verbose) say(`  ${style.dim('|')} ${plain(event.line)}`)
    else if (event.type === 'program' && verbose) say(`  ${style.dim(`$ ${plain(typeable(event.argv))}  (${formatDuration(event.ms)})`)}`)
    else if (event.type === 'done') say(doneText(event, look))
  }

  return {
    emit(event) {
      story.add(event)
      if (event.type === 'warning') say(marks.warning(event.text), warningText(event, look))
      else if (event.type === 'problem' || event.type === 'bug') say(marks.failure(event), failureText(event, look))
      if (quiet) return
      tellStage(event)
      tellDetail(event)
    },
    async close() {
      say(marks.close(Date.now()))
      if (!quiet && story.results.length > 0) say(...artifactLines(story.artifacts, look))
      for (const path of story.results) streams.stdout.write(`${path}\n`)
    },
  }
}
