import type {Decision} from './plan.ts'
import type {Problem} from './problem.ts'

/** How a stage ended. */
export type Outcome = 'done' | 'fresh' | 'skipped' | 'failed' | 'interrupted'

/** Something that happened. Reporters tell people about it; nothing else prints. */
export type Event =
  | {readonly type: 'plan'; readonly target: string; readonly decisions: readonly Decision[]}
  | {readonly type: 'stage-start'; readonly stage: string; readonly why: string}
  | {readonly type: 'stage-end'; readonly stage: string; readonly outcome: Outcome; readonly ms: number; readonly why: string}
  | {readonly type: 'progress'; readonly label: string; readonly done: number; readonly total?: number; readonly unit: 'bytes' | 'items'}
  | {readonly type: 'output'; readonly line: string; readonly stream: 'stdout' | 'stderr'}
  | {readonly type: 'note'; readonly text: string}
  | {readonly type: 'warning'; readonly text: string}
  | {readonly type: 'program'; readonly argv: readonly string[]; readonly exitCode: number; readonly ms: number}
  | {readonly type: 'artifact'; readonly path: string; readonly bytes: number; readonly sha256: string}
  | {readonly type: 'problem'; readonly problem: Problem}
  /** Something was thrown that is not a Problem. */
  | {readonly type: 'bug'; readonly message: string; readonly stack: string}
  | {readonly type: 'done'; readonly target: string; readonly ms: number}

/** An Event as it is written to a journal: stamped, and with the stage it fell in. */
export type Stamped = Event & {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stage?: string
}

export type Emit = (event: Event) => void
