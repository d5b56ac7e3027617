import {join} from 'node:path'
import {readIfThere} from '../../base/if-there.ts'
import {Problem} from '../../model/problem.ts'
import {parseRelease, type Release} from '../../model/release.ts'

/** The release of a tree that is there. */
export async function readRelease(tree: string): Promise<Release> {
  const file = join(tree, 'include', 'version.mk')
  const release = parseRelease(await readIfThere(file) ?? '')
  if (release !== undefined) return release
  throw new Problem('config-unsupported', `${file} does not say which release this is`, {hint: 'OpenWrt from 17.01 on can be built; is this another tree?'})
}
