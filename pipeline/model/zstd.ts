import type {ReadAt} from '../base/read-at.ts'

const frameMagic = 0xfd2fb528
/** The lowest four bits are anybody's. */
const skippableMagic = 0x184d2a50

/** Kinds of block (RFC 8878, 3.1.1.2.2). */
const repeated = 1
const reserved = 3

export interface ZstdFrame {
  /** Bytes, header and checksum included. */
  readonly length: number
  /** False for one that holds something else than data. */
  readonly data: boolean
}

/**
 * How long the frame at an offset is, by its own lengths: Node's decoder stops behind the first frame or fails, depending on where its input
 * was split. `cut-off` where the file ends within it; undefined where there is no frame.
 */
export function zstdFrame(read: ReadAt, offset: number): ZstdFrame | 'cut-off' | undefined {
  const head = read(offset, 18)
  if (head.length < 4) return undefined
  const magic = head.readUInt32LE(0)
  if (magic - (magic % 16) === skippableMagic) return head.length < 8 ? 'cut-off' : whole(read, offset, 8 + head.readUInt32LE(4), false)
  if (magic !== frameMagic) return undefined
  const flags = head[4]
  if (flags === undefined) return 'cut-off'
  let length = headerLength(flags)
  for (let last = false; !last;) {
    const block = read(offset + length, 3)
    if (block.length < 3) return 'cut-off'
    const word = block.readUIntLE(0, 3)
    const kind = (word >> 1) & 3
    if (kind === reserved) return 'cut-off'
    last = (word & 1) === 1
    length += 3 + (kind === repeated ? 1 : word >> 3)
  }
  return whole(read, offset, length + ((flags & 4) === 0 ? 0 : 4), true)
}

function headerLength(flags: number): number {
  const single = (flags & 0x20) !== 0
  const contentSize = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
  return 4 + 1 + (single ? 0 : 1) + dictionary + contentSize
}

function whole(read: ReadAt, offset: number, length: number, data: boolean): ZstdFrame | 'cut-off' {
  return read(offset + length - 1, 1).length === 1 ? {length, data} : 'cut-off'
}
