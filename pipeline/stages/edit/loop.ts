import {
  accessSync, chmodSync, closeSync, lchownSync, lstatSync, lutimesSync, mkdirSync, openSync, readdirSync, readlinkSync, rmdirSync, symlinkSync,
  unlinkSync, writeSync, type Stats,
} from 'node:fs'
import {dirname, join} from 'node:path'
import {errorCode, isMissing} from '../../base/errors.ts'
import {piecesOf} from '../../base/pieces.ts'
import type {LaidEntry, Step} from '../../model/edit-plan.ts'
import type {NodeKind} from '../../model/ext4-inode.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import type {FileContent} from '../../model/root-edit.ts'
import {nameOf, type RootNode} from '../../model/root-node.ts'
import {mountLoop} from '../../tools/loop-mount.ts'
import type {Editor, OpenRoot, WorkImage} from './editor.ts'

/** What the kernel's driver takes beyond what debugfs does; which of these this kernel was built with, the mount tells. */
const features = new Set([
  'dir_prealloc', 'has_journal', 'ext_attr', 'resize_inode', 'dir_index', 'sparse_super2', 'fast_commit', 'stable_inodes', 'orphan_file',
  'filetype', 'meta_bg', 'extent', '64bit', 'mmp', 'flex_bg', 'ea_inode', 'metadata_csum_seed', 'large_dir', 'inline_data', 'encrypt', 'casefold',
  'sparse_super', 'large_file', 'huge_file', 'uninit_bg', 'dir_nlink', 'extra_isize', 'quota', 'bigalloc', 'metadata_csum', 'project', 'verity',
])

/**
 * Edits by a loop mount: the kernel's own driver, which knows every feature, but needs root, and leaves times, counters and
 * the mount's path in the superblock, so that bytes do not repeat.
 *
 * Why nothing outside is ever touched: the mount lies in a folder that only we may enter, no program runs in it, so nothing in
 * it changes but by us. Before each step every part of its path is looked at by itself, and one that is a link ends the way,
 * whatever the plan took it for; what is there goes first, and files are made with O_EXCL, which follows nothing.
 */
export const loop: Editor = {
  name: 'loop',
  refuses: (asked) => [...asked].filter((feature) => !features.has(feature)),
  unavailable: () => (process.geteuid?.() !== 0 ? 'needs root' : hasLoopDevices() ? undefined : 'needs loop devices, and there is no /dev/loop-control'),
  // the kernel keeps a fiftieth of the clusters, 4096 at most, from everybody (fs/ext4/super.c, ext4_calculate_resv_clusters)
  reserved: ({blocks, blockSize, clusterSize}) => Math.min(Math.floor((blocks * blockSize) / clusterSize / 50), 4096) * clusterSize,
  async open(image, run) {
    const place = join(image.folder, 'mount')
    const mount = await mountLoop(run, {image: join(image.folder, image.name), offset: image.offset, bytes: image.bytes, place, write: true})
    return new LoopRoot(place, mount, image, run)
  },
}

class LoopRoot implements OpenRoot {
  readonly #place: string
  readonly #mount: AsyncDisposable
  readonly #image: WorkImage
  readonly #run: Run

  constructor(place: string, mount: AsyncDisposable, image: WorkImage, run: Run) {
    this.#place = place
    this.#mount = mount
    this.#image = image
    this.#run = run
  }

  look(path: string): RootNode | undefined {
    const stat = this.#stat(path)
    return stat === undefined ? undefined : nodeOf(stat, join(this.#place, path))
  }

  list(path: string): readonly string[] {
    return this.#stat(path)?.isDirectory() === true ? readdirSync(join(this.#place, path), {encoding: 'buffer'}).map((name) => nameOf(name, path)) : []
  }

  * contents(path: string): Generator<Uint8Array> {
    if (this.#stat(path)?.isFile() !== true) throw new Problem('edit-failed', `${path} is no file`)
    yield* piecesOf(join(this.#place, path))
  }

  async apply(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (this.#stat(dirname(step.path))?.isDirectory() !== true) throw new Problem('edit-failed', `${step.path} lies in no folder that the kernel sees`)
      try {
        await this.#do(step, join(this.#place, step.path))
      } catch (error) {
        if (errorCode(error) === undefined) throw error
        throw new Problem('edit-failed', `${step.path} cannot be written to the image: ${errorCode(error)}`, {cause: error})
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mount[Symbol.asyncDispose]()
  }

  /** `lstat` part by part: only folders lead on, so that not even a folder that is a link is followed. */
  #stat(path: string): Stats | undefined {
    let at = this.#place
    let stat = lstatIfThere(at)
    for (const part of path.split('/').filter(Boolean)) {
      if (stat?.isDirectory() !== true) return undefined
      stat = lstatIfThere(at = join(at, part))
    }
    return stat
  }

  async #do(step: Step, path: string): Promise<void> {
    switch (step.do) {
      case 'remove': return step.node.kind === 'directory' ? rmdirSync(path) : unlinkSync(path)
      case 'make': mkdirSync(path); break
      case 'lay': await this.#lay(step.entry, path); break
      case 'attributes': break
    }
    const {uid, gid} = step.do === 'lay' ? step.entry : step
    lchownSync(path, uid, gid)
    // after the owner, whose change takes set-id bits away; it follows links, but a link has no mode
    if (step.do !== 'lay' || step.entry.kind !== 'link') chmodSync(path, step.do === 'lay' ? step.entry.mode : step.mode)
    if (step.do !== 'attributes') lutimesSync(path, this.#image.time, this.#image.time)
  }

  async #lay(entry: LaidEntry, path: string): Promise<void> {
    switch (entry.kind) {
      case 'file': return writeNew(path, entry.content)
      case 'link': return symlinkSync(entry.target, path)
      case 'fifo': await this.#run(['mknod', '--', path, 'p'], {quiet: true}); return
      case 'character': case 'block': {
        const {major, minor} = entry.device
        await this.#run(['mknod', '--', path, entry.kind === 'block' ? 'b' : 'c', String(major), String(minor)], {quiet: true})
      }
    }
  }
}

function writeNew(path: string, content: FileContent): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    const pieces = 'bytes' in content ? [content.bytes] : piecesOf(content.file)
    for (const piece of pieces) for (let done = 0; done < piece.length;) done += writeSync(file, piece, done)
  } finally {
    closeSync(file)
  }
}

function nodeOf(stat: Stats, path: string): RootNode {
  const kind = kindOf(stat)
  return {
    kind, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, size: stat.size, links: stat.nlink, allocated: stat.blocks * 512,
    ...(kind === 'link' ? {target: readlinkSync(path)} : {}),
    ...(kind === 'character' || kind === 'block' ? {device: deviceNumbers(BigInt(stat.rdev))} : {}),
  }
}

function kindOf(stat: Stats): NodeKind {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'link'
  if (stat.isCharacterDevice()) return 'character'
  if (stat.isBlockDevice()) return 'block'
  return stat.isFIFO() ? 'fifo' : 'socket'
}

/** As glibc splits a `dev_t` (makedev(3)). */
function deviceNumbers(device: bigint): {readonly major: number; readonly minor: number} {
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
  }
}

function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function hasLoopDevices(): boolean {
  try {
    accessSync('/dev/loop-control')
    return true
  } catch {
    return false
  }
}
