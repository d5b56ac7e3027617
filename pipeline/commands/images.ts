import {readManifest} from '../stages/convert.ts'
import type {Recipe} from '../model/recipe.ts'
import type {Workspace} from '../model/workspace.ts'
import {typeable} from '../base/typeable.ts'
import type {Report} from './reported.ts'

/** Says where the finished images are and how one gets into them. */
export async function tellImages(recipe: Recipe, workspace: Workspace, {emit}: Report): Promise<void> {
  const {artifacts} = await readManifest(workspace.manifest)
  for (const {name, bytes, sha256} of artifacts) emit({type: 'artifact', path: workspace.image(name), bytes, sha256})
  emit({type: 'note', text: wayIn(recipe)})
  const qcow2 = artifacts.find(({name}) => name.endsWith('.qcow2'))
  if (qcow2 !== undefined) emit({type: 'note', text: `try it: ${typeable(tryCommand(workspace.image(qcow2.name)))}`})
}

/** Who can log in to an image, and how. */
function wayIn({root: {password, keys}}: Recipe): string {
  if (keys.length > 0) return 'log in: ssh -p 2222 root@127.0.0.1 with one of its keys, once it runs as below'
  switch (password.kind) {
    case 'locked': return 'log in: nobody can yet, since root\'s password is locked and no key is in the image; --key FILE puts one in'
    case 'keep': return 'log in: as the image that was edited allows it'
    default: return 'log in: on the console, as root with the password; SSH takes keys only'
  }
}

/** A guest that writes nothing to the image and is reached on port 2222 of this machine only. */
function tryCommand(image: string): readonly string[] {
  return ['qemu-system-x86_64', '-m', '256', '-nographic', '-snapshot', '-drive', `file=${image},if=virtio`, '-nic', 'user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:2222-:22']
}
