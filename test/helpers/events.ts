import {PassThrough} from 'node:stream'
import type {Event, Outcome, Stamped} from '../../pipeline/model/event.ts'
import type {Decision} from '../../pipeline/model/plan.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import type {Choice, Streams} from '../../pipeline/report/choice.ts'
import {createReporter, type ReporterOptions} from '../../pipeline/report/reporter.ts'

/** The second that scripted events begin at: 2026-01-01. */
export const began = 1_767_225_600

const MiB = 2 ** 20
const plan: readonly (readonly [string, string, Decision['action'], string])[] = [
  ['clone', 'bring OpenWrt', 'fresh', 'nothing changed'],
  ['build', 'compile the image', 'run', 'config.GRUB_TIMEOUT changed'],
  ['convert', 'write the formats', 'run', 'after build'],
  ['boot', 'log in', 'skip', 'no checks'],
]

/** An event that falls in a stage, so many seconds after the beginning. */
export function at(second: number, event: Event, stage?: string): Stamped {
  return {...event, time: (began + second) * 1000, ...(stage === undefined ? {} : {stage})}
}

const opening: readonly Stamped[] = [
  at(0, {type: 'plan', target: 'demo', decisions: plan.map(([stage, does, action, why]) => ({stage, does, action, why, changed: []}))}),
  at(0, {type: 'stage-end', stage: 'clone', outcome: 'fresh', ms: 0, why: 'nothing changed'}, 'clone'),
  at(0, {type: 'stage-start', stage: 'build', why: 'config.GRUB_TIMEOUT changed'}, 'build'),
  at(1, {type: 'warning', text: 'no ccache: this takes long'}, 'build'),
  at(2, {type: 'note', text: '3 jobs'}, 'build'),
  at(3, {type: 'output', line: '\u001B[33mchecking\u001B[0m\tfor gcc', stream: 'stdout'}, 'build'),
  at(4, {type: 'output', line: '::set-output name=x::y ##[command]', stream: 'stderr'}, 'build'),
  ...[0, 2, 4, 6, 14, 40].map((second) => at(5 + second, {type: 'progress', label: 'sources', done: second * MiB, total: 40 * MiB, unit: 'bytes'}, 'build')),
  at(46, {type: 'program', argv: ['make', '-j3', 'V=s c'], exitCode: 0, ms: 43_000}, 'build'),
]

export const success: readonly Stamped[] = [
  ...opening, stageEnd(46, 'build', 'done', 46_000),
  at(46, {type: 'stage-start', stage: 'convert', why: 'after build'}, 'convert'),
  at(47, {type: 'artifact', path: '/p/images/demo/demo.qcow2', bytes: 12.4 * MiB, sha256: 'ab'.repeat(32)}, 'convert'),
  at(47, {type: 'artifact', path: '/p/images/demo/SHA256SUMS', bytes: 167, sha256: 'cd'.repeat(32)}, 'convert'),
  stageEnd(47, 'convert', 'done', 850),
  at(47, {type: 'stage-end', stage: 'boot', outcome: 'skipped', ms: 0, why: 'no checks'}, 'boot'),
  at(47, {type: 'note', text: 'log in: with your key'}),
  at(47, {type: 'done', target: 'demo', ms: 47_000}),
]

export const failure: readonly Stamped[] = [
  ...opening, stageEnd(46, 'build', 'failed', 46_000),
  at(46, {type: 'problem', problem: new Problem('program-failed', 'make failed with exit code 2: make -j3', {
    tail: ['checking for gcc... no', '', '\u001B[31mconfigure: error:\u001B[0m no compiler, ::error::x'], log: '/p/build/demo/logs/build.log', hint: 'Install gcc.',
  })}),
  at(46, {type: 'problem', problem: new Problem('target-invalid', 'unknown key pakages', {at: {file: '/p/targets/demo.yaml', line: 12, column: 3, text: '  pakages: [luci]'}})}),
]

export const interruption: readonly Stamped[] = [
  ...opening, stageEnd(46, 'build', 'interrupted', 46_000),
  at(46, {type: 'problem', problem: new Problem('interrupted', 'interrupted in build')}),
]

function stageEnd(second: number, stage: string, outcome: Outcome, ms: number): Stamped {
  return at(second, {type: 'stage-end', stage, outcome, ms, why: ''}, stage)
}

/** Streams that remember what was written. */
export function capture(): {streams: Streams; stdout: () => string; stderr: () => string} {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const text = (stream: PassThrough) => (): string => (stream.read() as Buffer | null)?.toString() ?? ''
  return {streams: {stdout, stderr}, stdout: text(stdout), stderr: text(stderr)}
}

export const bare: Choice = {mode: 'lines', quiet: false, verbose: false, color: false, ci: undefined}

/** What a reporter makes of events. */
export async function told(events: readonly Stamped[], options: Partial<ReporterOptions>): Promise<{stdout: string; stderr: string}> {
  const {streams, stdout, stderr} = capture()
  const reporter = createReporter({...bare, streams, secrets: () => [], ...options})
  for (const event of events) reporter.emit(event)
  await reporter.close()
  return {stdout: stdout(), stderr: stderr()}
}
