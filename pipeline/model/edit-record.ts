import type {EditorName} from './recipe.ts'

/** `edited.json`: what `edit` did. The same image and the same wishes give the same record; no secret and no path of the machine is in it. */
export interface EditRecord {
  readonly editor: EditorName
  /** How the image was packed, from the outside in: `gzip`, `zstd`, `qcow2`. */
  readonly packed: readonly string[]
  /** Bytes behind the image that were left out: OpenWrt's metadata and signature. */
  readonly trailer: number
  readonly table: 'mbr' | 'gpt'
  readonly root: {
    readonly partition: number
    /** What the kernel finds it by. */
    readonly partuuid: string
    /** Bytes from the disk's start. */
    readonly offset: number
    /** Bytes. */
    readonly size: number
    /** Bytes before it was grown. */
    readonly sizeBefore: number
    readonly label: string
    readonly uuid: string
    /** Bytes that are free in the end. */
    readonly free: number
  }
  /** Features that were taken away so that the file system can grow on the device. */
  readonly dropped: readonly string[]
  readonly password: 'locked' | 'set' | 'kept'
  readonly keys: {
    readonly laid: number
    /** Keys that the image had besides. */
    readonly others: number
  }
  readonly overlays: readonly {readonly name: string; readonly entries: number; readonly sha256: string}[]
  /** Seconds since 1970: the time that all that was laid has. */
  readonly time: number
}
