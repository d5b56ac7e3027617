import {existsSync} from 'node:fs'
import {readdir, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAtomic} from '../../base/atomic-file.ts'
import {acquireLock} from '../../base/lock-file.ts'
import type {Emit} from '../../model/event.ts'
import {cacheName, shownUrl, type Remote} from '../../model/git-remote.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import type {StageContext} from '../../model/stage.ts'
import {fetchInto, initBare, listRemote, localGit, requireCommit, RemoteFailure, revParse, type FetchOptions} from '../../tools/git.ts'
import {endOrphans, runMark} from '../../tools/orphans.ts'
import {fetchHistory, hasHistory} from './history.ts'
import {askedCommit, firstThatGives} from './mirrors.ts'

/** What everything that fetches needs. */
export interface Fetching {
  readonly run: Run
  readonly emit: Emit
  readonly signal: AbortSignal
  /** The folder of all bare repositories. */
  readonly cache: string
  /** What we do, for whoever waits for us. */
  readonly holder: string
}

/** A commit and how much of it is wanted. */
export interface Wanted {
  /** 40 hex digits. */
  readonly commit: string
  /** The branch or tag that it was resolved from: for servers that give no single commits. */
  readonly ref: string
  /** What it is, for people: `OpenWrt`, `feed packages`. */
  readonly what: string
  /** Also every commit and folder before it: `scripts/getver.sh` and package releases count them. */
  readonly history: boolean
}

/**
 * The bare repositories that stand for one remote. Objects only ever come in: a checkout that borrows them is safe
 * while somebody fetches. `snapshots` has single commits with all their files and nothing before them. `history` has
 * commits and folders without files, a third of the bytes. A commit that is complete has the ref `refs/pins/HASH`.
 */
export interface Cached {
  readonly snapshots: string
  readonly history: string
  /** Commits alone, for `cloudwrt lock --update` to show what came between. */
  readonly log: string
  /** Folders alone, of a feed of which only the names of packages are asked. */
  readonly names: string
  readonly lock: string
}

/** A remote's repositories with a commit in them. */
export interface Brought extends Cached {
  /** The URL that gave the commit when it first came. */
  readonly from: string
}

export function fetchingFor({run, emit, signal, workspace}: StageContext): Fetching {
  return {run, emit, signal, cache: workspace.gitCache, holder: `cloudwrt build ${workspace.target}`}
}

export function cachedAt(cache: string, repository: string): Cached {
  const base = join(cache, cacheName(repository))
  return {snapshots: `${base}.git`, history: `${base}.history.git`, log: `${base}.log.git`, names: `${base}.names.git`, lock: `${base}.lock`}
}

export function pinOf(commit: string): string {
  return `refs/pins/${commit}`
}

/** Brings a commit into the cache unless it is there, whoever of the remote's mirrors has it, and checks it. */
export async function bring(fetching: Fetching, remote: Remote, wanted: Wanted): Promise<Brought> {
  const {run} = fetching
  const cached = cachedAt(fetching.cache, remote.repository)
  if (!await isComplete(run, cached, wanted)) {
    await using _held = await holdCache(fetching, remote, cached)
    // somebody else may have brought it while we waited
    if (!await hasSnapshot(run, cached, wanted.commit)) await bringSnapshot(fetching, remote, cached, wanted)
    if (wanted.history && !await hasHistory(run, cached.history, wanted.commit)) await bringHistory(fetching, remote, cached, wanted)
  }
  return {...cached, from: await readFile(giverOf(cached, wanted.commit), 'utf8')}
}

/** The file that keeps who gave a commit. */
function giverOf({snapshots}: Cached, commit: string): string {
  return join(snapshots, 'given-by', commit)
}

/** Makes the repositories of one remote ours for writing; says for whom we wait. What a killed git left is removed. */
export async function holdCache({emit, signal, holder}: Fetching, {repository}: Remote, cached: Cached): Promise<AsyncDisposable> {
  const held = await acquireLock(cached.lock, {
    holder, signal,
    onWait: ({pid, holder: other}) => emit({type: 'note', text: `waiting for process ${pid} (${other}), which fetches from ${shownUrl(repository)}`}),
    onTakeOver: async () => { await endOrphans(cached.lock) },
  }).catch((error: unknown) => { throw signal.aborted ? new Problem('interrupted', 'interrupted', {cause: error}) : error })
  for (const repository of [cached.snapshots, cached.history, cached.log, cached.names]) await removeGitLocks(repository)
  return held
}

/** The mark by which a fetch of ours is found when we are killed; see `holdCache`. */
export function markOf(cached: Cached): Record<string, string> {
  return {[runMark]: cached.lock}
}

async function isComplete(run: Run, cached: Cached, {commit, history}: Wanted): Promise<boolean> {
  return await hasSnapshot(run, cached, commit) && (!history || await hasHistory(run, cached.history, commit))
}

async function hasSnapshot(run: Run, cached: Cached, commit: string): Promise<boolean> {
  if (!existsSync(giverOf(cached, commit))) return false
  if (await revParse(run, cached.snapshots, `${pinOf(commit)}^{commit}`) === commit) return true
  throw damaged(cached, `commit ${commit} came into ${cached.snapshots}, and cannot be read there any more`)
}

/** Objects that were there are not: a disk that failed, or somebody who tidied up. */
export function damaged({snapshots, history}: Cached, message: string): Problem {
  return new Problem('checkout-failed', message, {hint: `The cache is damaged. Remove ${snapshots} and ${history}: what is needed is fetched again.`})
}

async function bringSnapshot(fetching: Fetching, remote: Remote, cached: Cached, wanted: Wanted): Promise<void> {
  const {run, emit} = fetching
  const {commit, what} = wanted
  await initBare(run, cached.snapshots)
  const {url: giver} = await firstThatGives(askedCommit(commit, what), remote, emit, async (url) => {
    const options: FetchOptions = {refspecs: [`${commit}:${pinOf(commit)}`], depth: '--depth=1', afresh: true, env: markOf(cached), onProgress: progressOf(fetching, `fetching ${what}`)}
    await fetchInto(run, cached.snapshots, url, options).catch(async (error: unknown) => {
      if (!(error instanceof RemoteFailure) || error.failure.kind !== 'lacks') throw error
      await fetchByName(fetching, url, cached, wanted)
      await fetchInto(run, cached.snapshots, `file://${cached.history}`, options)
    })
  })
  await requireCommit(run, cached.snapshots, commit, what)
  await writeAtomic(giverOf(cached, commit), shownUrl(giver))
}

async function bringHistory(fetching: Fetching, remote: Remote, cached: Cached, wanted: Wanted): Promise<void> {
  const {run, emit} = fetching
  const {commit, what} = wanted
  await initBare(run, cached.history)
  await firstThatGives(askedCommit(commit, what), remote, emit, async (url) => {
    await fetchHistory(run, cached.history, url, commit, {env: markOf(cached), onProgress: progressOf(fetching, `fetching the history of ${what}`)})
  })
}

/** For servers of old and plain web servers, which give no commit by its hash: all branches and tags, then look. */
async function fetchByName(fetching: Fetching, url: string, cached: Cached, {commit, ref, what}: Wanted): Promise<void> {
  const {run} = fetching
  const {branches, tags} = await listRemote(run, url, {head: false})
  const known = [...branches.values(), ...tags.values()].includes(commit) || branches.has(ref) || tags.has(ref)
  if (!known && branches.size + tags.size === 0) throw new RemoteFailure(url, {kind: 'lacks', reason: 'it has no branches and no tags'})
  await initBare(run, cached.history)
  await fetchInto(run, cached.history, url, {refspecs: ['refs/heads/*:refs/all/heads/*', 'refs/tags/*:refs/all/tags/*'], env: markOf(cached), onProgress: progressOf(fetching, `fetching all of ${what}`)})
  if (await revParse(run, cached.history, `${commit}^{commit}`) !== commit) throw new RemoteFailure(url, {kind: 'lacks', reason: 'none of its branches and tags has the commit'})
  await localGit(run, cached.history, ['update-ref', pinOf(commit), commit])
}

function progressOf({emit}: Fetching, label: string): (done: number, total: number) => void {
  return (done, total) => emit({type: 'progress', label, done, total, unit: 'items'})
}

/** git leaves `shallow.lock`, `packed-refs.lock` and the like when it is killed, and would refuse to go on. */
async function removeGitLocks(repository: string): Promise<void> {
  const names = await readdir(repository, {recursive: true}).catch((): string[] => [])
  await Promise.all(names.filter((name) => name.endsWith('.lock') || /(^|\/)tmp_(pack|idx|rev|obj)_/.test(name)).map((name) => rm(join(repository, name), {force: true})))
}
