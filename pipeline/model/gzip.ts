/** Bits of a gzip member's flag byte (RFC 1952, 2.3.1). */
const flags = {headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0} as const

/** Bytes of CRC-32 and length behind a member's compressed data. */
export const gzipTrailerLength = 8

/** Whether bytes begin as a gzip member that is deflated does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8
}

/**
 * Length of a gzip member's header: what comes before the compressed data. Undefined where the bytes are no such
 * header, or end within it.
 */
export function gzipHeaderLength(bytes: Uint8Array): number | undefined {
  const flag = bytes[3] ?? 0
  if (!isGzip(bytes) || (flag & flags.reserved) !== 0) return undefined
  let end: number | undefined = 10
  if ((flag & flags.extra) !== 0) end += 2 + (bytes[10] ?? 0) + (bytes[11] ?? 0) * 256
  if ((flag & flags.name) !== 0) end = behindZero(bytes, end)
  if ((flag & flags.comment) !== 0) end = behindZero(bytes, end)
  if ((flag & flags.headerCrc) !== 0 && end !== undefined) end += 2
  return end !== undefined && end <= bytes.length ? end : undefined
}

function behindZero(bytes: Uint8Array, start: number | undefined): number | undefined {
  const zero = start === undefined ? -1 : bytes.indexOf(0, start)
  return zero < 0 ? undefined : zero + 1
}

/** What a member says of its data behind it: CRC-32, and length modulo 2^32. Undefined where the file ends before. */
export function gzipTrailer(bytes: Buffer): {readonly crc32: number; readonly size: number} | undefined {
  return bytes.length < gzipTrailerLength ? undefined : {crc32: bytes.readUInt32LE(0), size: bytes.readUInt32LE(4)}
}
