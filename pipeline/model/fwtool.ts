import type {ReadAt} from '../base/read-at.ts'

/** The footer that OpenWrt's fwtool puts behind what it appends to an image: magic, CRC, kind, padding, size; big-endian. */
const footerLength = 16
const magic = 0x46577830

/**
 * Bytes at the end of a file that are not the image but what OpenWrt appended to it: metadata and a signature, one
 * behind the other, each with a footer (fwtool.c). 0 where there is none.
 */
export function appendedBytes(read: ReadAt, size: number): number {
  let end = size
  for (;;) {
    const footer = read(Math.max(0, end - footerLength), footerLength)
    if (end < footerLength || footer.length < footerLength || footer.readUInt32BE(0) !== magic) return size - end
    const length = footer.readUInt32BE(12)
    if (length < footerLength || length > end) return size - end
    end -= length
  }
}
