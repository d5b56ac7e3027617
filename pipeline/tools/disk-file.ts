import {closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync} from 'node:fs'
import type {ReadAt} from '../base/read-at.ts'
import {SparseWriter, writeAll} from '../base/sparse-writer.ts'
import type {Patch} from '../model/partition.ts'

const chunk = 1 << 20

/** A raw disk image, or one partition's, as an open file. */
export class DiskFile implements Disposable {
  readonly #file: number

  constructor(path: string, flags: 'r' | 'r+' | 'wx+') {
    this.#file = openSync(path, flags)
  }

  /** Bytes. */
  get size(): number {
    return fstatSync(this.#file).size
  }

  readonly read: ReadAt = (offset, length) => {
    const wanted = Math.max(0, Math.min(length, this.size - offset))
    const bytes = Buffer.allocUnsafe(wanted)
    let done = 0
    while (done < wanted) {
      const got = readSync(this.#file, bytes, done, wanted - done, offset + done)
      if (got === 0) break
      done += got
    }
    return bytes.subarray(0, done)
  }

  /** Reads of a part of it, from the part's first byte. */
  part(start: number, length: number): ReadAt {
    return (offset, wanted) => this.read(start + offset, Math.max(0, Math.min(wanted, length - offset)))
  }

  write(patches: readonly Patch[]): void {
    for (const {offset, bytes} of patches) writeAll(this.#file, bytes, offset)
  }

  resize(bytes: number): void {
    ftruncateSync(this.#file, bytes)
  }

  /** A writer that begins at an offset behind which the file is empty. */
  sparseWriter(start = 0): SparseWriter {
    return new SparseWriter(this.#file, start)
  }

  /** Makes sure that what was written survives a loss of power. */
  sync(): void {
    fsyncSync(this.#file)
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}

/** Copies a part of one disk behind the end of another's contents, leaving holes. */
export function copyPart(source: DiskFile, start: number, length: number, target: SparseWriter): void {
  for (let done = 0; done < length; done += chunk) target.write(source.read(start + done, Math.min(chunk, length - done)))
  target.end()
}
