import type {ProblemCode} from '../../model/catalogue.ts'
import type {Emit} from '../../model/event.ts'
import {shownUrl, urlsOf, type Remote} from '../../model/git-remote.ts'
import {Problem} from '../../model/problem.ts'
import {RemoteFailure} from '../../tools/git.ts'

/** What the first repository gave that could, and which it was. */
export interface Given<Value> {
  readonly value: Value
  readonly url: string
}

/** What is asked for, in words. */
export interface Asked {
  /** `commit 58aa1b7… of OpenWrt`, `branch or tag v25.12.5 of OpenWrt` */
  readonly wanted: string
  /** The Problem when all answer, and none has it; and what to do then. */
  readonly lacking: {readonly code: ProblemCode; readonly hint: string}
}

/**
 * Asks a repository and then its mirrors, in order, until one gives. Each one passed over is said in a note with its
 * reason; when none gives, all reasons are in the Problem. Whoever gives commits: they are checked by their hash.
 */
export async function firstThatGives<Value>(asked: Asked, remote: Remote, emit: Emit, ask: (url: string) => Promise<Value>): Promise<Given<Value>> {
  const passed: RemoteFailure[] = []
  for (const url of urlsOf(remote)) {
    try {
      return {value: await ask(url), url}
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error
      passed.push(error)
      emit({type: 'note', text: `${shownUrl(url)} is passed over: ${error.failure.reason}`})
    }
  }
  throw nobodyGives(asked, passed)
}

/** A commit, for a message. */
export function askedCommit(commit: string, what: string): Asked {
  return {wanted: `commit ${commit} of ${what}`, lacking: {code: 'commit-unknown', hint: 'Was history rewritten, or is it the commit of a fork? cloudwrt lock --update takes what is there now.'}}
}

function nobodyGives({wanted, lacking}: Asked, passed: readonly RemoteFailure[]): Problem {
  const reasons = passed.map(({url, failure}) => `  ${shownUrl(url)}: ${failure.reason}`).join('\n')
  const cause = passed.at(-1)
  // who was not reached may have it: only the repository itself can say that there is no such thing
  if (passed[0]?.failure.kind === 'lacks') return new Problem(lacking.code, `${wanted} could not be had:\n${reasons}`, {hint: lacking.hint, cause})
  return new Problem('source-unreachable', `${wanted} could not be had:\n${reasons}`, {
    hint: 'Is the network there? A mirror is added to the target as mirrors: [URL]; a proxy is told to git (http.proxy) or by https_proxy.', cause,
  })
}
