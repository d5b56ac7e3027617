import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, dirname} from 'node:path/posix'
import {join} from 'node:path'
import type {LaidEntry, Step} from '../../model/edit-plan.ts'
import {deviceOf, type Inode} from '../../model/ext4-inode.ts'
import {Ext4Reader} from '../../model/ext4-reader.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import type {FileContent} from '../../model/root-edit.ts'
import {nameOf, type RootNode} from '../../model/root-node.ts'
import {debugfs, type DebugfsCommand} from '../../tools/debugfs.ts'
import {DiskFile} from '../../tools/disk-file.ts'
import type {Editor, OpenRoot, WorkImage} from './editor.ts'

/**
 * Features that debugfs and our reader both know well. Not among them: quotas, which debugfs does not keep; folders without
 * regard to case or encrypted, whose order it does not know; `inline_data`, `bigalloc`, `mmp`, which are rare.
 */
const taken = new Set([
  'dir_prealloc', 'has_journal', 'ext_attr', 'resize_inode', 'dir_index', 'fast_commit', 'stable_inodes', 'orphan_file',
  'filetype', 'meta_bg', 'extent', '64bit', 'flex_bg', 'metadata_csum_seed', 'large_dir',
  'sparse_super', 'large_file', 'huge_file', 'uninit_bg', 'dir_nlink', 'extra_isize', 'metadata_csum',
])

/** The upper bits of a mode, in octal digits. */
const modeBits: Readonly<Record<'file' | 'directory' | 'character' | 'block' | 'fifo', string>> = {file: '010', directory: '004', character: '002', block: '006', fifo: '001'}

/**
 * Edits by debugfs, in the image, without root, loop device or mount. Equal edits of equal images give equal bytes: all
 * times are the image's own, and what is written depends on nothing of this machine.
 */
export const userspace: Editor = {
  name: 'userspace',
  refuses: (features) => [...features].filter((feature) => !taken.has(feature)),
  unavailable: () => undefined,
  reserved: () => 0,
  open: async (image, run) => new UserspaceRoot(image, run),
}

class UserspaceRoot implements OpenRoot {
  readonly #image: WorkImage
  readonly #run: Run
  readonly #disk: DiskFile
  readonly #reader: Ext4Reader

  constructor(image: WorkImage, run: Run) {
    this.#image = image
    this.#run = run
    this.#disk = new DiskFile(join(image.folder, image.name), 'r')
    this.#reader = new Ext4Reader(this.#disk.part(image.offset, image.bytes), image.bytes)
  }

  look(path: string): RootNode | undefined {
    const inode = this.#reader.find(path)
    return inode === undefined ? undefined : this.#nodeOf(inode)
  }

  list(path: string): readonly string[] {
    const folder = this.#reader.find(path)
    if (folder?.kind !== 'directory') return []
    return [...this.#reader.names(folder).keys()].map((name) => nameOf(Buffer.from(name, 'latin1'), path))
  }

  contents(path: string): Iterable<Uint8Array> {
    const inode = this.#reader.find(path)
    if (inode?.kind !== 'file') throw new Problem('edit-failed', `${path} is no file`)
    return this.#reader.contents(inode)
  }

  /** Contents are handed to debugfs by names that need no quoting; those of this machine's files by links to them. They go with the folder. */
  async apply(steps: readonly Step[]): Promise<void> {
    const store = join(this.#image.folder, 'contents')
    mkdirSync(store, {mode: 0o700})
    const commands: DebugfsCommand[] = []
    let folder = ''
    for (const [index, step] of steps.entries()) {
      if (step.do === 'lay') {
        // `write` and `mknod` take a name only, in the folder that debugfs is in
        if (dirname(step.path) !== folder) commands.push({name: 'cd', texts: [folder = dirname(step.path)]})
        if (step.entry.kind === 'file') place(step.entry.content, join(store, String(index)))
      }
      commands.push(...commandsFor(step, `contents/${index}`))
    }
    await debugfs(this.#run, this.#image, commands)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disk[Symbol.dispose]()
  }

  #nodeOf(inode: Inode): RootNode {
    const {kind, mode, uid, gid, size, links, allocated} = inode
    return {
      kind, mode, uid, gid, size, links, allocated,
      ...(kind === 'link' ? {target: this.#reader.target(inode).toString('utf8')} : {}),
      ...(kind === 'character' || kind === 'block' ? {device: deviceOf(inode)} : {}),
    }
  }
}

function place(content: FileContent, path: string): void {
  if ('bytes' in content) writeFileSync(path, content.bytes, {mode: 0o600, flag: 'wx'})
  else symlinkSync(content.file, path)
}

function commandsFor(step: Step, content: string): DebugfsCommand[] {
  switch (step.do) {
    case 'remove': return [{name: step.node.kind === 'directory' ? 'rmdir' : 'rm', texts: [step.path]}]
    case 'make': return [{name: 'mkdir', texts: [step.path]}, ...fields(step.path, {mode: octal('directory', step.mode), uid: step.uid, gid: step.gid})]
    case 'attributes': return fields(step.path, {mode: octal(step.node.kind, step.mode), uid: step.uid, gid: step.gid})
    case 'lay': return [layCommand(step.entry, content), ...fields(step.path, {
      ...(step.entry.kind === 'link' ? {} : {mode: octal(step.entry.kind, step.entry.mode)}),
      uid: step.entry.uid, gid: step.entry.gid,
    })]
  }
}

function layCommand(entry: LaidEntry, content: string): DebugfsCommand {
  const name = basename(entry.path)
  switch (entry.kind) {
    case 'file': return {name: 'write', texts: [content, name]}
    case 'link': return {name: 'symlink', texts: [entry.path, entry.target]}
    case 'fifo': return {name: 'mknod', texts: [name], words: ['p']}
    case 'character': case 'block': return {name: 'mknod', texts: [name], words: [entry.kind === 'block' ? 'b' : 'c', entry.device.major, entry.device.minor]}
  }
}

function fields(path: string, values: Readonly<Record<string, string | number>>): DebugfsCommand[] {
  return Object.entries(values).map(([field, value]) => ({name: 'sif', texts: [path], words: [field, value]}))
}

/** A whole mode as debugfs takes it: kind and permissions, octal by its leading 0. */
function octal(kind: RootNode['kind'], mode: number): string {
  if (kind === 'link' || kind === 'socket') throw new Error(`a ${kind} gets no mode`)
  return `${modeBits[kind]}${mode.toString(8).padStart(4, '0')}`
}
