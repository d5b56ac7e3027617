import {promisify} from 'node:util'
import {deflateRaw} from 'node:zlib'
import {clusterSize, Qcow2Map} from '../../model/qcow2.ts'
import {Problem} from '../../model/problem.ts'
import type {StageContext} from '../../model/stage.ts'
import {DiskFile} from '../../tools/disk-file.ts'

/** Clusters that are deflated at a time: enough for every core, and a bound for memory. */
const ahead = 64
const chunk = 16 * clusterSize
const zeros = Buffer.alloc(clusterSize)

const deflate = promisify<Buffer, object, Buffer>(deflateRaw)

/** A cluster on its way into the image. */
interface Pending {
  readonly index: number
  readonly bytes: Buffer
  readonly deflated: Promise<Buffer>
}

/**
 * Writes a raw disk as a compressed qcow2. As qemu-img convert -c does, but on every core, and its bytes depend on no QEMU of the
 * machine: what is zero is left out, what does not shrink is stored as it is. QEMU inflates with a window of 4 KiB.
 */
export async function writeQcow2({signal, emit}: Pick<StageContext, 'signal' | 'emit'>, raw: string, target: string): Promise<void> {
  using source = new DiskFile(raw, 'r')
  using image = new DiskFile(target, 'wx+')
  const total = source.size
  const map = new Qcow2Map(total)
  const queue: Pending[] = []
  for (let offset = 0; offset < total; offset += chunk) {
    if (signal.aborted) throw new Problem('interrupted', 'interrupted')
    const bytes = source.read(offset, Math.min(chunk, total - offset))
    for (let start = 0; start < bytes.length; start += clusterSize) {
      const cluster = whole(bytes.subarray(start, start + clusterSize))
      if (!cluster.equals(zeros)) queue.push({index: (offset + start) / clusterSize, bytes: cluster, deflated: deflate(cluster, {level: 6, windowBits: 12})})
    }
    while (queue.length > ahead) await store(queue.shift(), map, image)
    emit({type: 'progress', label: 'qcow2', done: offset + bytes.length, total, unit: 'bytes'})
  }
  while (queue.length > 0) await store(queue.shift(), map, image)
  image.write(map.finish())
}

/** In the order of the disk, whichever is ready first: the same disk gives the same bytes. */
async function store(pending: Pending | undefined, map: Qcow2Map, image: DiskFile): Promise<void> {
  if (pending === undefined) return
  const {index, bytes} = pending
  const deflated = await pending.deflated
  const shrunk = deflated.length < clusterSize
  const content = shrunk ? deflated : bytes
  image.write([{offset: map.place(index, content.length, shrunk), bytes: content}])
}

/** The last cluster of a disk may be cut short. */
function whole(bytes: Buffer): Buffer {
  return bytes.length === clusterSize ? bytes : Buffer.concat([bytes, Buffer.alloc(clusterSize - bytes.length)])
}
