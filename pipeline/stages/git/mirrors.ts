import type {Emit} from '../../model/event.ts'
import {shownUrl, urlsOf, type Remote} from '../../model/git-remote.ts'
import {Problem} from '../../model/problem.ts'
import {RemoteFailure} from '../../tools/git.ts'

/** What the first repository gave that could, and which it was. */
export interface Given<Value> {
  readonly value: Value
  readonly url: string
}

/**
 * Asks a repository and then its mirrors, in order, until one gives. Each one passed over is said in a note with its
 * reason; when none gives, all reasons are in the Problem. Whoever gives commits: they are checked by their hash.
 *
 * @param wanted for people: `commit 58aa1b7… of OpenWrt`
 */
export async function firstThatGives<Value>(wanted: string, remote: Remote, emit: Emit, ask: (url: string) => Promise<Value>): Promise<Given<Value>> {
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
  throw nobodyGives(wanted, passed)
}

function nobodyGives(wanted: string, passed: readonly RemoteFailure[]): Problem {
  const reasons = passed.map(({url, failure}) => `  ${shownUrl(url)}: ${failure.reason}`).join('\n')
  const lacks = passed.every(({failure}) => failure.kind === 'lacks')
  return new Problem(lacks ? 'commit-unknown' : 'source-unreachable', `${wanted} could not be had:\n${reasons}`, {
    hint: lacks ? 'Was history rewritten, or is it the commit of a fork? cloudwrt lock --update takes what is there now.'
      : 'Is the network there? A mirror is added to the target as mirrors: [URL]; a proxy is told to git (http.proxy) or by https_proxy.',
    cause: passed.at(-1),
  })
}
