import {together} from '../../base/together.ts'
import {planEdit, type Step} from '../../model/edit-plan.ts'
import {requireSpace} from '../../model/edit-space.ts'
import {sectorSize, type Partition} from '../../model/partition.ts'
import {combine} from '../../model/root-edit.ts'
import type {DiskFile} from '../../tools/disk-file.ts'
import {accessChange, requireAccessKept, type Access} from './access.ts'
import type {Editor, WorkImage} from './editor.ts'
import {readerOf, requireClean} from './fs-health.ts'
import type {LoadedOverlay} from './overlay.ts'
import type {Tools} from './unpack.ts'
import {userspace} from './userspace.ts'
import {verify} from './verify.ts'

/** What is to be in a root. */
export interface Wishes {
  /** For root's line in /etc/shadow; undefined: it stays as it is. */
  readonly hash: string | undefined
  readonly keys: readonly string[]
}

/** Plans, makes sure that it fits, writes, compares. Whatever our own reader can read is looked at by that, whoever writes. */
export async function lay(editor: Editor, image: WorkImage, disk: DiskFile, partition: Partition, wishes: Wishes, loaded: readonly LoadedOverlay[], tools: Tools): Promise<Access> {
  const superblock = readerOf(disk, partition).superblock
  const own = userspace.refuses(superblock.features).length === 0
  const {access, steps} = await plan(own ? userspace : editor, image, wishes, loaded, tools)
  requireSpace(steps, superblock, editor.reserved(superblock))
  if (own) wipe(disk, partition, steps)
  if (steps.length > 0) {
    await using root = await editor.open(image, tools.run)
    await root.apply(steps)
  }
  // e2fsck may look while our reader reads, but not while the kernel has it mounted
  if (own) await together(requireClean(image, superblock, tools), compare(userspace, image, steps, tools))
  else {
    await compare(editor, image, steps, tools)
    await requireClean(image, superblock, tools)
  }
  return access
}

async function plan(view: Editor, image: WorkImage, {hash, keys}: Wishes, loaded: readonly LoadedOverlay[], {run, emit}: Tools): Promise<{access: Access; steps: readonly Step[]}> {
  await using root = await view.open(image, run)
  const access = accessChange(root, {hash, keys})
  if (access.otherKeys > 0) emit({type: 'warning', text: `the image lets in ${access.otherKeys} other keys as well: they were in its authorized_keys`})
  const edit = combine([access.change, ...loaded.map(({change}) => change)])
  requireAccessKept(access, edit)
  return {access, steps: planEdit(edit, root)}
}

/** Fills what is to go with zeros, lest a former password's hash can be found in free blocks. */
function wipe(disk: DiskFile, partition: Partition, steps: readonly Step[]): void {
  const reader = readerOf(disk, partition)
  for (const step of steps) {
    if (step.do !== 'remove' || step.node.kind !== 'file' || step.node.links > 1) continue
    const inode = reader.find(step.path)
    for (const {offset, length} of inode === undefined ? [] : reader.places(inode)) disk.write([{offset: partition.start * sectorSize + offset, bytes: Buffer.alloc(length)}])
  }
}

async function compare(reader: Editor, image: WorkImage, steps: readonly Step[], {run}: Tools): Promise<void> {
  await using root = await reader.open(image, run)
  verify(steps, root)
}
