import type {Json} from '../base/json.ts'
import type {InstalledPackage} from './build-outputs.ts'
import type {FeedRecord} from './feeds-record.ts'
import type {Format} from './formats.ts'
import type {Recipe} from './recipe.ts'
import type {SourceRecord} from './source-record.ts'

/** One finished file. */
export interface Artifact {
  /** Its file name, beside the manifest. */
  readonly name: string
  readonly format: Format
  /** Of the file. */
  readonly bytes: number
  /** Of the disk that a guest sees, in bytes. */
  readonly virtualSize: number
  readonly sha256: string
  /** What Glance compares. */
  readonly sha512: string
}

/**
 * `images/TARGET/manifest.json`: what is in the images and what they were made of. No secret, no time of day, no mirror
 * and no path of the machine stands in it: the same inputs give the same manifest.
 */
export interface Manifest {
  /** Of this shape: 1. */
  readonly schema: 1
  readonly tool: {readonly name: 'cloudwrt'; readonly version: string}
  readonly target: string
  readonly description: string
  readonly source: Omit<SourceRecord, 'path' | 'mirror'>
  readonly feeds: readonly FeedRecord[]
  /** What was asked for. */
  readonly asked: Pick<Recipe, 'platform' | 'packages' | 'config' | 'image'>
  readonly config: {
    /** SHA-256 of the `.config` that was built. */
    readonly sha256: string
  }
  /** The image as OpenWrt built it, before it was edited. */
  readonly built: {
    readonly name: string
    readonly bytes: number
    readonly sha256: string
    readonly release: string
    readonly revision: string | undefined
    readonly kernel: string | undefined
  }
  readonly packages: readonly InstalledPackage[]
  /** What `edit` did: partitions, editor, overlays, sizes. */
  readonly edit: Json
  readonly artifacts: readonly Artifact[]
}
