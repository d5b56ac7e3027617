import type {Json} from '../base/json.ts'

/** What is to happen to a stage, and why. */
export interface Decision {
  readonly stage: string
  /** The stage's own words for what it does. */
  readonly does: string
  /** `run`: will run. `fresh`: its inputs and outputs are as they were. `skip`: left out by `--until` or `--from`, or the target does not ask for it. */
  readonly action: 'run' | 'fresh' | 'skip'
  /** For people: `first time`, `root.password changed`, `after build`, … */
  readonly why: string
  /** The inputs that differ from the last success. */
  readonly changed: readonly Change[]
}

/** One input that changed: its path within the stage's inputs, and both values. */
export interface Change {
  readonly path: string
  readonly before?: Json
  readonly after?: Json
}

/** The stages of one Recipe with a decision each, in order. */
export interface Plan {
  readonly target: string
  readonly decisions: readonly Decision[]
}
