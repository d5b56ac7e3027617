import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {
  boolCoreTag, CORE_SCHEMA, defineScalarTag, floatCoreTag, intCoreTag, load, NOT_RESOLVED, nullCoreTag, YAMLException,
} from 'js-yaml'
import {rcCloud} from './cloud-root.ts'
import {fromFlat} from './flat-lines.ts'

/** What a parser makes of a document: its value, or why it takes it for none. */
export type Parsed = {readonly value: unknown} | {readonly refused: string}

const parser = join(rcCloud, 'files', 'usr', 'lib', 'rc.cloud', 'parse.awk')

/** What rc.cloud's parser makes of a document, under busybox unless another awk is named. */
export function parseOurs(text: string | Buffer, awk: readonly string[] = ['busybox', 'awk']): Parsed {
  const [program = '', ...argv] = awk
  const {status, stdout, stderr, error} = spawnSync(program, [...argv, '-f', parser], {
    input: text, encoding: 'utf8', env: {PATH: process.env['PATH'], LC_ALL: 'C'}, maxBuffer: 64 << 20, timeout: 60_000,
  })
  if (error !== undefined) throw error
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
    return error.reason === 'expected a document, but the input is empty' ? {value: null} : {refused: error.message}
  }
}

// rule: yes, no, on, off are booleans, as in YAML 1.1
const booleans = defineScalarTag(boolCoreTag.tagName, {
  ...boolCoreTag,
  implicitFirstChars: [...'tTfFyYnNoO'],
  resolve: (source) => /^(true|True|TRUE|yes|Yes|YES|on|On|ON)$/.test(source) || (/^(false|False|FALSE|no|No|NO|off|Off|OFF)$/.test(source) ? false : NOT_RESOLVED),
})

const schema = CORE_SCHEMA.withTags(booleans)

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
  const values = [nullCoreTag, booleans, intCoreTag, floatCoreTag].map((tag) => tag.resolve(key, false, tag.tagName))
  const found = values.find((value) => value !== NOT_RESOLVED)
  return found === undefined ? key : String(found)
}
