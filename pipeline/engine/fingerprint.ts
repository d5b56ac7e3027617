import {createHash, createHmac, randomBytes} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {writeAtomic} from '../base/atomic-file.ts'
import {isMissing} from '../base/errors.ts'
import {canonicalJson, isRecord, type Json} from '../base/json.ts'
import type {Change} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import type {ContentsOf, Inputs, SecretSource} from '../model/stage.ts'
import type {Contents} from './contents.ts'

/** All inputs of a stage as plain data, and their hash. The data is kept, so that "why did it run" is a diff. */
export interface Fingerprint {
  /** SHA-256 in hex over the canonical JSON of `inputs`. */
  readonly hash: string
  readonly inputs: Json
}

export function fingerprintOf(inputs: Json): Fingerprint {
  return {hash: createHash('sha256').update(canonicalJson(inputs)).digest('hex'), inputs}
}

/** Puts digests in the place of named contents, and HMACs in the place of named secrets. */
export class InputReader {
  readonly #contents: Contents
  readonly #keyFile: string
  #key: Promise<Uint8Array> | undefined

  constructor(contents: Contents, keyFile: string) {
    this.#contents = contents
    this.#keyFile = keyFile
  }

  async read(inputs: Inputs | undefined): Promise<Json> {
    if (inputs === undefined || inputs === null || typeof inputs !== 'object') return inputs ?? null
    if (isList(inputs)) return Promise.all(inputs.map((item) => this.read(item)))
    if ('$contents' in inputs && typeof inputs.$contents === 'string') return this.#contents.digest(inputs.$contents, (inputs as ContentsOf).except)
    if ('$secret' in inputs && isRecord(inputs.$secret)) return this.#secret(inputs.$secret as SecretSource)
    const members = Object.entries(inputs).filter(([, value]) => value !== undefined)
    return Object.fromEntries(await Promise.all(members.map(async ([key, value]) => [key, await this.read(value as Inputs)] as const)))
  }

  async #secret(source: SecretSource): Promise<string> {
    this.#key ??= workspaceKey(this.#keyFile)
    return createHmac('sha256', await this.#key).update(await readSecret(source)).digest('hex')
  }
}

/** The plain bytes of a secret. A missing one is a Problem that says where it was looked for, never what it is. */
async function readSecret(source: SecretSource): Promise<Uint8Array> {
  if ('env' in source) {
    const value = process.env[source.env]
    if (value === undefined || value === '') throw new Problem('secret-missing', `the environment variable ${source.env}, which holds a secret of this target, is not set`, {hint: `Set it for this command only: read -rs ${source.env}; export ${source.env}`})
    return Buffer.from(value)
  }
  try {
    return await readFile(source.file)
  } catch (error) {
    throw new Problem('secret-missing', `${source.file}, which holds a secret of this target, cannot be read`, {cause: error})
  }
}

/** The random key of a workspace, made at the first use. */
async function workspaceKey(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    const key = randomBytes(32)
    await writeAtomic(path, key, {mode: 0o600})
    return key
  }
}

/** Every leaf that differs between two inputs, by its path: `root.password.kind`. */
export function changesBetween(before: Json | undefined, after: Json | undefined, path = ''): readonly Change[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return []
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => changesBetween(before[key] as Json | undefined, after[key] as Json | undefined, path === '' ? key : `${path}.${key}`))
  }
  return [{path, ...(before === undefined ? {} : {before}), ...(after === undefined ? {} : {after})}]
}

function isList(inputs: Inputs): inputs is readonly Inputs[] {
  return Array.isArray(inputs)
}
