import {clip, graphemesOf, plain, textWidth} from '../base/text.ts'
import type {Place} from '../model/problem.ts'
import type {Style} from './style.ts'

/** Columns that a line of a file may take, whatever the terminal: more is not read but searched. */
const widest = 100
/** Columns kept before the caret in a line that is too long. */
const before = 30

/**
 * The line that a Problem lies in, behind its number, and a caret under the column. Tabs count as two spaces, wide
 * characters as two columns, and of a long line the part around the caret is shown.
 */
export function excerpt(place: Place, style: Style, width: number): string[] {
  if (place.text === undefined || place.line === undefined) return []
  const number = String(place.line)
  const gutter = ' '.repeat(number.length)
  const room = Math.max(20, Math.min(width, widest) - number.length - 3)
  const {text, caret} = cutOut(place.text, place.column, room)
  const lines = [`${style.cyan(`${gutter} |`)}`, `${style.cyan(`${number} |`)} ${text}`]
  return caret === undefined ? lines : [...lines, `${style.cyan(`${gutter} |`)} ${' '.repeat(caret)}${style.red('^')}`]
}

/** The part of a line that there is room for, and how many columns come before the caret. */
function cutOut(line: string, column: number | undefined, room: number): {text: string; caret?: number} {
  if (column === undefined) return {text: clip(plain(line), room)}
  const start = shown(line.slice(0, column - 1))
  const rest = shown(line.slice(column - 1)).trimEnd()
  if (textWidth(start) < room - 1) return {text: clip(start + rest, room), caret: textWidth(start)}
  const kept = `…${lastColumns(start, Math.min(before, room - 10))}`
  return {text: kept + clip(rest, room - textWidth(kept)), caret: textWidth(kept)}
}

/** As `plain`, with the spaces at the end, which count before a caret. */
function shown(part: string): string {
  return plain(`${part}|`).slice(0, -1)
}

function lastColumns(text: string, columns: number): string {
  const characters = graphemesOf(text)
  while (textWidth(characters.join('')) > columns) characters.shift()
  return characters.join('')
}
