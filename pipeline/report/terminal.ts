import {plain, textWidth} from '../base/text.ts'
import type {Stamped} from '../model/event.ts'
import type {Streams} from './choice.ts'
import {toRun} from './plan.ts'
import {failureText, type Look} from './problem.ts'
import type {Reporter} from './reporter.ts'
import {StageRow} from './stage-row.ts'
import {artifactLines, doneText, remarkText, Story} from './story.ts'
import type {Style} from './style.ts'

/**
 * For a person who watches: the list of stages redrawn as they go, and when it is over what remains to be said. The
 * drawing itself (listr2 and what it draws with: 0.1 s to load) is brought in when there is a list.
 */
export function createTerminal(streams: Streams, style: Style): Reporter {
  const look = (): Look => ({style, width: streams.stderr.columns ?? 80})
  const say = (...lines: string[]): void => { for (const line of lines) streams.stderr.write(`${line}\n`) }
  const story = new Story()
  let rows: readonly StageRow[] = []
  let drawing: Promise<void> = Promise.resolve()

  const begin = ({target, decisions}: Extract<Stamped, {type: 'plan'}>): void => {
    settle()
    const nameWidth = Math.max(0, ...decisions.map(({stage}) => textWidth(stage)))
    const next = decisions.map((decision) => new StageRow(decision, nameWidth))
    rows = next
    // one list after the other: two would draw over each other
    drawing = drawing.then(async () => {
      const {drawRows} = await import('./listr.ts')
      say(`${style.bold(target)}  ${style.dim(toRun({decisions}))}`)
      await drawRows(next, {stdout: streams.stdout, stderr: streams.stderr}, style)
    })
  }

  const settle = (): void => { for (const row of rows) row.abandon(Date.now()) }

  const tellRow = (row: StageRow, event: Stamped): void => {
    if (event.type === 'stage-start') row.begin(event.time, event.why)
    else if (event.type === 'stage-end') row.end(event)
    else if (event.type === 'progress') row.advance(event, event.time)
    else if (event.type === 'output') row.say(event.line)
    else if (event.type === 'note' || event.type === 'warning') row.say(event.text)
  }

  return {
    emit(event) {
      if (event.type === 'plan') begin(event)
      const row = rows.find(({stage}) => stage === event.stage)
      if (row !== undefined) tellRow(row, event)
      // a verb without stages says what it does as it goes
      if (event.type === 'note' && rows.length === 0) say(plain(event.text))
      else story.add(event)
    },
    async close() {
      settle()
      await drawing
      const parts = closing(story, look())
      if (parts.length > 0) say(...(rows.length > 0 ? [''] : []), parts.join('\n\n'))
      // a person who sees both streams has seen them
      if (streams.stdout.isTTY !== true) for (const path of story.results) streams.stdout.write(`${path}\n`)
    },
  }
}

/** What stands below the list in the end: remarks, then what failed, or what there is now and what can be done with it. */
function closing(story: Story, look: Look): string[] {
  const remarks = story.remarks.map((event) => remarkText(event, look))
  const failures = story.failures.map((event) => failureText(event, look))
  const results = [...(story.done === undefined ? [] : [doneText(story.done, look)]), ...artifactLines(story.artifacts, look).map((line) => `  ${line}`)]
  const advice = story.advice.map(({text}) => plain(text))
  const parts = failures.length > 0 ? [remarks, ...failures.map((text) => [text])] : [remarks, results, advice]
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
}
