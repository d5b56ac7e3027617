import {closeSync, openSync, readSync} from 'node:fs'

/** The bytes of a file, piece by piece. */
export function* piecesOf(path: string, size = 1 << 20): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(size)
      const length = readSync(file, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}
