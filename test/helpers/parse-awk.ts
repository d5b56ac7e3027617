import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {
  boolCoreTag, CORE_SCHEMA, defineScalarTag, floatCoreTag, intCoreTag, load, NOT_RESOLVED, nullCoreTag, YAMLException, type ScalarTagDefinition,
} from 'js-yaml'
import {rcCloud} from './cloud-root.ts'
import {fromFlat} from './flat-lines.ts'

/** What a parser makes of a document: its value, or why it takes it for none. */
export type Parsed = {readonly value: unknown} | {readonly refused: string}

const parser = join(rcCloud, 'lib', 'parse.awk')

/** Runs rc.cloud's parser on a document, under busybox unless another awk is named. */
export function runParser(text: string | Buffer, awk: readonly string[] = ['busybox', 'awk']): {status: number | null, stdout: string, stderr: string} {
  const [program = '', ...argv] = awk
  const ran = spawnSync(program, [...argv, '-f', parser], {
    input: text, encoding: 'utf8', env: {PATH: process.env['PATH'], LC_ALL: 'C'}, maxBuffer: 64 << 20, timeout: 60_000,
  })
  if (ran.error !== undefined) throw ran.error
  return ran
}

/** What rc.cloud's parser makes of a document. */
export function parseOurs(text: string | Buffer, awk?: readonly string[]): Parsed {
  const {status, stdout, stderr} = runParser(text, awk)
  if (status === 0 && stderr === '') return {value: sameKeys(fromFlat(stdout))}
  if (status !== 1 || !/^line \d+: [^\n]+\n$/.test(stderr)) throw new Error(`parse.awk ended with ${status}: ${stderr}`)
  return {refused: stderr.trimEnd()}
}

/** What js-yaml makes of it by the rules that we differ on. */
export function parseTheirs(text: string): Parsed {
  try {
    return {value: sameKeys(load(text, {schema, json: true}))}
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    // rule: what holds no document says nothing, which is null
    if (error.reason === 'expected a document, but the input is empty') return {value: null}
    const indented = indentBracket(text, error)
    return indented === undefined ? {refused: error.message} : parseTheirs(indented)
  }
}

/** Rule: a closing bracket needs no indentation. PyYAML, which is cloud-init's parser, thinks so too. */
function indentBracket(text: string, {reason, mark}: YAMLException): string | undefined {
  if (reason !== 'deficient indentation' || mark === undefined) return undefined
  const lines = text.split('\n')
  const line = lines[mark.line]
  if (line === undefined || !/^ *[\]}]/.test(line) || line.startsWith(deep)) return undefined
  return lines.with(mark.line, deep + line).join('\n')
}

const deep = ' '.repeat(200)

// rule: yes, no, on, off are booleans, as in YAML 1.1
const booleans = defineScalarTag(boolCoreTag.tagName, {
  ...boolCoreTag,
  implicitFirstChars: 'tTfFyYnNoO'.split(''),
  resolve: (source) => /^(true|yes|on)$/.test(source) || (/^(false|no|off)$/.test(source) ? false : NOT_RESOLVED),
})

/** Rule: what has a meaning has it in any case of letters: `nULL`, `0X1F`. */
function inAnyCase<Value>(tag: ScalarTagDefinition<Value>): ScalarTagDefinition<Value> {
  return defineScalarTag<Value>(tag.tagName, {...tag, resolve: (source, explicit, name) => tag.resolve(source.toLowerCase(), explicit, name)})
}

const tags = [inAnyCase(nullCoreTag), inAnyCase(booleans), inAnyCase(intCoreTag), inAnyCase(floatCoreTag)] as const
const schema = CORE_SCHEMA.withTags(...tags)

/** Rule: a key is the text that it is written as, of which js-yaml makes a number or so first: 0x10 would be 16. Here both are made so. */
function sameKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(sameKeys)
  const same = {}
  for (const [key, entry] of Object.entries(value)) {
    Object.defineProperty(same, resolvedKey(key), {value: sameKeys(entry), enumerable: true, configurable: true, writable: true})
  }
  return same
}

function resolvedKey(key: string): string {
  const values = tags.map((tag) => tag.resolve(key, false, tag.tagName))
  const found = values.find((value) => value !== NOT_RESOLVED)
  return found === undefined ? key : String(found)
}
