import {mkdir, readFile, rmdir} from 'node:fs/promises'
import {isWithin} from '../model/root-edit.ts'
import {Problem} from '../model/problem.ts'
import type {Run} from '../model/program.ts'

export interface LoopMount {
  /** The image; absolute. */
  readonly image: string
  readonly offset: number
  readonly bytes: number
  /** Where; absolute. Made, and removed again. Nobody else may get into the folder it lies in. */
  readonly place: string
  readonly write: boolean
}

/**
 * Mounts a part of an image until disposed. `mount` makes the loop device and the kernel takes it away with the mount, so none
 * is ever left. Nothing in the image can be run, nor do its devices and set-id bits mean anything while it is mounted.
 */
export async function mountLoop(run: Run, {image, offset, bytes, place, write}: LoopMount): Promise<AsyncDisposable> {
  await mkdir(place, {mode: 0o700})
  const options = ['loop', `offset=${offset}`, `sizelimit=${bytes}`, write ? 'rw' : 'ro', 'nodev', 'nosuid', 'noexec', 'noatime', 'noinit_itable']
  const release = async (): Promise<void> => {
    await releaseMounts(run, place)
    await rmdir(place)
  }
  try {
    await run(['mount', '-t', 'ext4', '-o', options.join(','), image, place], {quiet: true})
  } catch (error) {
    // it may have been stopped between the mount and its end
    await release()
    throw error
  }
  return {[Symbol.asyncDispose]: release}
}

/** Unmounts all that is mounted at a folder or below it, even after an interruption. */
export async function releaseMounts(run: Run, folder: string): Promise<void> {
  for (const place of (await mountsBelow(folder)).toReversed()) {
    const {exitCode, stderr} = await run(['umount', '--', place], {quiet: true, ok: 'any', uninterrupted: true})
    if (exitCode !== 0) throw new Problem('edit-failed', `${place} cannot be unmounted: ${stderr.trim()}`, {hint: `Find who uses it, then: umount ${place}`})
  }
}

/** Places where something is mounted, the outer before the inner. Blanks in their names are octal escapes (proc(5)). */
async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'latin1')).split('\n')
  const escaped = lines.flatMap((line) => line.split(' ')[4] ?? [])
  const places = escaped.map((place) => Buffer.from(place.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), 'latin1').toString('utf8'))
  return places.filter((place) => isWithin(place, folder))
}
