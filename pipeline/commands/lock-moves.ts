import type {Draft} from '../model/draft.ts'
import type {Emit} from '../model/event.ts'
import type {Lock, Pin} from '../model/lock.ts'
import {problemsOf} from '../model/problem.ts'
import {commitsBetween, type Between} from '../stages/git/between.ts'
import type {Fetching} from '../stages/git/cache.ts'

/** One thing in a lock that is not as it was. */
export interface Move {
  /** `source`, or a feed's name. */
  readonly name: string
  readonly before: Pin | undefined
  readonly after: Pin | undefined
  /** Undefined where the commits could not be had, or do not lie behind one another. */
  readonly between: Between
}

/** At most this many commits are told of one move. */
const most = 40

/** What differs between two locks, with the commits between where a pin moved within one repository. */
export async function movesBetween(fetching: Fetching, draft: Draft, before: Lock | undefined, after: Lock): Promise<readonly Move[]> {
  const pins = (lock: Lock | undefined): Map<string, Pin> => new Map([...(lock?.source === undefined ? [] : [['source', lock.source] as const]), ...Object.entries(lock?.feeds ?? {})])
  const [old, now] = [pins(before), pins(after)]
  const names = [...new Set([...now.keys(), ...old.keys()])].filter((name) => old.get(name)?.commit !== now.get(name)?.commit || old.get(name)?.ref !== now.get(name)?.ref)
  return Promise.all(names.map(async (name) => {
    const [was, is] = [old.get(name), now.get(name)]
    const between = was === undefined || is === undefined || was.repository !== is.repository || was.commit === is.commit ? undefined : await commitsOf(fetching, draft, name, was, is)
    return {name, before: was, after: is, between}
  }))
}

/** That they cannot be shown is no reason not to lock. */
async function commitsOf(fetching: Fetching, draft: Draft, name: string, before: Pin, after: Pin): Promise<Between> {
  const mirrors = name === 'source' ? (draft.source.kind === 'git' ? draft.source.mirrors : []) : draft.feeds.add.flatMap((feed) => (feed.kind === 'git' && feed.name === name ? feed.mirrors : []))
  try {
    return await commitsBetween(fetching, {repository: after.repository, mirrors, ref: after.ref, what: name}, before, after)
  } catch (error) {
    if (problemsOf(error).length === 0 || fetching.signal.aborted) throw error
    return undefined
  }
}

export function tellMove(move: Move, emit: Emit): void {
  for (const text of linesOf(move)) emit({type: 'note', text})
}

function linesOf({name, before, after, between}: Move): string[] {
  if (after === undefined) return [`${name}: not locked any more`]
  if (before === undefined) return [after.ref === after.commit ? `${name}: ${after.commit}` : `${name}: ${after.ref} is ${after.commit}`]
  const refs = before.ref === after.ref ? after.ref : `${before.ref} -> ${after.ref}`
  const head = `${name}: ${refs}: ${before.commit} -> ${after.commit}`
  if (before.repository !== after.repository) return [`${head}, of ${after.repository} instead of ${before.repository}`]
  if (between === undefined) return [before.commit === after.commit ? head : `${head}, which does not come after it`]
  const told = between.slice(0, most).map(({commit, subject}) => `  ${commit.slice(0, 10)} ${subject}`)
  const rest = between.length - told.length
  return [`${head}, ${between.length} ${between.length === 1 ? 'commit' : 'commits'}`, ...told, ...(rest > 0 ? [`  and ${rest} more`] : [])]
}
