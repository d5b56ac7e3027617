import {dump} from 'js-yaml'
import {z} from 'zod'
import {writeAtomic} from '../base/atomic-file.ts'
import {commitPattern, complainOfRef, complainOfRepository, feedNamePattern} from '../model/grammar.ts'
import type {Lock} from '../model/lock.ts'
import {Problem, problemsOf, throwAll} from '../model/problem.ts'
import {strict, text} from '../model/schema-parts.ts'
import {complaints} from './complaints.ts'
import type {LoadedTarget} from './load-target.ts'
import {valueOf, type Located} from './located.ts'
import {exists, shownPath} from './project-files.ts'
import {readTextFile} from './text-file.ts'
import {readYaml} from './yaml.ts'

const header = `# Made by \`cloudwrt lock\`: the commits that the target of the same name is built from. Keep it in git, and let
# \`cloudwrt lock --update\` change it.
`

const pin = strict({repository: text(complainOfRepository), ref: text(complainOfRef), commit: z.string().regex(commitPattern, 'expected 40 hex digits')})
const feedName = z.string().regex(feedNamePattern, 'expected the name of a feed')
const LockSchema = strict({source: pin.optional(), feeds: z.record(feedName, pin), added: z.array(feedName), pruned: z.array(feedName)})

export interface LoadedLock {
  readonly lock: Lock
  /** As people are to see it. */
  readonly file: string
  /** Every value with its place. */
  readonly tree: Located
}

/** The lock of a target; undefined where there is none yet. Throws Problems, `lock-invalid`, with their places. */
export async function readLock({draft, file, lockFile, roots}: LoadedTarget): Promise<LoadedLock | undefined> {
  const candidates = [lockFile, file.replace(/\.ya?ml$/, '.lock.yaml')]
  for (const candidate of candidates) {
    if (await exists(candidate)) return await parseLock(candidate, shownPath(candidate, roots), draft.target)
  }
  return undefined
}

/** Writes the lock of a target to its place. Gives the file as people are to see it. */
export async function writeLock({lockFile, roots}: LoadedTarget, lock: Lock): Promise<string> {
  await writeAtomic(lockFile, `${header}${dump(lock, {lineWidth: -1})}`)
  return shownPath(lockFile, roots)
}

async function parseLock(path: string, shown: string, target: string): Promise<LoadedLock> {
  const hint = `Take the file away; \`cloudwrt lock ${target}\` makes it anew, with the commits of today.`
  const invalid = ({message, at}: Problem): Problem => new Problem('lock-invalid', message, {hint, ...(at === undefined ? {} : {at})})
  try {
    const tree = readYaml(shown, await readTextFile(path, shown))
    if (tree === undefined) throw new Problem('lock-invalid', `${shown} is empty`, {at: {file: shown}})
    throwAll(complaints(LockSchema, tree, 'lock-invalid'))
    const {source, ...rest} = LockSchema.parse(valueOf(tree))
    return {lock: {...(source === undefined ? {} : {source}), ...rest}, file: shown, tree}
  } catch (error) {
    throwAll(problemsOf(error).map(invalid))
    throw error
  }
}
