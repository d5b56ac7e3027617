import {createHmac} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {writeJson} from '../../base/atomic-file.ts'
import {readIfThere} from '../../base/if-there.ts'
import {isRecord} from '../../base/json.ts'
import {complainOfHash, complainOfPassword, firstLine} from '../../model/password-hash.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import type {Password} from '../../model/recipe.ts'
import {lockedHash} from '../../model/shadow.ts'
import {hashPassword} from '../../tools/openssl.ts'

/** Where the hash of a plain password is kept, so that the same password gives the same image in one workspace. */
export interface HashStore {
  /** Holds the hash, and an HMAC of the password it is of: 0600. */
  readonly file: string
  /** The workspace's random key. */
  readonly keyFile: string
}

/**
 * What is to stand in /etc/shadow for root; undefined where that stays. Throws a Problem (`password-invalid`, `secret-missing`)
 * that never repeats the secret.
 */
export async function rootHash(password: Password, run: Run, store?: HashStore): Promise<string | undefined> {
  switch (password.kind) {
    case 'keep': return undefined
    case 'locked': return lockedHash
    case 'hash-file': return readSecret(password)
    case 'file': case 'env': return hashOf(await readSecret(password), run, store)
    case 'prompt': throw new Error('the password was not asked for')
  }
}

/** The hash or the plain password that a target names, found fit for a login. Throws as `rootHash` does. */
export async function readSecret(password: Extract<Password, {kind: 'hash-file' | 'file' | 'env'}>): Promise<string> {
  switch (password.kind) {
    case 'hash-file': return valid(firstLine(await secretFile(password.path)).trim(), complainOfHash, `the hash in ${password.path}`)
    case 'file': return valid(firstLine(await secretFile(password.path)), complainOfPassword, `the password in ${password.path}`)
    case 'env': return valid(process.env[password.name] ?? '', complainOfPassword, `the password in the environment variable ${password.name}`)
  }
}

async function secretFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Problem('secret-missing', `${path}, which holds root's password or its hash, cannot be read`, {cause: error})
  }
}

function valid(secret: string, complain: (secret: string) => string | undefined, what: string): string {
  const complaint = complain(secret)
  if (complaint !== undefined) throw new Problem('password-invalid', `${what} ${complaint}`, complain === complainOfHash ? {hint: 'openssl passwd -6 makes a hash that fits.'} : {})
  return secret
}

async function hashOf(password: string, run: Run, store: HashStore | undefined): Promise<string> {
  if (store === undefined) return newHash(password, run)
  const mark = createHmac('sha256', await readFile(store.keyFile)).update('root password\0').update(password).digest('hex')
  const known = parse(await readIfThere(store.file) ?? '')
  if (known?.mark === mark) return known.hash
  const hash = await newHash(password, run)
  await writeJson(store.file, {mark, hash}, {mode: 0o600})
  return hash
}

async function newHash(password: string, run: Run): Promise<string> {
  const hash = await hashPassword(run, password)
  if (complainOfHash(hash) !== undefined) throw new Error('openssl passwd -6 gave something that is no such hash')
  return hash
}

function parse(text: string): {readonly mark: string; readonly hash: string} | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && typeof value['mark'] === 'string' && typeof value['hash'] === 'string' && complainOfHash(value['hash']) === undefined ? {mark: value['mark'], hash: value['hash']} : undefined
  } catch {
    return undefined
  }
}
