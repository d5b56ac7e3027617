import {existsSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {gitFailure, type GitFailure} from '../model/git-failure.ts'
import {parseAdvertised, type Advertised} from '../model/git-ref.ts'
import {Problem, problemsOf} from '../model/problem.ts'
import type {ProgramOptions, ProgramResult, Run} from '../model/program.ts'

/** A repository that was asked for something and did not give it. */
export class RemoteFailure extends Error {
  readonly url: string
  readonly failure: GitFailure

  constructor(url: string, failure: GitFailure, cause?: unknown) {
    super(`${url}: ${failure.reason}`, {cause})
    this.url = url
    this.failure = failure
  }
}

/** Seconds without a kilobyte after which a transfer has stalled. */
const stall = 30
const patient = ['-c', 'http.lowSpeedLimit=1000', '-c', `http.lowSpeedTime=${stall}`, '-c', 'transfer.fsckObjects=true', '-c', 'fetch.unpackLimit=1', '-c', 'fetch.recurseSubmodules=false']
/** Milliseconds that a repository has to say what it holds. git itself waits minutes for a connection. */
const answer = 60_000
/** Milliseconds that a fetch may go without a word of progress: it also looks whether all is there, which takes a slow machine a while. */
const silence = 120_000

/** Of our environment, what changes how git reaches the network; the rest of a user's configuration comes through HOME. */
const ofTheUser = ['XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_SSH_COMMAND', 'GIT_SSL_NO_VERIFY', 'GIT_PROXY_COMMAND', 'GIT_HTTP_LOW_SPEED_LIMIT', 'GIT_HTTP_LOW_SPEED_TIME']

/** Never: hooks, templates, clean-up behind our back, questions. */
const always = ['-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'advice.detachedHead=false', '-c', 'safe.directory=*']

/**
 * git as it goes to other machines: with the user's own configuration (proxies, credentials, insteadOf), but it asks
 * nobody anything and gives up on who says nothing. Every object that comes in is checked.
 */
async function remoteGit(run: Run, url: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const own = ofTheUser.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  try {
    const result = await run(['git', ...always, ...patient, ...args], {quiet: true, ...options, ok: 'any', env: {...Object.fromEntries(own), GIT_TERMINAL_PROMPT: '0', ...options.env}})
    if (result.exitCode === 0) return result
    throw new RemoteFailure(url, gitFailure(result.stderr))
  } catch (error) {
    if (problemsOf(error)[0]?.code !== 'program-timeout') throw error
    throw new RemoteFailure(url, {kind: 'unreachable', reason: 'it did not answer'}, error)
  }
}

/**
 * git as it works in a repository of this machine: with nobody's configuration, so that it does the same everywhere, and
 * in no repository around the folder, should that be none.
 */
export async function localGit(run: Run, folder: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  const alone = {
    HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: dirname(folder), GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'file',
  }
  return run(['git', ...always, '-C', folder, ...args], {quiet: true, ...options, env: {...alone, ...options.env}})
}

/** The branches and tags of a repository. `HEAD` is asked for by itself: servers may have tens of thousands of other refs. */
export async function listRemote(run: Run, url: string, {head}: {readonly head: boolean}): Promise<Advertised> {
  const args = head ? ['ls-remote', '--quiet', '--', url, 'HEAD'] : ['ls-remote', '--quiet', '--heads', '--tags', '--', url]
  return parseAdvertised((await remoteGit(run, url, args, {timeout: answer, keep: 64 * 1024 * 1024})).stdout)
}

/** What to fetch, and how much of what lies before it. */
export interface FetchOptions {
  /** `SOURCE:DESTINATION`; the source is a ref or 40 hex digits. */
  readonly refspecs: readonly string[]
  /** `--depth=1`, `--deepen=N`, `--unshallow`. Without it all that the server thinks we lack. */
  readonly depth?: `--depth=${number}` | `--deepen=${number}` | '--unshallow'
  /** Leave away contents (`blob:none`) or contents and folders (`tree:0`). A server that knows no filters sends all. */
  readonly filter?: 'blob:none' | 'tree:0'
  /** Do not tell the server what we have: it then sends everything, also what we lack although we have what it belongs to. */
  readonly afresh?: boolean
  /** Remove refs that the destination patterns cover and the server has not. */
  readonly prune?: boolean
  readonly timeout?: number
  /** Called with what git says of its progress: objects received of all. */
  readonly onProgress?: (done: number, total: number) => void
  readonly env?: Readonly<Record<string, string>>
}

/** Fetches into a bare repository. Rejects with RemoteFailure; what came in before stays. */
export async function fetchInto(run: Run, repository: string, url: string, options: FetchOptions): Promise<void> {
  const {refspecs, depth, filter, afresh = false, prune = false, timeout, onProgress, env} = options
  await remoteGit(run, url, [
    ...(afresh ? ['-c', 'fetch.negotiationAlgorithm=noop'] : []), '-C', repository,
    'fetch', '--progress', '--no-tags', '--no-write-fetch-head', '--force', ...(prune ? ['--prune'] : []), ...(depth === undefined ? [] : [depth]), ...(filter === undefined ? [] : [`--filter=${filter}`]),
    // a remote that begins with / cannot be one that is filtered
    '--', url.startsWith('/') ? `file://${encodeURI(url)}` : url, ...refspecs,
  ], {
    silence, ...(timeout === undefined ? {} : {timeout}), ...(env === undefined ? {} : {env}),
    onLine: (line) => {
      const [, done, total] = /Receiving objects:\s+\d+% \((\d+)\/(\d+)\)/.exec(line) ?? []
      if (done !== undefined) onProgress?.(Number(done), Number(total))
    },
  })
}

/** Makes an empty bare repository; one that is there already stays as it is. */
export async function initBare(run: Run, repository: string): Promise<void> {
  await mkdir(repository, {recursive: true})
  await localGit(run, repository, ['init', '--quiet', '--bare', '--template=', '--initial-branch=none'])
}

/** The full hash of what a name means, peeled to a kind of object; undefined where there is no such thing. */
export async function revParse(run: Run, repository: string, name: string): Promise<string | undefined> {
  const {exitCode, stdout} = await localGit(run, repository, ['rev-parse', '--quiet', '--verify', name], {ok: 'any'})
  return exitCode === 0 ? stdout.trim() : undefined
}

/** A file of a commit as text; undefined where the commit has no such file. */
export async function showFile(run: Run, repository: string, commit: string, path: string): Promise<string | undefined> {
  const {exitCode, stdout} = await localGit(run, repository, ['cat-file', 'blob', `${commit}:${path}`], {ok: 'any'})
  return exitCode === 0 ? stdout : undefined
}

/** Whether a folder is the top of a work tree of git; not one below it, which may be part of anything. */
export async function isWorkTree(run: Run, folder: string): Promise<boolean> {
  const {exitCode, stdout} = await localGit(run, folder, ['rev-parse', '--show-prefix', '--git-dir'], {ok: 'any'})
  return exitCode === 0 && stdout.startsWith('\n')
}

/** The commit that a work tree is at; undefined where the folder is none, or has no commit. */
export async function headOf(run: Run, folder: string): Promise<string | undefined> {
  return existsSync(join(folder, '.git')) ? revParse(run, folder, 'HEAD') : undefined
}

/** Paths of a work tree that are not as in its commit: changed, added, removed. Ignored ones do not count. */
export async function changedPaths(run: Run, workTree: string): Promise<readonly string[]> {
  const {stdout} = await localGit(run, workTree, ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'], {env: {GIT_OPTIONAL_LOCKS: '0'}, keep: 64 * 1024 * 1024})
  return stdout.split('\0').filter(Boolean).map((entry) => entry.slice(3))
}

/** Every path that git would take into a commit of the work tree as it is now. */
export async function sourcePaths(run: Run, workTree: string): Promise<readonly string[]> {
  const {stdout} = await localGit(run, workTree, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], {keep: 256 * 1024 * 1024})
  return stdout.split('\0').filter(Boolean)
}

/** How many commits lie behind one, itself included. */
export async function countCommits(run: Run, repository: string, commit: string): Promise<number> {
  return Number((await localGit(run, repository, ['rev-list', '--count', commit])).stdout)
}

/** When the commit of a work tree was made, in seconds since the epoch; undefined for a folder that git does not know. */
export async function commitTime(run: Run, workTree: string): Promise<string | undefined> {
  const {exitCode, stdout} = await localGit(run, workTree, ['log', '-1', '--no-show-signature', '--format=%ct'], {ok: 'any'})
  return exitCode === 0 && stdout !== '' ? stdout.trim() : undefined
}

/** A commit and the first line of its message. */
export interface LogEntry {
  readonly commit: string
  readonly subject: string
}

/** What is in `after` and not in `before`, newest first. */
export async function logBetween(run: Run, repository: string, before: string, after: string): Promise<readonly LogEntry[]> {
  const {stdout} = await localGit(run, repository, ['log', '--no-show-signature', '--no-decorate', '--format=%H %s', `${before}..${after}`])
  return stdout.split('\n').filter(Boolean).map((line) => ({commit: line.slice(0, 40), subject: line.slice(41)}))
}

/** Whether one commit is the other, or lies behind it. */
export async function isBehind(run: Run, repository: string, commit: string, other: string): Promise<boolean> {
  return (await localGit(run, repository, ['merge-base', '--is-ancestor', commit, other], {ok: 'any'})).exitCode === 0
}

/** Whether a branch or tag of the repository has the commit in its history. */
export async function isOnAnyRef(run: Run, repository: string, commit: string): Promise<boolean> {
  const {exitCode, stdout} = await localGit(run, repository, ['for-each-ref', '--count=1', '--contains', commit, 'refs/heads', 'refs/tags'], {ok: 'any'})
  return exitCode === 0 && stdout !== ''
}

/** Throws where an object is not a commit: a hash may name a tag, a folder or a file as well. */
export async function requireCommit(run: Run, repository: string, commit: string, what: string): Promise<void> {
  const {stdout} = await localGit(run, repository, ['cat-file', '-t', commit])
  if (stdout.trim() === 'commit') return
  throw new Problem('commit-unknown', `${commit} of ${what} is a ${stdout.trim()}, not a commit`, {hint: 'cloudwrt lock --update finds the commit behind a tag by itself.'})
}

/** The folder of a bare repository's objects, as `objects/info/alternates` wants it. */
export function objectsOf(repository: string): string {
  return join(repository, 'objects')
}
