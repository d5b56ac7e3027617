import {createReadStream, statSync} from 'node:fs'
import {rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {crc32, createInflateRaw, createZstdDecompress} from 'node:zlib'
import {isMissing} from '../../base/errors.ts'
import {roughSize} from '../../base/size.ts'
import type {SparseWriter} from '../../base/sparse-writer.ts'
import {appendedBytes} from '../../model/fwtool.ts'
import {gzipHeaderLength, gzipTrailer, gzipTrailerLength, isGzip} from '../../model/gzip.ts'
import {complainOfQcow2, contentOf, type Content} from '../../model/image-format.ts'
import {sectorSize} from '../../model/partition.ts'
import {Problem} from '../../model/problem.ts'
import type {StageContext} from '../../model/stage.ts'
import {zstdFrame} from '../../model/zstd.ts'
import {copySparse} from '../../tools/copy-sparse.ts'
import {DiskFile} from '../../tools/disk-file.ts'
import {convertDisk} from '../../tools/qemu-img.ts'
import {imageName} from './editor.ts'

export type Tools = Pick<StageContext, 'run' | 'signal' | 'emit'>

/** How an image was packed. */
export interface Unpacked {
  /** From the outside in: `gzip`, `qcow2`. Empty for a raw image. */
  readonly layers: readonly string[]
  /** Bytes behind the image or its packed form that are not of it, such as OpenWrt's signature. */
  readonly trailer: number
}

/** An image that packs another one that packs another one is nobody's. */
const mostLayers = 3
/** What no image has: a small file can unpack to any size. */
const largest = 2 ** 41
/** A gzip header has a name and a comment of any length; who writes more than this does not mean well. */
const longestHeader = 1 << 16
const chunk = 1 << 20

/**
 * Makes a raw copy of an image, with holes, as `folder/image`. What was packed is checked: lengths and checksums. Throws a
 * Problem (`image-unreadable`) for what is no image, cut off or damaged.
 * @param folder empty, ours alone
 */
export async function unpackImage(source: string, folder: string, tools: Tools): Promise<Unpacked> {
  const target = join(folder, imageName)
  const layers: string[] = []
  let trailer = 0
  let from = source
  while (layers.length <= mostLayers) {
    const content = contentOfFile(from, source)
    if (content === 'raw') {
      if (from !== source) await rename(from, target)
      else await copyRaw(source, target, tools)
      return {layers, trailer: trailer + cutTrailer(target, source)}
    }
    const to = join(folder, `layer-${layers.length}`)
    trailer += await unpackLayer(content, from, to, source, tools)
    if (from !== source) await rm(from)
    from = to
    layers.push(content)
  }
  throw unreadable(source, `is packed more than ${mostLayers} times`)
}

/** Into a file that is there already: a copy of one that may not be written to could not be either. */
async function copyRaw(source: string, target: string, {run}: Tools): Promise<void> {
  await writeFile(target, '', {flag: 'wx'})
  await copySparse(run, source, target)
}

function contentOfFile(path: string, source: string): Exclude<Content, object> {
  using file = openSource(path, source)
  if (file.size === 0) throw unreadable(source, 'is empty')
  const content = contentOf(file.read(0, 512))
  if (typeof content === 'object') throw unreadable(source, `is ${content.other}, not a disk image`, 'Take a raw image, .gz, .zst or qcow2; qemu-img convert makes these of others.')
  return content
}

/** @returns bytes behind the packed form */
async function unpackLayer(content: Exclude<Content, object | 'raw'>, from: string, to: string, source: string, tools: Tools): Promise<number> {
  if (content === 'qcow2') {
    using file = new DiskFile(from, 'r')
    const complaint = complainOfQcow2(file.read(0, 104))
    if (complaint !== undefined) throw unreadable(source, complaint)
    await convertDisk(tools.run, from, to, {from: 'qcow2', to: 'raw'})
    return 0
  }
  using target = new DiskFile(to, 'wx+')
  const writer = target.sparseWriter()
  const trailer = content === 'gzip' ? await gunzip(from, writer, source, tools) : await unzstd(from, writer, source, tools)
  writer.end()
  return trailer
}

/** Inflates every member and checks what each says of its data. Node's own gunzip takes OpenWrt's trailer for an error and loses data before it. */
async function gunzip(from: string, writer: SparseWriter, source: string, tools: Tools): Promise<number> {
  using file = new DiskFile(from, 'r')
  const total = file.size
  let offset = 0
  while (offset < total && (offset === 0 || isGzip(file.read(offset, 3)))) {
    const header = gzipHeaderLength(file.read(offset, longestHeader))
    if (header === undefined) throw unreadable(source, `has a broken gzip header at byte ${offset}`)
    const before = writer.size
    const inflate = createInflateRaw({chunkSize: chunk})
    const crc = await drain(packed(from, offset + header), inflate, writer, source, tools, () => ({done: offset + inflate.bytesWritten, total}))
    offset += header + inflate.bytesWritten
    const said = gzipTrailer(file.read(offset, gzipTrailerLength))
    if (said === undefined) throw unreadable(source, 'was cut off')
    if (said.crc32 !== crc || said.size !== (writer.size - before) % 2 ** 32) throw unreadable(source, 'is damaged: the checksum of its gzip data is wrong')
    offset += gzipTrailerLength
  }
  return total - offset
}

/** Decompresses every frame; whoever made them may have put one behind the other. */
async function unzstd(from: string, writer: SparseWriter, source: string, tools: Tools): Promise<number> {
  using file = new DiskFile(from, 'r')
  const total = file.size
  let offset = 0
  for (;;) {
    const frame = zstdFrame(file.read, offset)
    if (frame === undefined) return total - offset
    if (frame === 'cut-off') throw unreadable(source, 'was cut off, or is damaged')
    const start = offset
    offset += frame.length
    if (!frame.data) continue
    const decompress = createZstdDecompress({chunkSize: chunk})
    await drain(packed(from, start, offset - 1), decompress, writer, source, tools, () => ({done: start + decompress.bytesWritten, total}))
  }
}

/** @param end the last byte, where it is not the file's */
function packed(path: string, start: number, end?: number): Readable {
  return createReadStream(path, {start, ...(end === undefined ? {} : {end}), highWaterMark: chunk})
}

/** @returns CRC-32 of what came out */
async function drain(input: Readable, decoder: NodeJS.ReadWriteStream & AsyncIterable<unknown>, writer: SparseWriter, source: string, {signal, emit}: Tools, progress: () => {done: number; total: number}): Promise<number> {
  let crc = 0
  input.on('error', (error) => decoder.emit('error', error))
  input.pipe(decoder)
  try {
    for await (const bytes of decoder as AsyncIterable<Buffer>) {
      if (signal.aborted) throw new Problem('interrupted', 'interrupted')
      crc = crc32(bytes, crc)
      writer.write(bytes)
      if (writer.size > largest) throw unreadable(source, `unpacks to more than ${roughSize(largest)}`)
      emit({type: 'progress', label: 'unpack', ...progress(), unit: 'bytes'})
    }
  } catch (error) {
    throw isPackingError(error) ? unreadable(source, 'was cut off, or is damaged', undefined, error) : error
  } finally {
    input.destroy()
  }
  return crc
}

function isPackingError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code))
}

/** Takes away what stands behind a raw image: fwtool's metadata and signature, and what is no whole sector. */
function cutTrailer(path: string, source: string): number {
  using disk = new DiskFile(path, 'r+')
  const {size} = disk
  const image = size - appendedBytes(disk.read, size)
  const whole = image - (image % sectorSize)
  if (whole === 0) throw unreadable(source, 'is too small for a disk image')
  if (whole < size) disk.resize(whole)
  return size - whole
}

function openSource(path: string, source: string): DiskFile {
  try {
    if (!statSync(path).isFile()) throw unreadable(source, 'is no file', 'Copy a disk to a file first.')
    return new DiskFile(path, 'r')
  } catch (error) {
    if (error instanceof Problem) throw error
    throw unreadable(source, isMissing(error) ? 'is not there' : 'cannot be opened', undefined, error)
  }
}

function unreadable(source: string, why: string, hint = 'Fetch or build it again.', cause?: unknown): Problem {
  return new Problem('image-unreadable', `${source} ${why}`, {hint, cause})
}
