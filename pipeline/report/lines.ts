import {formatDuration} from '../base/duration.ts'
import {ProgressGate} from '../base/progress-gate.ts'
import {Pace, progressWords} from '../base/progress.ts'
import {plain} from '../base/text.ts'
import {typeable} from '../base/typeable.ts'
import type {Stamped} from '../model/event.ts'
import type {Ci, Streams} from './choice.ts'
import {createMarks} from './marks.ts'
import {toRun} from './plan.ts'
import {failureText, type Look} from './problem.ts'
import type {Reporter} from './reporter.ts'
import {artifactLines, doneText, endingText, remarkText, Story} from './story.ts'
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

  const write = (line: string): void => { if (line !== '') streams.stderr.write(`${line}\n`) }
  const say = (text: string): void => text.split('\n').map(marks.harmless).forEach(write)

  const tellProgress = (event: Extract<Stamped, {type: 'progress'}>): void => {
    pace.add(event, event.time)
    if (gate.lets(event, event.time)) say(`  ${progressWords(event, pace.perSecond)}`)
  }

  const tellStage = (event: Stamped): void => {
    if (event.type === 'plan') {
      for (const decision of event.decisions) does.set(decision.stage, decision.does)
      say(style.bold(`${event.target}: ${toRun(event)}`))
    } else if (event.type === 'stage-start') {
      write(marks.open(event.stage, `${event.stage}: ${[does.get(event.stage), `(${plain(event.why)})`].filter(Boolean).join(' ')}`, event.time))
    } else if (event.type === 'stage-end') {
      write(marks.close(event.time))
      say(`${event.stage}: ${endingText(event)}`)
    }
  }

  const tellTrouble = (event: Stamped): void => {
    if (event.type === 'warning') {
      const mark = marks.warning(event.text)
      if (mark === '') say(remarkText(event, look))
      else write(mark)
    } else if (event.type === 'problem' || event.type === 'bug') {
      write(marks.failure(event))
      say(failureText(event, look))
    }
  }

  const tellDetail = (event: Stamped): void => {
    if (event.type === 'progress') tellProgress(event)
    else if (event.type === 'note') say(event.stage === undefined ? plain(event.text) : `  - ${plain(event.text)}`)
    else if (event.type === 'artifact') artifactLines([event], look).forEach((line) => say(`  ${line}`))
    else if (event.type === 'output' && verbose) say(`  ${style.dim('|')} ${plain(event.line)}`)
    else if (event.type === 'program' && verbose) say(`  ${style.dim(`$ ${plain(typeable(event.argv))}  (${formatDuration(event.ms)})`)}`)
    else if (event.type === 'done') say(doneText(event, look))
  }

  return {
    emit(event) {
      story.add(event)
      tellTrouble(event)
      if (quiet) return
      tellStage(event)
      tellDetail(event)
    },
    async close() {
      write(marks.close(Date.now()))
      // a person who sees both streams has seen them
      if (quiet || streams.stdout.isTTY !== true) for (const path of story.results) streams.stdout.write(`${path}\n`)
    },
  }
}
