import {maskDeep, type Mask} from '../base/mask.ts'
import {messageOf} from '../base/errors.ts'
import type {Stamped} from '../model/event.ts'
import {Problem, type ProblemOptions} from '../model/problem.ts'

/** Fields whose values come from closed sets: a password may be the word `done`, and readers still need to tell events apart. */
const closedFields: ReadonlySet<string> = new Set(['type', 'stage', 'action', 'outcome', 'unit', 'stream', 'sha256'])

/** The event with every secret taken out of every text in it. */
export function maskEvent<Some extends Stamped>(event: Some, mask: Mask): Some {
  if (event.type === 'problem') return {...event, problem: maskProblem(event.problem, mask)}
  return maskDeep(event, mask, closedFields) as Some
}

/** The Problem with every secret taken out, and its causes as messages only. */
export function maskProblem(problem: Problem, mask: Mask): Problem {
  const {code, message, hint, at, tail, log} = problem
  const causes = causesOf(problem).map(mask)
  const options = maskDeep({hint, at, tail, log}, mask) as ProblemOptions
  const cause = causes.reduceRight<Error | undefined>((inner, text) => new Error(text, {cause: inner}), undefined)
  return new Problem(code, mask(message), {...options, cause})
}

/** The messages of what led to an error, the nearest first. */
export function causesOf(error: Error): string[] {
  const messages: string[] = []
  for (let cause = error.cause; cause !== undefined && messages.length < 8; cause = cause instanceof Error ? cause.cause : undefined) messages.push(messageOf(cause))
  return messages
}

/** An event as plain data, for a line of JSON: the time first, a Problem by its parts. */
export function recordOf({time, type, stage, ...rest}: Stamped): Record<string, unknown> {
  const parts = 'problem' in rest ? {problem: problemRecord(rest.problem)} : rest
  return {time, type, ...(stage === undefined ? {} : {stage}), ...parts}
}

function problemRecord(problem: Problem): Record<string, unknown> {
  const {code, message, hint, at, tail, log, exitCode} = problem
  const causes = causesOf(problem)
  return {code, message, exitCode, hint, at, log, ...(causes.length > 0 ? {causes} : {}), ...(tail.length > 0 ? {tail} : {})}
}
