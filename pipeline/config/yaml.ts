import {
  constructFromEvents, CORE_SCHEMA, dump, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException,
  type DocumentEvent, type Event, type ScalarEvent,
} from 'js-yaml'
import {messageOf} from '../base/errors.ts'
import {Problem, throwAll} from '../model/problem.ts'
import type {Entry, Located} from './located.ts'
import {SourceText} from './source-text.ts'

/**
 * Reads one YAML 1.2 document: plain maps, lists and scalars, each with its place. Anchors, aliases, merge keys and tags are
 * refused: what targets share they share by `extends`, and a value is to stand where it is read. Throws Problems: `target-syntax`.
 *
 * @param file the name to show
 * @returns undefined for a file that says nothing
 */
export function readYaml(file: string, text: string): Located | undefined {
  const source = new SourceText(file, text)
  const reader = new Reader(source, eventsOf(source))
  const located = reader.document()
  throwAll(reader.problems)
  return located?.kind === 'scalar' && located.text === '' ? undefined : located
}

/** A scalar, or what is empty, as YAML on one line: quoted where it would be read as something else. */
export function yamlScalar(value: unknown): string {
  return dump(value, {lineWidth: -1, flowLevel: 0, quoteStyle: 'double', schema: CORE_SCHEMA}).trimEnd()
}

function eventsOf(source: SourceText): readonly Event[] {
  try {
    return parseEvents(source.text, {filename: source.file})
  } catch (error) {
    const reason = error instanceof YAMLException ? error.reason : messageOf(error)
    const at = error instanceof YAMLException && error.mark !== undefined ? source.place(error.mark.position) : {file: source.file}
    throw new Problem('target-syntax', `not YAML: ${reason}`, {at, ...adviceOn(reason)})
  }
}

/** The parser's reason says what stopped it, which is seldom what a person did. */
function adviceOn(reason: string): {hint?: string} {
  const found = advice.find(([pattern]) => pattern.test(reason))
  return found === undefined ? {} : {hint: found[1]}
}

const advice: readonly (readonly [RegExp, string])[] = [
  [/tab characters/, 'Indent with spaces.'],
  [/bad indentation of a mapping entry/, 'Indent the keys of one map alike. A text with ": " in it, or one that begins with @ ` % - & * ! [ or {, stands in quotes.'],
  [/bad indentation of a sequence entry/, 'Indent the items of one list alike.'],
  [/end of the stream within a (double|single) quoted/, 'The closing quote is missing.'],
  [/end of the stream within a flow collection|deficient indentation/, 'A closing ] or } is missing, or what stands between them is indented less than its key.'],
  [/escape sequence/, 'In double quotes a backslash is written twice; in single quotes it stands for itself.'],
]

/** Walks the parser's events; gathers everything that is YAML but not what we take. */
class Reader {
  readonly problems: Problem[] = []
  readonly #source: SourceText
  readonly #events: readonly Event[]
  #next = 0
  /** The last place seen, for a value that is not written at all. */
  #offset = 0

  constructor(source: SourceText, events: readonly Event[]) {
    this.#source = source
    this.#events = events
  }

  document(): Located | undefined {
    const [first, second] = this.#events
    if (first?.type !== EVENT_ID.DOCUMENT || second === undefined || second.type === EVENT_ID.POP) return undefined
    this.#next = 1
    const located = this.#value()
    const documents = this.#events.filter(({type}) => type === EVENT_ID.DOCUMENT).length
    if (documents > 1) this.#refuse(this.#offset, 'more than one document in a file', 'Take the line --- away, and what follows it.')
    return located
  }

  #value(): Located {
    const event = this.#events[this.#next++]
    if (event === undefined) throw new Error('the parser ended within a value')
    this.#refuseReferences(event)
    switch (event.type) {
      case EVENT_ID.SCALAR: return this.#scalar(event)
      case EVENT_ID.SEQUENCE: return this.#list(event.start)
      case EVENT_ID.MAPPING: return this.#map(event.start)
      default: return {kind: 'scalar', value: null, text: '', at: this.#source.place(this.#offset)}
    }
  }

  #scalar(event: ScalarEvent): Located {
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
    if (event.valueStart >= 0) this.#offset = event.valueStart - (quoted ? 1 : 0)
    const at = this.#source.place(this.#offset)
    const text = event.valueStart < 0 ? '' : getScalarValue(this.#source.text, event)
    return {kind: 'scalar', value: this.#resolve(event), text, at}
  }

  /** What the core schema makes of a scalar: `5` a number, `true` a boolean, `~` null, `yes` a text. */
  #resolve(event: ScalarEvent): string | number | boolean | null {
    const bare = {...event, tagStart: -1, tagEnd: -1, anchorStart: -1, anchorEnd: -1}
    const [value] = constructFromEvents([wholeDocument, bare, {type: EVENT_ID.POP}], {source: this.#source.text, schema: CORE_SCHEMA})
    return value as string | number | boolean | null
  }

  #list(start: number): Located {
    this.#offset = start
    const at = this.#source.place(start)
    const items: Located[] = []
    while (!this.#closes()) items.push(this.#value())
    return {kind: 'list', items, at}
  }

  #map(start: number): Located {
    this.#offset = start
    const at = this.#source.place(start)
    const entries = new Map<string, Entry>()
    while (!this.#closes()) {
      const key = this.#value()
      const keyOffset = this.#offset
      const node = this.#value()
      if (key.kind !== 'scalar' || key.text === '') this.#refuse(keyOffset, 'a key is a plain text')
      else if (key.text === '<<') this.#refuse(keyOffset, 'a merge key: not taken here', 'What targets share they share by `extends`.')
      else if (key.text === '__proto__') this.#refuse(keyOffset, '__proto__ is no key')
      else if (entries.has(key.text)) this.#refuse(keyOffset, `the key ${key.text} is there twice`, `It also stands in line ${entries.get(key.text)?.key.line}.`)
      else entries.set(key.text, {key: key.at, node})
    }
    return {kind: 'map', entries, at}
  }

  #closes(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false
    this.#next++
    return true
  }

  #refuseReferences(event: Event): void {
    if (event.type === EVENT_ID.ALIAS) this.#refuse(event.anchorStart - 1, 'an alias: not taken here', 'Write the value again, or share it by `extends`.')
    if (!('tagStart' in event)) return
    if (event.anchorStart >= 0) this.#refuse(event.anchorStart - 1, 'an anchor: not taken here', 'Take the & and the word behind it away. What targets share they share by `extends`.')
    if (event.tagStart >= 0) this.#refuse(event.tagStart, 'a tag: not taken here', 'A text that looks like something else stands in quotes.')
  }

  #refuse(offset: number, message: string, hint?: string): void {
    this.problems.push(new Problem('target-syntax', message, {at: this.#source.place(offset), ...(hint === undefined ? {} : {hint})}))
  }
}

const wholeDocument: DocumentEvent = {type: EVENT_ID.DOCUMENT, explicitStart: false, explicitEnd: false, directives: []}
