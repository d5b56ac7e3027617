import {join, resolve} from 'node:path'
import {isThere, readIfThere} from '../../base/if-there.ts'
import {causeOf} from '../../model/build-cause.ts'
import {firstError, scene} from '../../model/build-log.ts'
import {unquote, type Config} from '../../model/kconfig.ts'
import {partsOf} from '../../model/package-parts.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import type {StageContext} from '../../model/stage.ts'
import {make} from '../../tools/make.ts'
import {download} from './download.ts'
import {examine, explainFailures} from './failure.ts'
import {BuildProgress} from './progress.ts'

/** Brings the sources and makes the world. Throws `download-failed` or `build-failed`, each part that failed by itself. */
export async function makeWorld(context: StageContext, config: Config, jobs: number, binaries: string): Promise<void> {
  const {recipe, workspace, run, emit} = context
  const {tree, home} = workspace
  const logs = resolve(tree, unquote(config.get('BUILD_LOG_DIR') ?? '') || 'logs')
  const ownLog = workspace.log('build')
  // a tree of the user's own that was built before has what it needs, or fetches what it lacks as it goes
  const builtBefore = recipe.source.kind === 'tree' && await isThere(join(binaries, 'sha256sums'))
  if (!builtBefore) await download({run, tree, home, jobs, logs, ownLog, emit})
  const progress = new BuildProgress(partsOf(await readIfThere(join(tree, 'tmp', '.packagedeps')) ?? '', config), emit)
  const {exitCode} = await make(run, tree, ['world'], {home, jobs, onLine: progress.onLine})
  if (exitCode === 0) return
  throwAll(explainFailures(await examine(progress.failures, logs), tree, ownLog))
  throw await askAloud(progress.phase ?? 'world', context)
}

/** No part failed, but a step of the whole, such as `package/install`: its reason is only printed when make is asked to be loud. */
async function askAloud(goal: string, {workspace, run}: StageContext): Promise<Problem> {
  const {exitCode, stdout, stderr} = await make(run, workspace.tree, [goal, 'V=s'], {home: workspace.home})
  const log = workspace.log('build')
  if (exitCode === 0) {
    return new Problem('build-failed', `make failed in ${goal}, but not when it was asked again`, {log, hint: 'Run the same command again: it goes on where it stopped.'})
  }
  const said = `${stdout}\n${stderr}`
  const [tail, cause] = [firstError(said), causeOf(scene(said))]
  const why = cause?.says ?? tail[0]?.trim()
  return new Problem('build-failed', `make failed in ${goal}${why === undefined ? '' : `: ${why}`}`, {tail, log, ...(cause === undefined ? {} : {hint: cause.hint})})
}
