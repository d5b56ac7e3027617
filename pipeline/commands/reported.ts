import type {Command} from 'commander'
import {packageVersion} from '../base/package-root.ts'
import type {StageEmit} from '../engine/execute.ts'
import {chooseReport, type ReportFlags} from '../report/choice.ts'
import {eventsOf, exitCodeOf} from '../report/problem.ts'
import {createReporter} from '../report/reporter.ts'
import {bug, Told} from './told.ts'

export interface Report {
  readonly emit: StageEmit
  /** From now on this text is taken out of all that is told. */
  hide(secret: string): void
}

/** Does a verb's work under the reporter that the flags choose; an error is told by it as well, and ends as Told. */
export async function reported(command: Command, {journal}: {readonly journal?: string}, work: (report: Report) => Promise<void>): Promise<void> {
  const secrets: string[] = []
  const reporter = createReporter({
    ...chooseReport(command.optsWithGlobals<ReportFlags>(), process.env, process.stderr),
    streams: process,
    secrets: () => secrets,
    ...(journal === undefined ? {} : {journal: {path: journal, version: packageVersion(), argv: process.argv.slice(2)}}),
  })
  const emit: StageEmit = (event, stage) => reporter.emit({...event, time: Date.now(), ...(stage === undefined ? {} : {stage})})
  try {
    await work({emit, hide: (secret) => secrets.push(secret)})
  } catch (error) {
    for (const event of eventsOf(error)) reporter.emit(event)
    throw new Told(exitCodeOf(error) ?? bug, error)
  } finally {
    await reporter.close()
  }
}
