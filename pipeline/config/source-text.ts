import type {Place} from '../model/problem.ts'

/** The text of a file, in which every offset has a line and a column. */
export class SourceText {
  /** As people are to see it: from the folder that cloudwrt was called in, or whole. */
  readonly file: string
  readonly text: string
  readonly #lines: readonly string[]
  /** Offset of the first character of each line. */
  readonly #starts: readonly number[]

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
    this.#starts = [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), ({index, 0: end}) => index + end.length)]
    this.#lines = this.#starts.map((start, row) => text.slice(start, this.#starts[row + 1]).replace(/[\r\n]+$/, '').replace(/^\uFEFF/, ''))
  }

  /** The place of an offset. Columns count UTF-16 units from 1, as editors do. */
  place(offset: number): Place {
    const row = this.#row(offset)
    const byteOrderMark = row === 0 && this.text.startsWith('\uFEFF') ? 1 : 0
    const column = Math.max(1, offset - (this.#starts[row] ?? 0) - byteOrderMark + 1)
    return {file: this.file, line: row + 1, column, text: this.#shown(row)}
  }

  #row(offset: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** A line as it may be shown: complaints quote lines, and a line may hold a secret that has no place in a target. */
  #shown(row: number): string {
    const line = this.#lines[row] ?? ''
    if (line.includes('PRIVATE KEY') || this.#isInPassword(row)) return line.replace(/\S.*$/, hidden)
    const [, key = '', value = ''] = /^(.*?\bpassword["']?\s*:\s*)(.*)$/.exec(line) ?? []
    const isHarmless = harmless.test(value) || (key.includes('{') && harmlessWithin.test(value))
    const open = key === '' || isHarmless ? line : `${key}${hidden}`
    return open.replaceAll(/(https?:\/\/|[a-z+]+:\/\/[^/@\s:]*:)[^/@\s]*@/gi, `$1${hidden}@`)
  }

  /** Whether a line above, with less indentation, opens `password:`, and this one is not what belongs there. */
  #isInPassword(row: number): boolean {
    const line = this.#lines[row] ?? ''
    if (/^\s*(env|file|hash-file)\s*:/.test(line)) return false
    // the items of a list may stand right under their key
    let indentation = line.search(/\S/) + (/^\s*-/.test(line) ? 1 : 0)
    for (let above = row - 1; above >= 0 && indentation > 0; above--) {
      const candidate = this.#lines[above] ?? ''
      const start = candidate.search(/\S/)
      if (start < 0 || start >= indentation) continue
      if (/^\s*["']?password["']?\s*:/.test(candidate)) return true
      indentation = start
    }
    return false
  }
}

const hidden = '********'

/** What a target may say of a password; or what comes before one that stands in the next line. */
const allowed = String.raw`(?:["']?(?:locked|keep|prompt)["']?|\{\s*(?:env|file|hash-file)\s*:[^,{}]*\})`
const harmless = new RegExp(String.raw`^(?:${allowed}|\{|[|>][+-]?\d?|)\s*(?:#.*)?$`)
/** Between the brackets of a map more may follow. */
const harmlessWithin = new RegExp(String.raw`^${allowed}\s*[,}]`)
