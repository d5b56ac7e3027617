import {catalogue, type ProblemCode} from './catalogue.ts'

/** Where in a text a Problem lies. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** The line itself, shown under the message with a caret at `column`. */
  readonly text?: string
}

export interface ProblemOptions {
  /** What the reader can do about it: one or more sentences, or a command to type. */
  readonly hint?: string
  readonly at?: Place
  readonly cause?: unknown
  /** The end of what a failed program printed, oldest line first. */
  readonly tail?: readonly string[]
  /** Absolute path of the log that holds the whole story. */
  readonly log?: string
}

/** An expected failure: shown to people without a stack. Anything else thrown is a bug. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly hint: string | undefined
  readonly at: Place | undefined
  readonly tail: readonly string[]
  readonly log: string | undefined

  constructor(code: ProblemCode, message: string, options: ProblemOptions = {}) {
    super(message, {cause: options.cause})
    this.name = 'Problem'
    this.code = code
    this.hint = options.hint
    this.at = options.at
    this.tail = options.tail ?? []
    this.log = options.log
  }

  /** The process's exit code for this kind: 1, 2 for usage or a bad target, 130 when interrupted. */
  get exitCode(): number {
    return catalogue[this.code].exit
  }
}

/** Several Problems found in one go, so that a person mends them all at once. */
export class Problems extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(({message}) => message).join('\n'))
    this.name = 'Problems'
    this.problems = problems
  }

  get exitCode(): number {
    return Math.max(...this.problems.map(({exitCode}) => exitCode))
  }
}

/** Throws what was gathered: nothing for none, the Problem itself for one, Problems for more. */
export function throwAll(problems: readonly Problem[]): void {
  const [first, ...rest] = problems
  if (first === undefined) return
  throw rest.length === 0 ? first : new Problems(problems)
}

/** The Problems inside any error: empty for a bug. */
export function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof Problem) return [error]
  if (error instanceof Problems) return error.problems
  return []
}

/** Gives what some work gives; the Problems that it ends in are gathered instead of thrown. */
export async function gather<Value>(problems: Problem[], work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work
  } catch (error) {
    const found = problemsOf(error)
    if (found.length === 0) throw error
    problems.push(...found)
    return undefined
  }
}
