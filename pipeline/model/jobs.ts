import {roughSize, units} from '../base/size.ts'

export interface Jobs {
  readonly count: number
  /** For people: `2 jobs: the machine has 2 cores`. */
  readonly why: string
}

/** What one job of make may take at its worst: compiling GCC or a large C++ package. */
const memoryPerJob = 1.5 * units.GiB

/** @param memory bytes that the build may use */
export function jobsFor(asked: number | undefined, cores: number, memory: number): Jobs {
  if (asked !== undefined) return {count: asked, why: `${inWords(asked)}: build.jobs says so`}
  const bearable = Math.max(1, Math.floor(memory / memoryPerJob))
  if (bearable < cores) return {count: bearable, why: `${inWords(bearable)}: ${roughSize(memory)} of memory bear no more, though there are ${cores} cores`}
  return {count: cores, why: `${inWords(cores)}: as many as there are cores`}
}

function inWords(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`
}
