import {formatDuration, formatSeconds} from '../base/duration.ts'
import {Pace, progressBar, type Progress} from '../base/progress.ts'
import {pad, plain} from '../base/text.ts'
import type {Stamped} from '../model/event.ts'
import type {Decision} from '../model/plan.ts'
import type {Style} from './style.ts'

type Ended = Extract<Stamped, {readonly type: 'stage-end'}>

/** Columns of the time that a stage took: `1 min 12 s`. */
const timeWidth = 10

/** One stage on the terminal: a line, and below it what it is at. Changed by events, drawn by listr.ts. */
export class StageRow {
  readonly stage: string
  readonly #ended = Promise.withResolvers<Ended['outcome'] | 'unreached'>()
  #begun: number | undefined
  #why = ''
  #end: Ended | undefined
  #line = ''
  #progress: Progress | undefined
  readonly #pace = new Pace()
  readonly #decision: Decision
  readonly #nameWidth: number

  /** @param nameWidth columns of the longest name in the list */
  constructor(decision: Decision, nameWidth: number) {
    this.#decision = decision
    this.#nameWidth = nameWidth
    this.stage = decision.stage
  }

  /** How the stage ended; `unreached` where it never began. */
  get ended(): Promise<Ended['outcome'] | 'unreached'> {
    return this.#ended.promise
  }

  begin(time: number, why: string): void {
    this.#begun = time
    this.#why = why
  }

  end(event: Ended): void {
    this.#end = event
    this.#ended.resolve(event.outcome)
  }

  /** Nothing more will come. */
  abandon(time: number): void {
    if (this.#end !== undefined) return
    if (this.#begun === undefined) this.#ended.resolve('unreached')
    else this.end({type: 'stage-end', stage: this.stage, outcome: 'interrupted', ms: time - this.#begun, why: '', time})
  }

  /** What a program printed last, or something worth a note. */
  say(line: string): void {
    const shown = plain(line)
    if (shown === '') return
    this.#line = shown
    this.#progress = undefined
  }

  advance(progress: Progress, time: number): void {
    this.#pace.add(progress, time)
    this.#progress = progress
  }

  /** The stage's own line: name, time, what. The time comes early, so that a narrow terminal cuts words and not it. */
  title(now: number, style: Style): string {
    const name = pad(this.stage, this.#nameWidth)
    return `${this.#begun === undefined ? style.dim(name) : style.bold(name)} ${style.dim(this.#time(now).padStart(timeWidth))}  ${this.#words(style)}`
  }

  /** The line below. */
  detail(width: number): string {
    return this.#progress === undefined ? this.#line : progressBar({...this.#progress, label: plain(this.#progress.label)}, this.#pace.perSecond, width)
  }

  #time(now: number): string {
    if (this.#end !== undefined) return this.#begun === undefined ? '' : formatDuration(this.#end.ms)
    return this.#begun === undefined ? '' : formatSeconds(now - this.#begun)
  }

  #words(style: Style): string {
    const {does, action, why} = this.#decision
    if (this.#end === undefined) return this.#begun === undefined ? style.dim(action === 'skip' ? `skip: ${why}` : does) : `${does} ${style.dim(`(${plain(this.#why)})`)}`
    if (this.#end.outcome === 'done') return does
    if (this.#end.outcome === 'fresh' || this.#end.outcome === 'skipped') return style.dim(`${this.#end.outcome}: ${plain(this.#end.why)}`)
    return style.red(this.#end.outcome)
  }
}
