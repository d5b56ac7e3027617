import {createReadStream, createWriteStream} from 'node:fs'
import {rm, stat} from 'node:fs/promises'
import {Transform, type Duplex} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {constants, createGzip, createZstdCompress} from 'node:zlib'
import type {Disk, Format, Packing} from '../../model/formats.ts'
import type {StageContext} from '../../model/stage.ts'
import {copySparse} from '../../tools/copy-sparse.ts'
import {writeQcow2} from './qcow2.ts'

export type Converter = Pick<StageContext, 'run' | 'signal' | 'emit'>

/** What a disk is written as. */
const disks: Readonly<Record<Disk, (converter: Converter, raw: string, target: string) => Promise<void>>> = {
  qcow2: writeQcow2,
  raw: async ({run}, raw, target) => copySparse(run, raw, target),
}

/** What a disk is packed in. Neither writes a name or a time: the same disk gives the same bytes. */
const packings: Readonly<Record<Packing, () => Duplex>> = {
  gz: () => createGzip({level: 6}),
  zst: () => createZstdCompress({params: {[constants.ZSTD_c_compressionLevel]: 9, [constants.ZSTD_c_checksumFlag]: 1}}),
}

/** Writes a raw disk image in a format: `qcow2`, `raw.zst`, … An inner form is written beside the target and removed. */
export async function writeFormat(converter: Converter, raw: string, target: string, format: Format): Promise<void> {
  const [disk, packing] = format.split('.') as [Disk, Packing?]
  const write = disks[disk]
  if (packing === undefined) return write(converter, raw, target)
  if (disk === 'raw') return pack(converter, raw, target, packing)
  await using inner = temporary(`${target}.inner`)
  await write(converter, raw, inner.path)
  await pack(converter, inner.path, target, packing)
}

async function pack({signal, emit}: Converter, source: string, target: string, packing: Packing): Promise<void> {
  const total = (await stat(source)).size
  let done = 0
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length
      emit({type: 'progress', label: packing, done, total, unit: 'bytes'})
      next(null, chunk)
    },
  })
  await pipeline(createReadStream(source, {highWaterMark: 1 << 20}), meter, packings[packing](), createWriteStream(target), {signal})
}

function temporary(path: string): AsyncDisposable & {readonly path: string} {
  return {path, [Symbol.asyncDispose]: () => rm(path, {force: true})}
}
