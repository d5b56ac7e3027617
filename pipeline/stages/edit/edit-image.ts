import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {formatSize} from '../../base/size.ts'
import {together} from '../../base/together.ts'
import type {EditRecord} from '../../model/edit-record.ts'
import type {Superblock} from '../../model/ext4-superblock.ts'
import {readPartitionTable} from '../../model/partition-table.ts'
import {sectorSize, type Partition, type PartitionTable} from '../../model/partition.ts'
import type {EditorName, Overlay} from '../../model/recipe.ts'
import {byPath} from '../../model/root-edit.ts'
import {lockedHash} from '../../model/shadow.ts'
import {DiskFile} from '../../tools/disk-file.ts'
import type {FsPlace} from '../../tools/e2fsprogs.ts'
import {chooseEditor, imageName, requireEditable} from './editor.ts'
import {loadEditors} from './editors.ts'
import {findRoot} from './find-root.ts'
import {madeGrowable, mendFs, readerOf} from './fs-health.ts'
import {growRoot, mendGpt} from './grow.ts'
import {lay, type Wishes} from './lay.ts'
import {loadOverlay, type LoadedOverlay} from './overlay.ts'
import {unpackOnce, type Kept} from './unpack-once.ts'
import {unpackImage, type Tools} from './unpack.ts'

export interface EditRequest extends Wishes {
  /** The image to begin with; it is only read. Absolute. */
  readonly image: string
  /** Empty, ours alone, on the file system where the result is to lie. The result is `image` in it. Absolute. */
  readonly folder: string
  /** Where the image is kept unpacked for the next time. */
  readonly kept?: Kept
  readonly overlays: readonly Overlay[]
  /** Bytes that the root partition has at least in the end. */
  readonly size?: number
  readonly editor?: EditorName
  /** Number of the root partition, where it cannot be told. */
  readonly partition?: number
  /** Write the copy of a GPT at the end of the disk anew where it cannot be used. */
  readonly mendGpt?: boolean
}

/** Edits a copy of an image: grows the root, sets password and keys, lays overlays, reads everything back, checks. */
export async function editImage(request: EditRequest, tools: Tools): Promise<EditRecord> {
  const unpacking = request.kept === undefined ? unpackImage(request.image, request.folder, tools) : unpackOnce(request.image, request.folder, request.kept, tools)
  const [{layers, trailer}, loaded] = await together(unpacking, Promise.all(request.overlays.map(loadOverlay)))
  for (const text of loaded.flatMap(({warnings}) => warnings)) tools.emit({type: 'warning', text})
  using disk = new DiskFile(join(request.folder, imageName), 'r+')
  const table = readPartitionTable(disk.read, Math.floor(disk.size / sectorSize))
  const before = findRoot(disk, table, request.partition)
  const first = readerOf(disk, before).superblock
  requireEditable(first)
  const editor = chooseEditor(await loadEditors(), request.editor, first)
  const time = Math.max(1, first.latest)
  const place: FsPlace = {folder: request.folder, name: imageName, offset: before.start * sectorSize, time}
  await mendFs(place, tools)
  const root = await grown(disk, table, before, first, time, request, tools)
  const dropped = await madeGrowable(disk, root, place, tools)
  const access = await lay(editor, {...place, bytes: root.sectors * sectorSize}, disk, root, request, loaded, tools)
  disk.sync()
  const {label, uuid, freeBlocks, blockSize} = readerOf(disk, root).superblock
  return {
    editor: editor.name, packed: layers, trailer, table: table.kind, dropped, time,
    root: {partition: root.number, partuuid: root.partuuid, offset: place.offset, size: root.sectors * sectorSize, sizeBefore: before.sectors * sectorSize, label, uuid, free: freeBlocks * blockSize},
    password: request.hash === undefined ? 'kept' : request.hash === lockedHash ? 'locked' : 'set',
    keys: {laid: request.keys.length, others: access.otherKeys},
    overlays: request.overlays.map(({name}, index) => overlayRecord(name, loaded[index])),
  }
}

async function grown(disk: DiskFile, table: PartitionTable, root: Partition, {blockSize}: Superblock, time: number, {folder, size = 0, mendGpt: mend = false}: EditRequest, {run, emit}: Tools): Promise<Partition> {
  const has = root.sectors * sectorSize
  if (size > has) {
    await growRoot(disk, {folder, table, partition: root, bytes: size, blockSize, time}, run)
    emit({type: 'note', text: `the root was grown from ${formatSize(has)} to ${formatSize(size)}`})
    return {...root, sectors: size / sectorSize}
  }
  if (size > 0 && size < has) emit({type: 'note', text: `the root has ${formatSize(has)}, more than the ${formatSize(size)} asked for: it is never made smaller`})
  if (mend && table.backup === 'bad') mendGpt(disk, table)
  return root
}

/** Two overlays of the same digest lay the same. */
function overlayRecord(name: string, loaded: LoadedOverlay | undefined): EditRecord['overlays'][number] {
  const {absent, entries} = loaded?.change ?? {absent: [], entries: []}
  const lines = byPath(entries).map((entry) => [entry.path, entry.kind, entry.mode, entry.uid, entry.gid, 'content' in entry ? entry.content.sha256 : 'target' in entry ? entry.target : 'device' in entry ? entry.device : null])
  return {name, entries: entries.length, sha256: createHash('sha256').update(JSON.stringify([byPath(absent).map(({path}) => path), lines])).digest('hex')}
}
