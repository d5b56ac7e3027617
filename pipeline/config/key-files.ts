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
  const wrong = keys.flatMap(({text, line}) => {
    const complaint = complainOfKey(text)
    return complaint === undefined ? [] : [new Problem('target-invalid', said === undefined ? complaint : `${shown}:${line}: ${complaint}`, {at: said ?? {file: shown, line}})]
  })
  // of a file with nothing right in it, such as the private half, one line says enough
  const secret = wrong[keys.findIndex(({text}) => text.includes('PRIVATE KEY'))]
  if (wrong.length === keys.length && wrong.length > 1) throw secret ?? new Problem('target-invalid', `${shown} holds no public key`, {at: said ?? {file: shown}})
  throwAll(wrong)
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
