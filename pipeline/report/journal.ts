import {closeSync, mkdirSync, openSync, renameSync, statSync, writeSync} from 'node:fs'
import {dirname} from 'node:path'
import type {Reporter} from './reporter.ts'
import {recordOf} from './record.ts'

/** What the first line of each run says. */
export interface RunHeader {
  readonly version: string
  /** Without node and the script. */
  readonly argv: readonly string[]
}

/** Above this many bytes a journal is put aside as `journal.1.jsonl`, in place of the one before: some thousand runs. */
const fullAt = 1024 * 1024

/**
 * The memory of a target: one event a line, each run behind a header. What programs print is in their logs, and progress
 * is no news afterwards. Lines are written at once and by one call each, so that a crash loses none. Nothing is made
 * before the first event.
 */
export function createJournal(path: string, header: RunHeader): Reporter {
  let file: number | undefined
  const write = (record: Record<string, unknown>): void => {
    file ??= open(path)
    writeSync(file, `${JSON.stringify(record)}\n`)
  }
  return {
    emit(event) {
      if (event.type === 'output' || event.type === 'progress') return
      if (file === undefined) write({time: event.time, type: 'run', ...header})
      write(recordOf(event))
    },
    async close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

function open(path: string): number {
  mkdirSync(dirname(path), {recursive: true})
  if ((statSync(path, {throwIfNoEntry: false})?.size ?? 0) > fullAt) renameSync(path, path.replace(/(\.jsonl)?$/, '.1$1'))
  return openSync(path, 'a')
}
