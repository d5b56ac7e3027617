import {stripVTControlCharacters} from 'node:util'

/**
 * One line of anybody's text, safe to draw: no escape sequences, no control characters, no tabs, nothing that turns the
 * direction of writing. Of a line that a progress meter redrew by `\r` only the last drawing; of several lines one.
 */
export function plain(text: string): string {
  const drawn = text.replaceAll(/\r?\n/g, ' ').split('\r').findLast((part) => part.trim() !== '') ?? ''
  return stripVTControlCharacters(drawn).replaceAll('\t', '  ').replaceAll(/[\p{Cc}\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu, '').trimEnd()
}

/** As `plain`, of a text of several lines. */
export function plainLines(text: string): string[] {
  return text.trimEnd().split('\n').map(plain)
}

/** How many columns of a terminal a text without control characters takes. */
export function textWidth(text: string): number {
  if (isAscii(text)) return text.length
  return graphemesOf(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0)
}

/** The text in at most `width` columns; where something was cut away it ends in `…`. */
export function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const grapheme of graphemesOf(text)) {
    used += graphemeWidth(grapheme)
    if (used > width - 1) break
    kept += grapheme
  }
  return width < 1 ? '' : `${kept}…`
}

/** Spaces added to the end, up to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** Characters as people count them. The segmenter takes 25 ms to make: only for text that needs it. */
export function graphemesOf(text: string): string[] {
  return isAscii(text) ? text.split('') : Array.from(new Intl.Segmenter('en', {granularity: 'grapheme'}).segment(text), ({segment}) => segment)
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7E]*$/.test(text)
}

/** The East Asian wide and full-width blocks of Unicode (UAX 11), and what is drawn as a picture. */
const wide = /^(?:\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|.*\uFE0F)/u
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}
