import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'

/** Digests of a file in hex, by algorithm, in one reading. */
export async function hashFile<Algorithm extends string>(path: string, algorithms: readonly Algorithm[]): Promise<Record<Algorithm, string>> {
  const hashes = algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const)
  for await (const chunk of createReadStream(path, {highWaterMark: 1 << 20})) for (const [, hash] of hashes) hash.update(chunk as Uint8Array)
  return Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')])) as Record<Algorithm, string>
}
