import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {formatSize} from '../../base/size.ts'
import {planEdit, type Step} from '../../model/edit-plan.ts'
import type {EditRecord} from '../../model/edit-record.ts'
import {requireSpace} from '../../model/edit-space.ts'
import {Ext4Reader} from '../../model/ext4-reader.ts'
import type {Superblock} from '../../model/ext4-superblock.ts'
import {readPartitionTable} from '../../model/partition-table.ts'
import {sectorSize, type Partition, type PartitionTable} from '../../model/partition.ts'
import {Problem} from '../../model/problem.ts'
import type {EditorName, Overlay} from '../../model/recipe.ts'
import {byPath, combine} from '../../model/root-edit.ts'
import {lockedHash} from '../../model/shadow.ts'
import {DiskFile} from '../../tools/disk-file.ts'
import {dropFeature, e2fsck, type FsPlace} from '../../tools/e2fsprogs.ts'
import {accessChange, requireAccessKept, type Access} from './access.ts'
import {chooseEditor, imageName, requireEditable, type Editor, type WorkImage} from './editor.ts'
import {loadEditors} from './editors.ts'
import {findRoot, partOf} from './find-root.ts'
import {growRoot, mendGpt} from './grow.ts'
import {loadOverlay, type LoadedOverlay} from './overlay.ts'
import {unpackImage, type Tools} from './unpack.ts'
import {userspace} from './userspace.ts'
import {verify} from './verify.ts'

export interface EditRequest {
  /** The image to begin with; it is only read. Absolute. */
  readonly image: string
  /** Empty, ours alone, on the file system where the result is to lie. The result is `image` in it. Absolute. */
  readonly folder: string
  /** For root's line in /etc/shadow; undefined: it stays as it is. */
  readonly hash: string | undefined
  readonly keys: readonly string[]
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
  const [{layers, trailer}, loaded] = await together(unpackImage(request.image, request.folder, tools), Promise.all(request.overlays.map(loadOverlay)))
  for (const text of loaded.flatMap(({warnings}) => warnings)) tools.emit({type: 'warning', text})
  using disk = new DiskFile(join(request.folder, imageName), 'r+')
  const table = readPartitionTable(disk.read, Math.floor(disk.size / sectorSize))
  const before = findRoot(disk, table, request.partition)
  const first = superblockOf(disk, before)
  requireEditable(first)
  const editor = chooseEditor(await loadEditors(), request.editor, first)
  const time = Math.max(1, first.latest)
  const place: FsPlace = {folder: request.folder, name: imageName, offset: before.start * sectorSize, time}
  await mendFs(place, tools)
  const root = await grown(disk, table, before, first, time, request, tools)
  const dropped = await madeGrowable(disk, root, place, tools)
  const image: WorkImage = {...place, bytes: root.sectors * sectorSize}
  const {access, steps} = await lay(editor, image, superblockOf(disk, root), request, loaded, tools)
  await readBack(editor, image, superblockOf(disk, root), steps, tools)
  disk.sync()
  const {label, uuid, freeBlocks, blockSize} = superblockOf(disk, root)
  return {
    editor: editor.name, packed: layers, trailer, table: table.kind, dropped, time,
    root: {partition: root.number, partuuid: root.partuuid, offset: place.offset, size: root.sectors * sectorSize, sizeBefore: before.sectors * sectorSize, label, uuid, free: freeBlocks * blockSize},
    password: request.hash === undefined ? 'kept' : request.hash === lockedHash ? 'locked' : 'set',
    keys: {laid: request.keys.length, others: access.otherKeys},
    overlays: request.overlays.map(({name}, index) => overlayRecord(name, loaded[index])),
  }
}

/** Both, and neither is still at work where one has failed. */
async function together<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other])
  return Promise.all([one, other])
}

/** Plans, makes sure that it fits, and writes. */
async function lay(editor: Editor, image: WorkImage, superblock: Superblock, {hash, keys}: EditRequest, loaded: readonly LoadedOverlay[], {run, emit}: Tools): Promise<{access: Access; steps: readonly Step[]}> {
  await using root = await editor.open(image, run)
  const access = accessChange(root, {hash, keys})
  if (access.otherKeys > 0) emit({type: 'warning', text: `the image lets in ${access.otherKeys} other keys as well: they were in its authorized_keys`})
  const edit = combine([access.change, ...loaded.map(({change}) => change)])
  requireAccessKept(access, edit)
  const steps = planEdit(edit, root)
  requireSpace(steps, superblock, editor.reserved(superblock))
  if (steps.length > 0) await root.apply(steps)
  return {access, steps}
}

/** Compares everything that was written, by our own reader where it can: it shares nothing with what wrote. And lets e2fsck look. */
async function readBack(editor: Editor, image: WorkImage, superblock: Superblock, steps: readonly Step[], tools: Tools): Promise<void> {
  const own = userspace.refuses(superblock.features).length === 0
  const checked = own ? requireClean(image, superblock, tools) : Promise.resolve()
  await together(checked, compare(own ? userspace : editor, image, steps, tools))
  if (!own) await requireClean(image, superblock, tools)
}

async function compare(reader: Editor, image: WorkImage, steps: readonly Step[], {run}: Tools): Promise<void> {
  await using root = await reader.open(image, run)
  verify(steps, root)
}

function superblockOf(disk: DiskFile, partition: Partition): Superblock {
  return new Ext4Reader(partOf(disk, partition), partition.sectors * sectorSize).superblock
}

/** make_ext4fs leaves bitmaps that e2fsck mends without a word; what it would have to ask about is damage. */
async function mendFs(place: FsPlace, {run}: Tools): Promise<void> {
  const {found, lines} = await e2fsck(run, place, 'mend')
  if (found === 'damaged') throw new Problem('image-filesystem', 'the root file system of the image is damaged', {tail: lines, hint: 'Fetch or build it again.'})
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

/** Frees a file system that cannot be grown while it is mounted from what hinders that: it then grows in another way. */
async function madeGrowable(disk: DiskFile, root: Partition, place: FsPlace, {run}: Tools): Promise<readonly string[]> {
  if (new Ext4Reader(partOf(disk, root), root.sectors * sectorSize).canGrowMounted()) return []
  await dropFeature(run, place, 'resize_inode')
  const {found, lines} = await e2fsck(run, place, 'all')
  if (found === 'damaged') throw new Problem('image-filesystem', 'the root file system could not be made able to grow', {tail: lines})
  return ['resize_inode']
}

async function requireClean(image: WorkImage, {latest}: Superblock, {run}: Tools): Promise<void> {
  // a time before the file system's own would be damage as well
  const {found, lines} = await e2fsck(run, {...image, name: imageName, time: Math.max(latest, Math.floor(Date.now() / 1000))}, 'look')
  if (found !== 'clean') throw new Problem('edit-failed', 'the root file system is damaged after the edit', {tail: lines, hint: 'The image was not touched; only a copy was. Please report this.'})
}

/** Two overlays of the same digest lay the same. */
function overlayRecord(name: string, loaded: LoadedOverlay | undefined): EditRecord['overlays'][number] {
  const {absent, entries} = loaded?.change ?? {absent: [], entries: []}
  const lines = byPath(entries).map((entry) => [entry.path, entry.kind, entry.mode, entry.uid, entry.gid, 'content' in entry ? entry.content.sha256 : 'target' in entry ? entry.target : 'device' in entry ? entry.device : null])
  return {name, entries: entries.length, sha256: createHash('sha256').update(JSON.stringify([byPath(absent).map(({path}) => path), lines])).digest('hex')}
}
