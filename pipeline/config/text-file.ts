import {readFile, stat} from 'node:fs/promises'
import {errorCode} from '../base/errors.ts'
import {Problem, type Place} from '../model/problem.ts'

/** Bytes of the largest file that can be a target, a lock or a list of keys. */
const largest = 2 ** 20

/**
 * A small text file in UTF-8. Throws a Problem, `target-unreadable`, that says what is in its place.
 *
 * @param shown the name to show
 * @param said where another file names this one
 */
export async function readTextFile(path: string, shown: string, said?: Place): Promise<string> {
  const unreadable = (why: string, hint?: string): Problem =>
    new Problem('target-unreadable', `${shown} ${why}`, {at: said ?? {file: shown}, ...(hint === undefined ? {} : {hint})})
  try {
    // asked before it is opened: opening a named pipe waits for its writer
    const status = await stat(path)
    if (status.isDirectory()) throw unreadable('is a folder, not a file')
    if (!status.isFile()) throw unreadable('is not a regular file')
    if (status.size > largest) throw unreadable('is larger than 1 MiB')
    const text = decode(await readFile(path))
    if (text === undefined) throw unreadable('is not text in UTF-8', 'Save it as UTF-8.')
    return text
  } catch (error) {
    const why = reasons[errorCode(error) ?? '']
    throw why === undefined ? error : unreadable(why)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there', ENOTDIR: 'is not there', EACCES: 'may not be read by this user', EPERM: 'may not be read by this user', ELOOP: 'is a link that leads to itself',
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // the mark of the byte order is kept: offsets count it
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    return undefined
  }
}
