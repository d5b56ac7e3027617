import {access, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAtomic, writeJson} from '../base/atomic-file.ts'
import {isRecord, type Json} from '../base/json.ts'

/** A fingerprint that succeeded, and what it made. Written last, after all outputs are in their places. */
export interface Stamp {
  readonly fingerprint: string
  readonly inputs: Json
  /** Digest of each output, by its path relative to the project. */
  readonly outputs: Readonly<Record<string, string>>
  /** Wall time of the run, in milliseconds. */
  readonly ms: number
}

/** The stamps of one workspace: one JSON file a stage. A torn or foreign file is no stamp. */
export class Stamps {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async read(stage: string): Promise<Stamp | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file(stage), 'utf8'))
      return isStamp(value) ? value : undefined
    } catch {
      return undefined
    }
  }

  async write(stage: string, stamp: Stamp): Promise<void> {
    await writeJson(this.#file(stage), stamp)
    await rm(this.#begun(stage), {force: true})
  }

  /** What a stage made is about to change: until it succeeds again, nothing is known of it. */
  async begin(stage: string): Promise<void> {
    await writeAtomic(this.#begun(stage), '')
    await rm(this.#file(stage), {force: true})
  }

  /** Whether the last run of the stage began and did not succeed. */
  async wasBegun(stage: string): Promise<boolean> {
    return access(this.#begun(stage)).then(() => true, () => false)
  }

  #begun(stage: string): string {
    return join(this.#folder, `${stage}.begun`)
  }

  #file(stage: string): string {
    return join(this.#folder, `${stage}.json`)
  }
}

function isStamp(value: unknown): value is Stamp {
  return isRecord(value) && typeof value['fingerprint'] === 'string' && isRecord(value['outputs']) && 'inputs' in value
}
