/**
 * edit: opens the root in the finished image, without building anything again.
 *
 * The image is unpacked to a copy with holes, which is kept for the next time; its checksum, partition table and file system are checked before anything trusts
 * them. Then, in this order: the root grows to `image.root`, root's password, keys, overlays. Everything written is read back,
 * and e2fsck has the last word. The copy takes the place of the former one only then.
 *
 * Two editors: `userspace` (debugfs, the default: no root, and the bytes repeat) and `loop` (a loop mount at the root's offset, by
 * choice or where the file system has what debugfs must not touch). The same input gives the same tree with either.
 */
import {readFile, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {writeJson} from '../base/atomic-file.ts'
import type {Built} from '../model/build-outputs.ts'
import type {Password} from '../model/recipe.ts'
import type {Inputs, Stage} from '../model/stage.ts'
import {editImage} from './edit/edit-image.ts'
import {imageName} from './edit/editor.ts'
import {rootHash} from './edit/password.ts'
import {openWorkFolder} from './edit/work-folder.ts'

export const edit: Stage = {
  name: 'edit',
  does: 'set password and keys, lay overlays, check the root',
  needs: ['build'],
  version: 1,
  inputs: ({image, root}) => ({
    size: image.root,
    password: passwordInputs(root.password),
    keys: root.keys,
    overlays: root.overlays.map(({name, path}) => ({name, contents: {$contents: path}})),
    editor: root.editor,
  }),
  outputs: (_recipe, workspace) => [workspace.edited, workspace.editRecord],
  async run({recipe, workspace, ...tools}) {
    const {image, sha256} = JSON.parse(await readFile(workspace.built, 'utf8')) as Built
    const {password, ...wishes} = recipe.root
    const hash = await rootHash(password, tools.run, {file: workspace.passwordHash, keyFile: workspace.secretKey})
    await using work = await openWorkFolder(workspace.editFolder, tools.run)
    const kept = {folder: workspace.unpacked, sha256}
    const record = await editImage({image, kept, folder: work.path, hash, size: recipe.image.root, ...wishes}, tools)
    await rename(join(work.path, imageName), workspace.edited)
    await writeJson(workspace.editRecord, record)
  },
}

/** Of a secret only an HMAC enters the fingerprint. */
function passwordInputs(password: Password): Inputs {
  switch (password.kind) {
    case 'env': return {kind: password.kind, secret: {$secret: {env: password.name}}}
    case 'file': case 'hash-file': return {kind: password.kind, secret: {$secret: {file: password.path}}}
    case 'locked': case 'keep': case 'prompt': return {kind: password.kind}
  }
}
