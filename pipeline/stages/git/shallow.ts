import {join} from 'node:path'
import {readIfThere} from '../../base/if-there.ts'
import type {Run} from '../../model/program.ts'
import {localGit} from '../../tools/git.ts'

/** The commits at which a repository's history was cut off: it does not have what is before them. */
export async function cutsOf(repository: string): Promise<ReadonlySet<string>> {
  const text = await readIfThere(join(repository, 'shallow'))
  return new Set((text ?? '').split('\n').filter(Boolean))
}

export async function isShallow(repository: string): Promise<boolean> {
  return (await cutsOf(repository)).size > 0
}

/** Whether a repository has something, and all that is before it. */
export async function isWhole(run: Run, repository: string): Promise<boolean> {
  return !await isShallow(repository) && (await localGit(run, repository, ['for-each-ref', '--count=1'])).stdout !== ''
}
