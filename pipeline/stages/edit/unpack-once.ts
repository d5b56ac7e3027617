import {mkdir, readFile, rename, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {besideOf, writeJson} from '../../base/atomic-file.ts'
import {isRecord} from '../../base/json.ts'
import {copySparse} from '../../tools/copy-sparse.ts'
import {imageName} from './editor.ts'
import {unpackImage, type Tools, type Unpacked} from './unpack.ts'

/** Where an unpacked image is kept, since unpacking takes longer than all else of an edit. */
export interface Kept {
  /** Absolute; ours alone. */
  readonly folder: string
  /** SHA-256 of the image before it was unpacked. */
  readonly sha256: string
}

interface Record extends Unpacked {
  readonly sha256: string
  /** What the file system says of the kept image: another mark, and somebody has changed it. */
  readonly mark: string
}

/** As `unpackImage`, from what was unpacked before where that is of the same image. */
export async function unpackOnce(source: string, folder: string, {folder: keep, sha256}: Kept, tools: Tools): Promise<Unpacked> {
  const [image, record] = [join(keep, imageName), join(keep, 'record.json')]
  const known = await readRecord(record)
  if (known?.sha256 !== sha256 || known.mark !== await markOf(image)) {
    const {layers, trailer} = await unpackImage(source, folder, tools)
    // a raw image is copied as quickly from where it is
    if (layers.length === 0) return {layers, trailer}
    await rm(keep, {recursive: true, force: true})
    await mkdir(keep, {recursive: true})
    const beside = besideOf(image)
    await copySparse(tools.run, join(folder, imageName), beside)
    await rename(beside, image)
    await writeJson(record, {sha256, mark: await markOf(image), layers, trailer} satisfies Record)
    return {layers, trailer}
  }
  await copySparse(tools.run, image, join(folder, imageName))
  return {layers: known.layers, trailer: known.trailer}
}

async function markOf(path: string): Promise<string> {
  const found = await stat(path, {bigint: true}).catch(() => undefined)
  return found === undefined ? 'none' : [found.size, found.mtimeNs, found.ctimeNs, found.ino].join(' ')
}

async function readRecord(path: string): Promise<Record | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isRecord(value) && typeof value['sha256'] === 'string' && typeof value['mark'] === 'string' && Array.isArray(value['layers']) && typeof value['trailer'] === 'number' ? value as unknown as Record : undefined
  } catch {
    return undefined
  }
}
