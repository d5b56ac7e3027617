import {createHash} from 'node:crypto'
import {lstatSync} from 'node:fs'
import {lstat, readFile, readlink, realpath} from 'node:fs/promises'
import {join} from 'node:path'
import {writeJson} from '../base/atomic-file.ts'
import {isMissing} from '../base/errors.ts'
import {filesBelow} from '../base/files-below.ts'
import {isRecord} from '../base/json.ts'
import {sparseDigest} from '../base/sparse-digest.ts'

/** What the file system says of a file when its digest was taken. Equal marks: equal contents. */
interface Known {
  readonly mark: string
  readonly sha256: string
}

/** A file that changed less than this many milliseconds ago may change again within one tick of its clock. */
const settled = 50
const parallel = 16

/**
 * Digests of files and folders, SHA-256 in hex. What was hashed before and has not been touched since is not
 * read again: that keeps a build with nothing to do well under a second.
 */
export class Contents {
  readonly #path: string
  readonly #known = new Map<string, Known>()
  #changed = false

  private constructor(path: string) {
    this.#path = path
  }

  /** @param path where the digests are remembered; a file that cannot be read means: nothing is */
  static async open(path: string): Promise<Contents> {
    const contents = new Contents(path)
    for (const [file, known] of Object.entries(await readKnown(path))) contents.#known.set(file, known)
    return contents
  }

  async save(): Promise<void> {
    if (this.#changed) await writeJson(this.#path, Object.fromEntries(this.#known))
    this.#changed = false
  }

  /**
   * Digest of a file's bytes, a link's target, or a folder's whole tree; null where there is nothing.
   *
   * @param except what does not count in a folder; see `filesBelow`
   */
  async digest(path: string, except: readonly string[] = []): Promise<string | null> {
    try {
      // what is named may be a link to a folder; links in it are themselves
      const named = await realpath(path)
      if (!(await lstat(named)).isDirectory()) return await this.#entry(named)
      return sha256(JSON.stringify(await this.#tree(named, except)))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** Names, kinds, the executable bit and contents: what git keeps, and so what is the same in every clone. */
  async #tree(folder: string, except: readonly string[]): Promise<[string, string][]> {
    const names = filesBelow(folder, except)
    const digests: [string, string][] = []
    for (let start = 0; start < names.length; start += parallel) {
      const some = names.slice(start, start + parallel)
      digests.push(...await Promise.all(some.map(async (name): Promise<[string, string]> => [name, await this.#entry(join(folder, name))])))
    }
    return digests
  }

  async #entry(path: string): Promise<string> {
    // synchronous, for all files of a tree are asked: a third of the time
    const stat = lstatSync(path, {bigint: true})
    if (stat.isSymbolicLink()) return `link ${await readlink(path)}`
    if (!stat.isFile()) return `special ${stat.mode.toString(8)} ${stat.rdev}`
    const mark = [stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino].join(' ')
    const executable = (stat.mode & 0o100n) === 0n ? '' : 'x '
    const known = this.#known.get(path)
    if (known?.mark === mark) return executable + known.sha256
    const digest = await digestOf(path, Number(stat.size))
    if (Date.now() - Number(stat.ctimeMs) > settled) {
      this.#known.set(path, {mark, sha256: digest})
      this.#changed = true
    }
    return executable + digest
  }
}

async function readKnown(path: string): Promise<Record<string, Known>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    const entries = isRecord(value) ? Object.entries(value) : []
    return Object.fromEntries(entries.filter((entry): entry is [string, Known] => isKnown(entry[1])))
  } catch {
    return {}
  }
}

function isKnown(value: unknown): value is Known {
  return isRecord(value) && typeof value['mark'] === 'string' && typeof value['sha256'] === 'string'
}

/** Whole where it is small: a stream costs more than it saves. Large files are disk images, mostly, and those have holes. */
async function digestOf(path: string, size: number): Promise<string> {
  return size < 1 << 20 ? sha256(await readFile(path)) : sparseDigest(path)
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
