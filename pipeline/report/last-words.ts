import {createMask, type Mask} from '../base/mask.ts'
import {chooseReport, type ReportFlags, type Streams} from './choice.ts'
import {eventsOf, failureText} from './problem.ts'
import {maskEvent, recordOf} from './record.ts'
import {createStyle} from './style.ts'

/** Tells of an error that no verb has told of: on stderr, with --json as an event on stdout. */
export function tellError(error: unknown, flags: ReportFlags, streams: Streams = process, mask: Mask = createMask(() => [])): void {
  const {mode, color} = chooseReport(flags, process.env, streams.stderr)
  const look = {style: createStyle(color), width: streams.stderr.columns ?? 100}
  const events = eventsOf(error).map((event) => maskEvent(event, mask))
  if (mode === 'json') for (const event of events) streams.stdout.write(`${JSON.stringify(recordOf(event))}\n`)
  else streams.stderr.write(`${events.map((event) => failureText(event, look)).join('\n\n')}\n`)
}
