import {createMask, type Mask} from '../base/mask.ts'
import {messageOf} from '../base/errors.ts'
import type {Stamped} from '../model/event.ts'
import type {Choice, Streams} from './choice.ts'
import {createJournal, type RunHeader} from './journal.ts'
import {maskEvent} from './record.ts'
import {createShown} from './reporters.ts'

/** Tells people, or programs, what happens. */
export interface Reporter {
  emit(event: Stamped): void
  /** Says what remains to be said and gives the terminal back. Nothing may be emitted afterwards. */
  close(): Promise<void>
}

export interface ReporterOptions extends Choice {
  readonly streams: Streams
  /** Where the journal is, and what its header says; none for verbs that change nothing. */
  readonly journal?: RunHeader & {readonly path: string}
  /** Every secret known so far, plain and hashed. Asked at each event, since stages learn of secrets as they run. */
  readonly secrets: () => readonly string[]
}

/** The reporter that was chosen and the journal. Every event goes through the mask first: no reporter ever sees a secret. */
export function createReporter(options: ReporterOptions): Reporter {
  const mask = createMask(options.secrets)
  const shown = createShown(options.mode, options.streams, options)
  // a reader that went away (`| head`, a closed terminal) is no reason to stop
  for (const stream of [options.streams.stdout, options.streams.stderr]) stream.on('error', () => {})
  const all = options.journal === undefined ? [shown] : [keepJournal(options.journal, mask, shown), shown]
  return {
    emit(event) {
      const safe = maskEvent(event, mask)
      for (const reporter of all) reporter.emit(safe)
    },
    async close() {
      for (const reporter of all) await reporter.close()
    },
  }
}

/** A journal that cannot be written (disk full, no right) is a warning, once; the build goes on. */
function keepJournal({path, version, argv}: RunHeader & {readonly path: string}, mask: Mask, others: Reporter): Reporter {
  const journal = createJournal(path, {version, argv: argv.map(mask)})
  let failed = false
  return {
    emit(event) {
      if (failed) return
      try {
        journal.emit(event)
      } catch (error) {
        failed = true
        others.emit({type: 'warning', text: `no journal is kept: ${messageOf(error)}`, time: event.time})
      }
    },
    close: () => journal.close(),
  }
}
