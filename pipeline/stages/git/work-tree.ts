import {mkdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {besideOf} from '../../base/atomic-file.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import {changedPaths, headOf, localGit, objectsOf} from '../../tools/git.ts'
import {damaged, type Cached} from './cache.ts'

/** What a folder is to hold. */
export interface Checkout {
  /** Absolute. */
  readonly folder: string
  readonly commit: string
  /** The public URL, for whoever works in the folder by hand. */
  readonly repository: string
  readonly cached: Cached
  /** Whether the cache has what came before the commit; else history ends at it. */
  readonly history: boolean
}

/**
 * Makes a folder a clean work tree of a commit, with its objects borrowed from the cache. A work tree of that commit
 * keeps what git ignores in it, which is what was built; one of another commit is made anew, since OpenWrt rebuilds
 * neither its toolchain nor its staging folders when the sources under them change.
 *
 * @returns the paths that were not as in the commit, and are now
 */
export async function checkOut(run: Run, checkout: Checkout): Promise<readonly string[]> {
  const {folder, commit} = checkout
  if (await isAt(run, folder, commit)) return mend(run, checkout)
  const beside = besideOf(folder)
  await populate(run, {...checkout, folder: beside})
  await replace(folder, beside)
  return []
}

/** Whether a folder is a work tree whose HEAD is that commit; whatever else is in it. */
export async function isAt(run: Run, folder: string, commit: string): Promise<boolean> {
  return await headOf(run, folder) === commit
}

async function mend(run: Run, checkout: Checkout): Promise<readonly string[]> {
  const {folder, commit} = checkout
  await borrow(checkout)
  const changed = await changedPaths(run, folder)
  if (changed.length === 0) return []
  await inWorkTree(run, checkout, ['reset', '--quiet', '--hard', commit])
  await localGit(run, folder, ['clean', '--quiet', '-d', '--force'])
  return changed
}

async function populate(run: Run, checkout: Checkout): Promise<void> {
  const {folder, commit, repository, history} = checkout
  await mkdir(folder, {recursive: true})
  await localGit(run, folder, ['init', '--quiet', '--template=', `--initial-branch=${branch}`])
  await borrow(checkout)
  if (!history) await writeFile(join(folder, '.git', 'shallow'), `${commit}\n`)
  for (const [key, value] of Object.entries(settings(repository))) await localGit(run, folder, ['config', key, value])
  for (const ref of [pinned, branch]) await localGit(run, folder, ['update-ref', `refs/heads/${ref}`, commit])
  await inWorkTree(run, checkout, ['reset', '--quiet', '--hard', commit])
}

/** The branch that HEAD is on, and the one that it follows. Both are at the pinned commit until somebody commits. */
const branch = 'cloudwrt'
const pinned = 'pinned'

/**
 * `scripts/getver.sh` counts commits up to where the branch leaves the one that it follows: without one it would say
 * `r0+33185`. The ten digits are those of OpenWrt's own builds; git's choice would depend on what else is in the cache.
 */
function settings(repository: string): Readonly<Record<string, string>> {
  return {
    'core.abbrev': '10', 'gc.auto': '0', 'core.autocrlf': 'false',
    'remote.origin.url': repository, 'remote.origin.fetch': '+refs/heads/*:refs/remotes/origin/*',
    [`branch.${branch}.remote`]: '.', [`branch.${branch}.merge`]: `refs/heads/${pinned}`,
  }
}

/** Written anew each time: the cache may have moved. */
async function borrow({folder, cached, history}: Checkout): Promise<void> {
  const info = join(folder, '.git', 'objects', 'info')
  await mkdir(info, {recursive: true})
  await writeFile(join(info, 'alternates'), [cached.snapshots, ...(history ? [cached.history] : [])].map((repository) => `${objectsOf(repository)}\n`).join(''))
}

/** Files get the modes that OpenWrt expects, whatever the user's umask is. */
async function inWorkTree(run: Run, {folder, cached}: Checkout, args: readonly string[]): Promise<void> {
  const withUmask: Run = (argv, options) => run(['sh', '-c', 'umask 022 && exec "$@"', 'sh', ...argv], options)
  const {exitCode, stderr} = await localGit(withUmask, folder, args, {ok: 'any'})
  if (exitCode === 0) return
  const message = `the files of the commit could not be written to ${folder}: ${stderr.trim().split('\n').at(-1) ?? ''}`
  throw /unable to read|bad object|missing blob|corrupt|loose object|packfile/i.test(stderr) ? damaged(cached, message) : new Problem('checkout-failed', message)
}

/** The old folder goes only once the new one is whole. */
async function replace(folder: string, beside: string): Promise<void> {
  const old = besideOf(folder)
  const had = await rename(folder, old).then(() => true, () => false)
  await rename(beside, folder)
  if (had) await rm(old, {recursive: true, force: true})
}
