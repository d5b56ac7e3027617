import {parseBuildLine, type FailedPart} from '../../model/build-log.ts'
import type {Emit} from '../../model/event.ts'

/** Follows the lines of OpenWrt's make: what it is at, how far it is, and what failed. */
export class BuildProgress {
  readonly failures: FailedPart[] = []
  /** What the build as a whole came to last: `package/install`. */
  phase: string | undefined
  readonly #packages: ReadonlySet<string>
  readonly #emit: Emit
  readonly #begun = new Set<string>()

  /** @param packages the parts of `package/` that are to be compiled; empty where nobody knows */
  constructor(packages: ReadonlySet<string>, emit: Emit) {
    this.#packages = packages
    this.#emit = emit
  }

  readonly onLine = (line: string): void => {
    const said = parseBuildLine(line)
    if (said?.kind === 'failure') this.failures.push(said)
    if (said?.kind === 'phase') this.phase = said.goal
    if (said?.kind === 'part' && said.goal === 'compile' && this.#packages.has(said.part)) this.#begin(said.part)
  }

  /** Many jobs run side by side, so this counts what was begun. Of tools and the toolchain nobody says how many there will be. */
  #begin(part: string): void {
    this.#begun.add(part)
    this.#emit({type: 'progress', label: part, done: this.#begun.size, total: this.#packages.size, unit: 'items'})
  }
}
