/** Reads `length` bytes at `offset` of something; fewer where it ends before. */
export type ReadAt = (offset: number, length: number) => Buffer

/** A ReadAt over bytes in memory. */
export function readerOf(bytes: Uint8Array): ReadAt {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (offset, length) => buffer.subarray(Math.min(offset, buffer.length), Math.min(offset + length, buffer.length))
}
