import {createHash} from 'node:crypto'
import {mkdir, readFile, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {besideOf, writeAtomic} from '../../base/atomic-file.ts'
import {errorCode} from '../../base/errors.ts'
import {isThere, readIfThere} from '../../base/if-there.ts'
import type {Emit} from '../../model/event.ts'
import type {Config} from '../../model/kconfig.ts'
import {Problem} from '../../model/problem.ts'
import type {Recipe} from '../../model/recipe.ts'
import {keyKinds, type KeyKind, type KeyPair} from '../../model/signing-key.ts'
import type {Workspace} from '../../model/workspace.ts'

/** Which keys a tree signs packages with. Only public halves are named. */
export interface KeyRecord {
  readonly kind: KeyKind['name'] | 'none'
  /** `target`: a folder that it names. `cache`: made by us, once. `tree`: the user's own tree had some. */
  readonly from?: 'target' | 'cache' | 'tree'
  /** SHA-256 of the file with the public half, in hex; OpenWrt makes the half that a user's tree lacks. */
  readonly public?: string
}

/**
 * Puts the keys into the tree with which OpenWrt signs packages and whose public half it puts into the image. A tree without any
 * makes some at random while it builds base-files (opkg) or packages (apk), and no two images would be the same.
 */
export async function placeKeys(recipe: Recipe, workspace: Workspace, config: Config, emit: Emit): Promise<KeyRecord> {
  const kind = kindFor(config)
  if (kind === undefined) return {kind: 'none'}
  const present = await readPair(workspace.tree, kind)
  if (recipe.source.kind === 'tree' && await isThere(join(workspace.tree, kind.secret))) return record(kind, 'tree', present)
  const from = recipe.build.keys === undefined ? 'cache' : 'target'
  const folder = recipe.build.keys ?? await keysInCache(workspace.keys, kind)
  const pair = await readPair(folder, kind)
  if (pair === undefined) {
    throw new Problem('keys-invalid', `build.keys: ${folder} has no ${kind.secret} with its ${kind.public}`, {
      hint: `Packages of this release are signed for ${kind.name}, with these two files; without build.keys they are made.`,
    })
  }
  const complaint = kind.complain(pair)
  if (complaint !== undefined) throw new Problem('keys-invalid', `${folder}: ${complaint}`)
  if (present?.secret !== pair.secret || present.public !== pair.public) {
    if (present !== undefined) emit({type: 'warning', text: 'the keys that sign packages changed: packages built before keep their signature until cloudwrt clean --layer build'})
    // the public half last: make takes one that is older than the secret for outdated
    await writeAtomic(join(workspace.tree, kind.secret), pair.secret, {mode: 0o600})
    await writeAtomic(join(workspace.tree, kind.public), pair.public)
  }
  if (kind.derived !== undefined) await copyIfThere(join(folder, kind.derived), join(workspace.tree, kind.derived))
  return record(kind, from, pair)
}

/** Keeps what OpenWrt derived from our keys with the time in it, so that the next tree has the same. */
export async function keepDerived({kind, from}: KeyRecord, workspace: Workspace): Promise<void> {
  if (kind === 'none' || from !== 'cache') return
  const {derived} = keyKinds[kind]
  if (derived !== undefined) await copyIfThere(join(workspace.tree, derived), join(workspace.keys, kind, derived))
}

/** 24.10 and older sign lists for opkg with usign, 25.12 and newer packages for apk with openssl; both follow USE_APK. */
function kindFor(config: Config): KeyKind | undefined {
  if (config.get('USE_APK') === 'y') return keyKinds.apk
  return config.get('SIGNED_PACKAGES') === 'y' ? keyKinds.opkg : undefined
}

/** The folder with our own pair, which is made at the first time. Of two that make one at once the first wins. */
async function keysInCache(cache: string, kind: KeyKind): Promise<string> {
  const folder = join(cache, kind.name)
  if (await readPair(folder, kind) !== undefined) return folder
  const beside = besideOf(folder)
  await mkdir(beside, {recursive: true, mode: 0o700})
  try {
    const pair = kind.generate()
    await writeAtomic(join(beside, kind.secret), pair.secret, {mode: 0o600})
    await writeAtomic(join(beside, kind.public), pair.public)
    await rename(beside, folder)
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error
  } finally {
    await rm(beside, {recursive: true, force: true})
  }
  return folder
}

/** Both files, or undefined where either is missing or empty, as OpenWrt looks at it. */
async function readPair(folder: string, kind: KeyKind): Promise<KeyPair | undefined> {
  const [secret = '', open = ''] = await Promise.all([readIfThere(join(folder, kind.secret)), readIfThere(join(folder, kind.public))])
  return secret === '' || open === '' ? undefined : {secret, public: open}
}

async function copyIfThere(from: string, to: string): Promise<void> {
  if (await isThere(from)) await writeAtomic(to, await readFile(from))
}

function record({name}: KeyKind, from: KeyRecord['from'] & string, pair: KeyPair | undefined): KeyRecord {
  return {kind: name, from, ...(pair === undefined ? {} : {public: createHash('sha256').update(pair.public).digest('hex')})}
}

export async function readKeyRecord({keyRecord}: Workspace): Promise<KeyRecord> {
  return JSON.parse(await readFile(keyRecord, 'utf8')) as KeyRecord
}
