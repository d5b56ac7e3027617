import type {Run} from '../../model/program.ts'
import {countCommits, fetchInto, localGit, revParse, type FetchOptions} from '../../tools/git.ts'
import {cutsOf, isWhole} from './shallow.ts'

/** From here on the rest comes in one go: about 40 MB of OpenWrt's. */
const whole = 20_000

/**
 * Fetches all commits and folders before a commit, in steps that grow: what an interrupted fetch brought is thrown away
 * by git, so that each step that ends well is kept and the next run goes on from there. A repository that has the
 * history of another commit already gets only what is new.
 */
export async function fetchHistory(run: Run, repository: string, url: string, commit: string, options: Pick<FetchOptions, 'env' | 'onProgress'>): Promise<void> {
  const partial = `refs/partial/${commit}`
  const more = {...options, refspecs: [`${commit}:${partial}`], filter: 'blob:none'} as const
  if (await revParse(run, repository, partial) === undefined) {
    await fetchInto(run, repository, url, await isWhole(run, repository) ? more : {...more, depth: '--depth=1'})
  }
  while (await endsEarly(run, repository, commit)) {
    const count = await countCommits(run, repository, commit)
    await fetchInto(run, repository, url, {...more, depth: count > whole ? '--unshallow' : `--deepen=${Math.max(2000, 2 * count)}`})
  }
  await localGit(run, repository, ['update-ref', `refs/pins/${commit}`, commit])
  await localGit(run, repository, ['update-ref', '-d', partial])
  // with it, scripts/getver.sh counts in milliseconds
  await localGit(run, repository, ['commit-graph', 'write', '--reachable', '--no-progress'])
}

export async function hasHistory(run: Run, repository: string, commit: string): Promise<boolean> {
  return await revParse(run, repository, `refs/pins/${commit}^{commit}`) === commit
}

/** Whether history was cut off somewhere before a commit. In the same repository another commit's may be. */
async function endsEarly(run: Run, repository: string, commit: string): Promise<boolean> {
  const cuts = await cutsOf(repository)
  if (cuts.size === 0) return false
  const {stdout} = await localGit(run, repository, ['rev-list', '--max-parents=0', commit])
  return stdout.split('\n').some((first) => cuts.has(first))
}
