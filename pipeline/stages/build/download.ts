import type {Emit} from '../../model/event.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import {make, type MakeOptions} from '../../tools/make.ts'
import {examine, type PartFailure} from './failure.ts'
import {BuildProgress} from './progress.ts'

export interface DownloadOptions extends MakeOptions {
  readonly run: Run
  readonly tree: string
  /** The folder that BUILD_LOG writes to. */
  readonly logs: string
  /** Absolute path of the stage's own log. */
  readonly ownLog: string
  readonly emit: Emit
}

/**
 * `make download`, and once more where the network is to blame. It ends well whatever happened to tools, toolchain and packages, as the
 * last of its four steps decides alone, so what it printed counts. Throws `download-failed` with what could not be fetched.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const first = await attempt(options)
  if (first === undefined) return
  if (!first.some(({cause}) => cause?.passing === true)) throwAll(first.map((failure) => explain(failure, options)))
  options.emit({type: 'warning', text: `${first.map(whatOf).join(', ')} could not be fetched: trying once more`})
  throwAll((await attempt(options) ?? []).map((failure) => explain(failure, options)))
}

/** What failed; undefined where all is there. */
async function attempt({run, tree, logs, ownLog, emit, ...options}: DownloadOptions): Promise<PartFailure[] | undefined> {
  const progress = new BuildProgress(new Set(), emit)
  const {exitCode} = await make(run, tree, ['download'], {...options, onLine: progress.onLine})
  const failures = await examine(progress.failures, logs)
  if (failures.length > 0) return failures
  if (exitCode === 0) return undefined
  throw new Problem('download-failed', `make download failed in ${tree}`, {log: ownLog, hint: `To see every command: make -C ${tree} download -j1 V=s`})
}

function explain(failure: PartFailure, {ownLog}: DownloadOptions): Problem {
  const why = failure.cause === undefined ? failure.error[0]?.trim() : failure.cause.says
  return new Problem('download-failed', `${whatOf(failure)} could not be fetched${why === undefined ? '' : `: ${why}`}`, {
    tail: failure.error,
    log: failure.log ?? ownLog,
    ...(failure.cause === undefined ? {} : {hint: failure.cause.hint}),
  })
}

/** `libmd-1.1.0.tar.xz (package/libs/libmd)` */
function whatOf({part, files}: PartFailure): string {
  return files.length === 0 ? `the sources of ${part}` : `${files.join(', ')} (${part})`
}
