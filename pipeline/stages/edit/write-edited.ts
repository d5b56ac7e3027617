import {mkdir, open, rename, rm, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {hashFile} from '../../base/hash-file.ts'
import {acquireLock, LockBusy} from '../../base/lock-file.ts'
import type {Format} from '../../model/formats.ts'
import {Problem} from '../../model/problem.ts'
import {writeFormat} from '../convert/formats.ts'
import {editImage, type EditRequest} from './edit-image.ts'
import {imageName} from './editor.ts'
import type {Tools} from './unpack.ts'
import {openWorkFolder} from './work-folder.ts'

export interface WriteRequest extends Omit<EditRequest, 'folder'> {
  /** Absolute. Replaced once all is done. */
  readonly output: string
  readonly format: Format
}

/** Edits a copy of an image and writes it in a format. Until it is finished, a hidden folder beside the output is all that is seen. */
export async function writeEdited({output, format, ...request}: WriteRequest, tools: Tools): Promise<{readonly path: string; readonly bytes: number; readonly sha256: string}> {
  await mkdir(dirname(output), {recursive: true})
  const hidden = join(dirname(output), `.${basename(output)}.edit`)
  await using _held = await hold(`${hidden}.lock`, output, tools)
  await using work = await openWorkFolder(hidden, tools.run)
  await editImage({...request, folder: work.path}, tools)
  const finished = join(work.path, 'finished')
  await writeFormat(tools, join(work.path, imageName), finished, format)
  await rm(join(work.path, imageName))
  await sync(finished)
  const [{size: bytes}, {sha256}] = await Promise.all([stat(finished), hashFile(finished, ['sha256'])])
  await rename(finished, output)
  return {path: output, bytes, sha256}
}

async function hold(lock: string, output: string, {signal}: Tools): Promise<AsyncDisposable> {
  try {
    return await acquireLock(lock, {holder: `cloudwrt edit -o ${output}`, signal, busy: 'fail'})
  } catch (error) {
    if (!(error instanceof LockBusy)) throw error
    throw new Problem('workspace-busy', `${output} is being written by process ${error.holder.pid}`, {hint: 'Wait for it, or end it.'})
  }
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r')
  await file.sync()
}
