import {readdir, readFile, stat} from 'node:fs/promises'
import {isMissing} from './errors.ts'

/** The text of a file; undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return ifThere(() => readFile(path, 'utf8'))
}

/** The names in a folder, sorted; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await ifThere(() => readdir(folder)) ?? []).sort()
}

export async function isThere(path: string): Promise<boolean> {
  return await ifThere(() => stat(path)) !== undefined
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
