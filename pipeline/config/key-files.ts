import {resolve} from 'node:path'
import {complainOfKey} from '../model/authorized-key.ts'
import {gather, Problem, throwAll, type Place} from '../model/problem.ts'
import {shownPath} from './project-files.ts'
import {readTextFile} from './text-file.ts'

/**
 * The keys of a file of authorized_keys, or of one public key: blank lines and comments are passed over. Throws every complaint
 * about it at once: `target-unreadable`, `target-invalid`.
 *
 * @param said where the file is named; without it, complaints point into the file
 */
export async function readKeyFile(path: string, shown: string, said?: Place): Promise<readonly string[]> {
  const lines = (await readTextFile(path, shown, said)).split(/\r?\n/).map((text, row) => ({text: text.trim(), line: row + 1}))
  const keys = lines.filter(({text}) => text !== '' && !text.startsWith('#'))
  if (keys.length === 0) throw new Problem('target-invalid', `${shown} holds no key`, {at: said ?? {file: shown}})
  throwAll(keys.flatMap(({text, line}) => {
    const complaint = complainOfKey(text)
    return complaint === undefined ? [] : [new Problem('target-invalid', `${shown}:${line}: ${complaint}`, {at: said ?? {file: shown, line}})]
  }))
  return keys.map(({text}) => text)
}

/** The keys of several files that a person names on the command line: paths count from `folder`. */
export async function readKeyFiles(paths: readonly string[], folder: string): Promise<readonly string[]> {
  const problems: Problem[] = []
  const keys = []
  for (const path of paths.map((path) => resolve(folder, path))) {
    keys.push(...await gather(problems, readKeyFile(path, shownPath(path, {project: folder}))) ?? [])
  }
  throwAll(problems)
  return [...new Set(keys)]
}
