import type {KconfigType} from './kconfig.ts'

/** One `config` entry of a Kconfig file; a symbol may have several. */
export interface Declaration {
  readonly symbol: string
  type: KconfigType | undefined
  /** The entry has a line in the menu: without one nobody can set it. */
  prompt: boolean
  /** Conditions under which the prompt shows, all of which must hold. */
  readonly visible: string[]
  /** All of these must hold: its own `depends on`, and those of the menus, ifs and choices around it. */
  readonly depends: string[]
  readonly selects: Select[]
  /** Entries of one `choice` share this number: only one of them can be on. */
  readonly choice: number | undefined
}

/** `select SYMBOL if CONDITION`. */
export interface Select {
  readonly symbol: string
  readonly condition: string | undefined
}

export type Declarations = ReadonlyMap<string, readonly Declaration[]>

/** A Kconfig file, and where it lies. */
export interface KconfigFile {
  readonly path: string
  readonly text: string
}

/** Gives the files that a `source` line in the file `from` names; the pattern may hold `*`. */
export type Source = (pattern: string, from: string) => readonly KconfigFile[]

/**
 * Reads a Kconfig file and all that it sources: what OpenWrt's kconfig knows of symbols, as far as it takes to say why one
 * was lost. Defaults, ranges and help texts are passed over.
 */
export function parseDeclarations(file: KconfigFile, source: Source): Declarations {
  const reader = new Reader(source)
  reader.read(file)
  return reader.declarations
}

interface Block {
  readonly depends: string[]
  readonly visible: string[]
  readonly choice: number | undefined
}

const types: Readonly<Record<string, KconfigType>> = {
  bool: 'bool', boolean: 'bool', def_bool: 'bool', tristate: 'tristate', def_tristate: 'tristate', int: 'int', hex: 'hex', string: 'string',
}

class Reader {
  readonly declarations = new Map<string, Declaration[]>()
  readonly #source: Source
  readonly #blocks: Block[] = []
  /** What attributes belong to: the entry last begun, or the menu or choice when nothing was begun in it yet. */
  #entry: Declaration | undefined
  #choices = 0

  constructor(source: Source) {
    this.#source = source
  }

  read({path, text}: KconfigFile): void {
    const help = new HelpText()
    for (const line of text.replaceAll(/\s*\\\n\s*/g, ' ').split('\n')) {
      if (help.takes(line)) continue
      const [, keyword = '', rest = ''] = /^\s*([\w-]+)\s*((?:"[^"]*"|[^"#])*)/.exec(line) ?? []
      if (keyword === 'help' || keyword === '---help---') help.begin()
      else if (/^[or]?source$/.test(keyword)) this.#include(rest, path)
      else this.#statement(keyword, rest)
    }
  }

  #statement(keyword: string, rest: string): void {
    switch (keyword) {
      case 'config': case 'menuconfig': return this.#begin(rest.trim())
      case 'menu': case 'choice': case 'if': case 'comment': return this.#open(keyword, rest)
      case 'endmenu': case 'endchoice': case 'endif': return this.#close()
      default: return this.#attribute(keyword, rest)
    }
  }

  #begin(symbol: string): void {
    const block = this.#blocks.at(-1)
    const entry: Declaration = {
      symbol, type: undefined, prompt: false, selects: [], choice: block?.choice,
      depends: this.#blocks.flatMap(({depends}) => depends), visible: this.#blocks.flatMap(({visible}) => visible),
    }
    const others = this.declarations.get(symbol)
    if (others === undefined) this.declarations.set(symbol, [entry])
    else others.push(entry)
    this.#entry = entry
  }

  #open(keyword: string, rest: string): void {
    // a comment has attributes of its own but no end: give them to nobody
    this.#entry = keyword === 'comment' ? {symbol: '', type: undefined, prompt: false, visible: [], depends: [], selects: [], choice: undefined} : undefined
    if (keyword === 'comment') return
    const choice = keyword === 'choice' ? (this.#choices += 1) : keyword === 'if' ? this.#blocks.at(-1)?.choice : undefined
    this.#blocks.push({depends: keyword === 'if' ? [rest] : [], visible: [], choice})
  }

  #close(): void {
    this.#blocks.pop()
    this.#entry = undefined
  }

  #include(rest: string, from: string): void {
    this.#entry = undefined
    for (const file of this.#source(rest.trim().replace(/^"(.*)"$/, '$1'), from)) this.read(file)
  }

  #attribute(keyword: string, rest: string): void {
    const holder = this.#entry ?? this.#blocks.at(-1)
    const [what, condition] = splitCondition(rest)
    if (keyword === 'depends') holder?.depends.push(rest.replace(/^on\s+/, ''))
    if (keyword === 'visible' && this.#entry === undefined) holder?.visible.push(rest.replace(/^if\s+/, ''))
    if (this.#entry === undefined) return
    const type = types[keyword]
    if (type !== undefined) this.#entry.type = type
    if (keyword === 'prompt' || (type !== undefined && /^["']/.test(rest))) {
      this.#entry.prompt = true
      if (condition !== undefined) this.#entry.visible.push(condition)
    }
    if (keyword === 'select') this.#entry.selects.push({symbol: what, condition})
  }
}

/** `X if Y`: both. An `if` within quotes is text. */
function splitCondition(text: string): [string, string | undefined] {
  const [, what = text, condition] = /^("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\S+)\s+if\s+(.*)$/.exec(text.trim()) ?? []
  return [what.trim(), condition]
}

/** Help goes on while lines are indented at least as its first; a tab is eight columns. */
class HelpText {
  #indent: number | undefined
  #begun = false

  begin(): void {
    this.#begun = true
    this.#indent = undefined
  }

  takes(line: string): boolean {
    if (!this.#begun) return false
    if (line.trim() === '') return true
    const indent = columns(line)
    this.#indent ??= indent
    if (indent > 0 && indent >= this.#indent) return true
    this.#begun = false
    return false
  }
}

function columns(line: string): number {
  let width = 0
  for (const character of line) {
    if (character === '\t') width += 8 - (width % 8)
    else if (character === ' ') width += 1
    else break
  }
  return width
}
