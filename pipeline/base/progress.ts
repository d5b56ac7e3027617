import {formatSeconds} from './duration.ts'
import {roughSize} from './size.ts'
import {clip, textWidth} from './text.ts'

/** How far something is. */
export interface Progress {
  readonly label: string
  readonly done: number
  /** Undefined while nobody knows. */
  readonly total?: number
  readonly unit: 'bytes' | 'items'
}

/** Measures a speed over the last seconds, so that neither one slow chunk nor the start of a download colours it. */
export class Pace {
  readonly #samples: {readonly time: number; readonly done: number}[] = []
  #label = ''

  /** Another label, or less than before, begins anew. @param time milliseconds of any clock */
  add({label, done}: Progress, time: number): void {
    const last = this.#samples.at(-1)
    if (last === undefined || label !== this.#label || done < last.done) this.#samples.length = 0
    else if (time - last.time < sampleEvery) return
    this.#label = label
    this.#samples.push({time, done})
    while (this.#samples.length > 2 && time - (this.#samples[0]?.time ?? time) > window) this.#samples.shift()
  }

  /** Units per second; undefined until there is a second to go by. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (first === undefined || last === undefined || last.time - first.time < 1000) return undefined
    return ((last.done - first.done) * 1000) / (last.time - first.time)
  }
}

const sampleEvery = 200
const window = 10_000

/** One line with a bar: what there is no room for goes, the least important first. */
export function progressBar(progress: Progress, perSecond: number | undefined, width: number): string {
  const share = shareOf(progress)
  const fixed = share === undefined ? [amount(progress)] : [percent(share).padStart(5)]
  const more = [timeLeft(progress, perSecond), speed(progress, perSecond), share === undefined ? undefined : amount(progress)].filter((part) => part !== undefined)
  for (let count = more.length; count >= 0; count -= 1) {
    const parts = [...fixed, ...more.slice(0, count)].join('  ')
    const room = width - textWidth(progress.label) - textWidth(parts) - 4
    if (share === undefined ? room >= 0 : room >= narrowestBar) return [progress.label, ...barOf(share, room), parts].join('  ')
  }
  return clip([progress.label, ...fixed].join('  '), width)
}

/** The same in words, for places where nothing is redrawn: `48 % (431 MiB of 900 MiB, 12 MiB/s, 38 s left)`. */
export function progressWords(progress: Progress, perSecond: number | undefined): string {
  const share = shareOf(progress)
  const more = [amount(progress), speed(progress, perSecond), timeLeft(progress, perSecond)].filter((part) => part !== undefined).join(', ')
  return share === undefined ? `${progress.label}: ${more}` : `${progress.label}: ${percent(share)} (${more})`
}

/** 0 to 1; undefined where the total is not known. */
export function shareOf({done, total}: Progress): number | undefined {
  return total === undefined || total <= 0 ? undefined : Math.min(1, done / total)
}

const narrowestBar = 8
const widestBar = 24

function barOf(share: number | undefined, room: number): string[] {
  if (share === undefined) return []
  const length = Math.min(widestBar, room)
  const full = Math.round(share * length)
  return ['█'.repeat(full) + '░'.repeat(length - full)]
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`
}

function amount({done, total, unit}: Progress): string {
  const one = (count: number): string => (unit === 'bytes' ? roughSize(count) : String(count))
  return total === undefined ? one(done) : `${one(done)} of ${one(total)}`
}

function speed({unit}: Progress, perSecond: number | undefined): string | undefined {
  return unit === 'bytes' && perSecond !== undefined ? `${roughSize(Math.round(perSecond))}/s` : undefined
}

function timeLeft({done, total}: Progress, perSecond: number | undefined): string | undefined {
  if (total === undefined || perSecond === undefined || perSecond <= 0 || done >= total) return undefined
  return `${formatSeconds(((total - done) / perSecond) * 1000)} left`
}
