import type {Pin} from '../../model/lock.ts'
import {fetchInto, initBare, isBehind, logBetween, RemoteFailure, type LogEntry} from '../../tools/git.ts'
import {cachedAt, holdCache, markOf, type Fetching} from './cache.ts'
import {askedCommit, firstThatGives} from './mirrors.ts'
import type {Asking} from './resolve.ts'
import {isWhole} from './shallow.ts'

/** What came between two commits: newest first; undefined where the one does not lie behind the other. */
export type Between = readonly LogEntry[] | undefined

/**
 * The commits between the old pin and the new. Only these are fetched, a few kilobytes: of the old commit itself, what lies
 * before it is cut off.
 */
export async function commitsBetween(fetching: Fetching, asking: Asking, before: Pin, after: Pin): Promise<Between> {
  const {run} = fetching
  const cached = cachedAt(fetching.cache, asking.repository)
  await using _held = await holdCache(fetching, asking, cached)
  await initBare(run, cached.log)
  const more = {filter: 'tree:0', env: markOf(cached)} as const
  const {value: there} = await firstThatGives(askedCommit(after.commit, asking.what), asking, fetching.emit, async (url) => {
    const known = await fetchInto(run, cached.log, url, {...more, refspecs: [`${before.commit}:refs/between/before`], ...(await isWhole(run, cached.log) ? {} : {depth: '--depth=1'})})
      .then(() => true, (error: unknown) => {
        if (error instanceof RemoteFailure && error.failure.kind === 'lacks') return false
        throw error
      })
    if (known) await fetchInto(run, cached.log, url, {...more, refspecs: [`${after.commit}:refs/between/after`]})
    return known
  })
  if (!there || !await isBehind(run, cached.log, before.commit, after.commit)) return undefined
  return logBetween(run, cached.log, before.commit, after.commit)
}
