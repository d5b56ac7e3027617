import {resolve} from 'node:path'
import {complainOfKey} from '../model/authorized-key.ts'
import {Problem, throwAll} from '../model/problem.ts'
import {readTextFile} from './text-file.ts'

/** The public keys in files that were named on the command line: blank lines and comments are passed over. */
export async function readKeyFiles(files: readonly string[], folder: string): Promise<readonly string[]> {
  const problems: Problem[] = []
  const keys: string[] = []
  for (const file of files) {
    const lines = (await readTextFile(resolve(folder, file), file)).split('\n').map((text) => text.trim())
    for (const [index, text] of lines.entries()) {
      if (text === '' || text.startsWith('#')) continue
      const complaint = complainOfKey(text)
      if (complaint === undefined) keys.push(text)
      else problems.push(new Problem('usage', complaint, {at: {file, line: index + 1, text}}))
    }
  }
  throwAll(problems)
  return keys
}
