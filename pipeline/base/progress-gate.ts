import {shareOf, type Progress} from './progress.ts'

/** Lets through as much progress as a log can bear. */
export class ProgressGate {
  readonly #every: number
  readonly #step: number
  #label = ''
  #time = -Infinity
  #share = 0

  /** @param every milliseconds after which a next one passes; `step`: or so much of the whole, 0 to 1, but not within a second */
  constructor({every, step = Infinity}: {every: number; step?: number}) {
    this.#every = every
    this.#step = step
  }

  /** @param time milliseconds of any clock */
  lets(progress: Progress, time: number): boolean {
    const share = shareOf(progress) ?? 0
    const waited = time - this.#time
    const passes = progress.label !== this.#label || waited >= this.#every || (share - this.#share >= this.#step && waited >= 1000)
    if (!passes) return false
    this.#label = progress.label
    this.#time = time
    this.#share = share
    return true
  }
}
