import {mkdir, rm} from 'node:fs/promises'
import type {Run} from '../../model/program.ts'
import {releaseMounts} from '../../tools/loop-mount.ts'

/**
 * An empty folder that only we may enter, until disposed. What a killed run left in it goes first, mounts before files: removing
 * files below a mount would remove them from an image.
 */
export async function openWorkFolder(path: string, run: Run): Promise<AsyncDisposable & {readonly path: string}> {
  const clear = async (): Promise<void> => {
    await releaseMounts(run, path)
    await rm(path, {recursive: true, force: true})
  }
  await clear()
  await mkdir(path, {recursive: true, mode: 0o700})
  return {path, [Symbol.asyncDispose]: clear}
}
