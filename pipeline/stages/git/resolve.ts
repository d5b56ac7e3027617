import type {Remote} from '../../model/git-remote.ts'
import {nearestRef, resolveRef} from '../../model/git-ref.ts'
import type {Pin} from '../../model/lock.ts'
import {fetchInto, initBare, isOnAnyRef, listRemote, RemoteFailure} from '../../tools/git.ts'
import {cachedAt, holdCache, markOf, type Fetching} from './cache.ts'
import {firstThatGives} from './mirrors.ts'
import {isShallow} from './shallow.ts'

/** A name that may move, and where. */
export interface Asking extends Remote {
  /** For people: `OpenWrt`, `the feed packages`. */
  readonly what: string
  readonly ref: string
}

/** The commit that a name stands for today. One that is asked for by its hash has to be on a branch or tag: GitHub gives those of forks as well. */
export async function resolvePin(fetching: Fetching, asking: Asking): Promise<Pin> {
  const {what, ref, repository} = asking
  const lacking = {code: 'ref-unknown', hint: `git ls-remote ${repository} lists what there is.`} as const
  const {value: commit} = await firstThatGives({wanted: `${ref} of ${what}`, lacking}, asking, fetching.emit, async (url) => {
    const advertised = await listRemote(fetching.run, url, {head: ref === 'HEAD'})
    const resolved = resolveRef(ref, advertised, what)
    if (resolved === undefined) {
      const meant = nearestRef(ref, advertised)
      throw new RemoteFailure(url, {kind: 'lacks', reason: ref === 'HEAD' ? 'it names no default branch' : `it has no branch or tag ${ref}${meant === undefined ? '' : `; did you mean ${meant}?`}`})
    }
    const tips = [...advertised.branches.values(), ...advertised.tags.values()]
    if (resolved.name === undefined && !tips.includes(resolved.commit)) await requireOnRef(fetching, asking, url, resolved.commit)
    return resolved.commit
  })
  return {repository, ref, commit}
}

/** Fetches the commits, and nothing else, of all branches and tags. */
async function requireOnRef(fetching: Fetching, remote: Asking, url: string, commit: string): Promise<void> {
  const {run, emit, cache} = fetching
  const cached = cachedAt(cache, remote.repository)
  await using _held = await holdCache(fetching, remote, cached)
  await initBare(run, cached.log)
  await fetchInto(run, cached.log, url, {
    refspecs: ['refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'], filter: 'tree:0', prune: true, env: markOf(cached),
    ...(await isShallow(cached.log) ? {depth: '--unshallow'} : {}),
    onProgress: (done, total) => emit({type: 'progress', label: `fetching the commits of ${remote.what}`, done, total, unit: 'items'}),
  })
  if (await isOnAnyRef(run, cached.log, commit)) return
  throw new RemoteFailure(url, {kind: 'lacks', reason: 'the commit is on none of its branches and tags'})
}
