import {ftruncateSync, writeSync} from 'node:fs'

/** What is left out where it is zero: a block of most file systems. */
const blockSize = 4096
const zeros = Buffer.alloc(1 << 20)

/** Writes a stream to an empty file, leaving holes where it is zero: a disk image takes the room of its data only. */
export class SparseWriter {
  readonly #file: number
  #size = 0

  /** @param file descriptor of a file that is empty behind `start` */
  constructor(file: number, start = 0) {
    this.#file = file
    this.#size = start
  }

  /** Offset of what comes next. */
  get size(): number {
    return this.#size
  }

  write(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let start = 0
    while (start < buffer.length) {
      const from = this.#skipZeros(buffer, start)
      const to = this.#skipData(buffer, from)
      writeAll(this.#file, buffer.subarray(from, to), this.#size + from)
      start = to
    }
    this.#size += buffer.length
  }

  /** Gives the file its length: it may end in a hole. */
  end(): void {
    ftruncateSync(this.#file, this.#size)
  }

  #skipZeros(buffer: Buffer, start: number): number {
    let offset = start
    while (offset < buffer.length && isZero(buffer, offset, this.#blockEnd(buffer, offset))) offset = this.#blockEnd(buffer, offset)
    return offset
  }

  #skipData(buffer: Buffer, start: number): number {
    let offset = start
    while (offset < buffer.length && !isZero(buffer, offset, this.#blockEnd(buffer, offset))) offset = this.#blockEnd(buffer, offset)
    return offset
  }

  /** Where the file's block that an offset lies in ends. */
  #blockEnd(buffer: Buffer, offset: number): number {
    return Math.min(buffer.length, offset + blockSize - ((this.#size + offset) % blockSize))
  }
}

function isZero(buffer: Buffer, start: number, end: number): boolean {
  return buffer[start] === 0 && buffer.compare(zeros, 0, end - start, start, end) === 0
}

/** One call may write less than it was given. */
export function writeAll(file: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done)
}
