import {readFile} from 'node:fs/promises'
import {writeJson} from '../base/atomic-file.ts'
import {feedContents} from '../model/feed-contents.ts'
import {parseConfig} from '../model/kconfig.ts'
import type {Stage} from '../model/stage.ts'
import {findImage} from './build/image.ts'
import {binariesOf, describeBuild, takeImage} from './build/outcome.ts'
import {makeWorld} from './build/world.ts'
import {keepDerived, readKeyRecord} from './configure/keys.ts'
import {readRelease} from './configure/release.ts'
import {checkHost, requireFit} from './host/host.ts'
import {chooseJobs} from './host/machine.ts'

/**
 * Compiles the image, and finds it.
 *
 * Looks at the machine first, so that nothing begins that cannot end. `make download` brings all sources before an hour is spent; then `make`
 * with as many jobs as cores and memory bear. OpenWrt keeps a log for each package: of one that fails the first error is told. What was
 * built stays: after a failure or an interruption the next run goes on where this one stopped, and in a tree where nothing is
 * left to do make does nothing. The image is copied out of the tree, since the next build overwrites it there.
 *
 * Leaves `built.json` (see `Built`) and the image in `built/`.
 */
export const build: Stage = {
  name: 'build',
  does: 'compile OpenWrt and find the image',
  needs: ['clone', 'feeds', 'configure'],
  version: 1,
  inputs: ({platform, image, feeds}) => ({platform, firmware: image.firmware, added: feedContents(feeds.add)}),
  outputs: (_recipe, workspace) => [workspace.built, workspace.builtFolder],
  async run(context) {
    const {recipe, workspace, emit} = context
    requireFit(await checkHost(recipe, workspace, context.run))
    const jobs = chooseJobs(recipe.build.jobs)
    emit({type: 'note', text: jobs.why})
    if (process.getuid?.() === 0) emit({type: 'note', text: 'building as root: FORCE_UNSAFE_CONFIGURE=1 is set, since configure scripts refuse it otherwise'})
    const config = parseConfig(await readFile(workspace.finalConfig, 'utf8'))
    const release = await readRelease(workspace.tree)
    const binaries = binariesOf(config, workspace, recipe)
    const since = Date.now() - clockSlack
    await makeWorld(context, config, jobs.count, binaries)
    const image = await findImage(binaries, recipe, release, since)
    await keepDerived(await readKeyRecord(workspace), workspace)
    await takeImage(binaries, image, workspace)
    await writeJson(workspace.built, await describeBuild(binaries, image, release, workspace))
  },
}

/** File systems keep times a little coarser than the clock. */
const clockSlack = 2000
