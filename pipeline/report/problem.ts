import {shortPath} from '../base/short-path.ts'
import {clip, plain, plainLines} from '../base/text.ts'
import type {Stamped} from '../model/event.ts'
import {fileFailure} from '../model/file-failure.ts'
import {problemsOf, type Place, type Problem} from '../model/problem.ts'
import {excerpt} from './excerpt.ts'
import {causesOf} from './record.ts'
import type {Style} from './style.ts'

/** Columns shown of a line of a failed program, whatever the terminal: the reason is in there, a compiler's whole command line is not it. */
const widestTail = 240

/** The events that tell of an error. */
export type Failure = Extract<Stamped, {readonly type: 'problem' | 'bug'}>

export interface Look {
  readonly style: Style
  /** Columns of the terminal. */
  readonly width: number
  /** Paths inside it are shown relative to it. */
  readonly folder?: string
}

/**
 * A Problem as a person reads it: what is wrong, where, what the failed program said last, and what to do.
 *
 *     error: unknown key pakages
 *       --> targets/x.yaml:12:3
 *        |
 *     12 |   pakages: [luci]
 *        |   ^
 *       hint: packages?
 */
export function problemText(problem: Problem, look: Look): string {
  const {style} = look
  if (problem.code === 'interrupted') return style.yellow(problem.message)
  return [
    `${style.red('error:')} ${style.bold(plainLines(problem.message).join('\n'))}`,
    ...placeLines(problem.at, look),
    ...causeLines(problem, style),
    ...tailLines(problem.tail, style),
    ...labelled('log', problem.log === undefined ? undefined : shortPath(problem.log, look.folder), style),
    ...labelled('hint', problem.hint, style),
  ].join('\n')
}

/** Something that should not have happened: all that whoever mends it needs. */
export function bugText({message, stack}: {readonly message: string; readonly stack: string}, {style}: Pick<Look, 'style'>): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return [
    `${style.red('bug:')} ${style.bold(plainLines(message).join('\n'))}`,
    ...frames.map((frame) => style.dim(plain(frame))),
    ...labelled('hint', 'This is a fault of cloudwrt, not of yours. Please report it with these lines and the command that you gave.', style),
  ].join('\n')
}

/** What went wrong, whatever it is. */
export function failureText(failure: Failure, look: Look): string {
  return failure.type === 'problem' ? problemText(failure.problem, look) : bugText(failure, look)
}

/** The events that tell of an error: a Problem each, or a bug. */
export function eventsOf(error: unknown): Failure[] {
  const time = Date.now()
  const problems = expectedIn(error)
  if (problems.length > 0) return problems.map((problem) => ({type: 'problem', problem, time}))
  const {message, stack} = error instanceof Error ? error : new Error(`something that is no Error was thrown: ${String(error)}`)
  return [{type: 'bug', message, stack: stack ?? '', time}]
}

/** The exit code that a Problem or several stand for; undefined for a bug. */
export function exitCodeOf(error: unknown): number | undefined {
  const problems = expectedIn(error)
  return problems.length === 0 ? undefined : Math.max(...problems.map(({exitCode}) => exitCode))
}

function expectedIn(error: unknown): readonly Problem[] {
  return [fileFailure(error) ?? problemsOf(error)].flat()
}

function placeLines(at: Place | undefined, look: Look): string[] {
  if (at === undefined) return []
  const place = [shortPath(at.file, look.folder), at.line, at.line === undefined ? undefined : at.column].filter((part) => part !== undefined).join(':')
  return [`  ${look.style.cyan('-->')} ${place}`, ...excerpt(at, look.style, look.width)]
}

function causeLines(problem: Problem, style: Style): string[] {
  return causesOf(problem).filter((cause) => !problem.message.includes(cause)).flatMap((cause) => labelled('because', cause, style))
}

/** The end of what a program said. Empty lines go: they are many, and here room is dear. */
function tailLines(tail: readonly string[], style: Style): string[] {
  const bar = style.dim('|')
  return tail.map(plain).filter((line) => line !== '').map((line) => `  ${bar} ${clip(line, widestTail)}`)
}

/** `  hint: …`; further lines stand under the first one's text. */
function labelled(label: string, text: string | undefined, style: Style): string[] {
  if (text === undefined) return []
  const [first = '', ...rest] = plainLines(text)
  return [`  ${style.cyan(`${label}:`)} ${first}`, ...rest.map((line) => `  ${' '.repeat(label.length + 1)} ${line}`)]
}
