import {ProgressGate} from '../base/progress-gate.ts'
import type {Reporter} from './reporter.ts'
import {recordOf} from './record.ts'

/** One event a line, as JSON, on stdout; the last of a success is `done`. Progress comes at most once a second. */
export function createJson(stdout: NodeJS.WritableStream, {quiet = false}: {quiet?: boolean} = {}): Reporter {
  const gate = new ProgressGate({every: 1000})
  return {
    emit(event) {
      if (quiet && (event.type === 'output' || event.type === 'progress')) return
      if (event.type === 'progress' && !gate.lets(event, event.time)) return
      stdout.write(`${JSON.stringify(recordOf(event))}\n`)
    },
    async close() {},
  }
}
