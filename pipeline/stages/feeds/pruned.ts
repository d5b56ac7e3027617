import {isPinnable, type FeedLine} from '../../model/feeds-conf.ts'
import type {StageContext} from '../../model/stage.ts'
import {fetchInto, initBare, localGit, RemoteFailure} from '../../tools/git.ts'
import {cachedAt, fetchingFor, holdCache, markOf, type Cached} from '../git/cache.ts'

/** Which of the pruned feeds have what is missing. */
export interface Search {
  /** Names of feeds by package. */
  readonly found: ReadonlyMap<string, readonly string[]>
  /** Feeds of which nothing is known. */
  readonly unasked: readonly string[]
}

/** Milliseconds that a pruned feed has to say what it holds. */
const patience = 60_000

/**
 * Looks for packages in the feeds that a target prunes: in what the cache happens to have of them, else in the names of
 * their folders, which are a few hundred kilobytes. A package is mostly called like its folder.
 */
export async function searchPruned(context: StageContext, pruned: readonly FeedLine[], packages: readonly string[]): Promise<Search> {
  const found = new Map<string, string[]>()
  const unasked: string[] = []
  for (const line of pruned.filter(isPinnable)) {
    const has = await packagesOf(context, line, packages).catch((error: unknown) => {
      if (error instanceof RemoteFailure) return undefined
      throw error
    })
    if (has === undefined) unasked.push(line.name)
    for (const name of has ?? []) found.set(name, [...found.get(name) ?? [], line.name])
  }
  return {found, unasked}
}

async function packagesOf(context: StageContext, {url, ref}: FeedLine, packages: readonly string[]): Promise<readonly string[]> {
  const {run} = context
  const cached = cachedAt(context.workspace.gitCache, url)
  const [pin] = (await localGit(run, cached.snapshots, ['for-each-ref', '--count=1', '--sort=-committerdate', '--format=%(objectname)', 'refs/pins'], {ok: 'any'})).stdout.split('\n')
  const commit = pin === undefined || pin === '' ? undefined : pin
  const repository = commit === undefined ? await fetchNames(context, cached, url, ref) : cached.snapshots
  const paths = (await localGit(run, repository, ['ls-tree', '-r', '-z', '--name-only', commit ?? names, '--'], {keep: 64 * 1024 * 1024})).stdout.split('\0').filter((path) => path.endsWith('/Makefile'))
  const defined = commit === undefined ? '' : (await localGit(run, repository, ['grep', '-h', '-E', '^define Package/[^/]+$', commit, '--', '*Makefile'], {ok: [0, 1], keep: 64 * 1024 * 1024})).stdout
  const all = new Set([...paths.map((path) => path.split('/').at(-2)), ...defined.split('\n').map((line) => line.replace('define Package/', '').trim())])
  return packages.filter((name) => all.has(name))
}

const names = 'refs/names'

/** The folders of a feed without any file, into the repository that has no files anyway. */
async function fetchNames(context: StageContext, cached: Cached, url: string, ref: string): Promise<string> {
  const fetching = fetchingFor(context)
  await using _held = await holdCache(fetching, {repository: url, mirrors: []}, cached)
  const repository = cached.names
  await initBare(context.run, repository)
  await fetchInto(context.run, repository, url, {refspecs: [`${ref}:${names}`], depth: '--depth=1', filter: 'blob:none', timeout: patience, env: markOf(cached)})
  return repository
}
