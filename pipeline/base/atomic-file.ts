import {randomBytes} from 'node:crypto'
import {mkdir, open, rename, rm} from 'node:fs/promises'
import {dirname} from 'node:path'

/**
 * Writes a file beside its place and renames it into it, so that nobody ever sees half of it. The
 * folder is made. `mode` is what the file has from its first byte on.
 */
export async function writeAtomic(path: string, content: string | Uint8Array, {mode = 0o644}: {mode?: number} = {}): Promise<void> {
  await mkdir(dirname(path), {recursive: true})
  const beside = besideOf(path)
  try {
    await using file = await open(beside, 'wx', mode)
    await file.writeFile(content)
    await file.sync()
    await rename(beside, path)
  } catch (error) {
    await rm(beside, {force: true})
    throw error
  }
}

/** As `writeAtomic`, of a value as readable JSON. */
export async function writeJson(path: string, value: unknown, options?: {mode?: number}): Promise<void> {
  await writeAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`, options)
}

/** A name for the unfinished form of a file or folder. Whoever starts next may remove what matches `isBeside`. */
export function besideOf(path: string): string {
  return `${path}.partial-${randomBytes(4).toString('hex')}`
}

/** Whether a file name is one that `besideOf` gave. */
export function isBeside(name: string): boolean {
  return /\.partial-[0-9a-f]{8}$/.test(name)
}
