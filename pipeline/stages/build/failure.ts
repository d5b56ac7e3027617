import {readFile, readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {isMissing} from '../../base/errors.ts'
import {causeOf, type Cause} from '../../model/build-cause.ts'
import {distinct, firstError, scene, type FailedPart} from '../../model/build-log.ts'
import {Problem} from '../../model/problem.ts'

/** What the log of a part that failed tells. */
export interface PartFailure extends FailedPart {
  /** Absolute path of the log; undefined where there is none, as without BUILD_LOG. */
  readonly log: string | undefined
  readonly error: readonly string[]
  readonly cause: Cause | undefined
  /** The files that could not be fetched for it. */
  readonly files: readonly string[]
}

/** Looks into the logs of what failed. @param logs the folder that BUILD_LOG writes to */
export async function examine(failures: readonly FailedPart[], logs: string): Promise<PartFailure[]> {
  return Promise.all(distinct(failures).map(async (failed) => {
    const found = await logOf(failed, logs)
    const text = found?.text ?? ''
    return {...failed, log: found?.path, error: firstError(text), cause: causeOf(scene(text)), files: missingFiles(scene(text))}
  }))
}

/** One Problem a part that failed, as far as a person can take them in. */
export function explainFailures(failures: readonly PartFailure[], tree: string, fallback: string): Problem[] {
  return failures.slice(0, most).map((failure) => {
    const goal = `${failure.part}/${failure.host ? 'host/' : ''}compile`
    const name = `${failure.part}${failure.host ? ' (for the building machine)' : ''}${failure.variant === undefined ? '' : ` (variant ${failure.variant})`}`
    const again = `To see every command: make -C ${tree} ${goal} -j1 V=s`
    return new Problem('build-failed', `${name} failed to build${reason(failure)}`, {
      hint: failure.cause === undefined ? again : `${failure.cause.hint} ${again}`,
      tail: failure.error,
      log: failure.log ?? fallback,
    })
  })
}

const most = 5

function reason({cause, error}: PartFailure): string {
  return cause !== undefined ? `: ${cause.says}` : error[0] === undefined ? '' : `: ${error[0].trim()}`
}

/** `make[2]: *** [Makefile:48: /…/dl/libmd-1.1.0.tar.xz] Error 2`, the rule that fetches a file. */
function missingFiles(text: string): string[] {
  return [...text.matchAll(/^make\[\d+\]: \*\*\* \[(?:\S+: )?(\/\S+\/)([^/\]\s]+\.(?:tar(?:\.\w+)?|tgz|zip|\w*z2?|bin|patch))\] Error/gm)].map((match) => match[2] ?? '')
}

/**
 * The newest log of a part with an error in it: `logs/PART/compile.txt`, one folder deeper for variants, `host-compile.txt` for programs
 * of the building machine. `check-*.txt` are traces of make, and full of words that mean nothing.
 */
async function logOf({part, host, variant}: FailedPart, logs: string): Promise<{path: string; text: string} | undefined> {
  const folder = join(logs, part, variant ?? '')
  const names = (await namesBelow(folder)).filter((name) => /(?:^|\/)(?!check-)[\w-]+\.txt$/.test(name) && /(?:^|\/)host-/.test(name) === host)
  const files = await Promise.all(names.map(async (name) => ({path: join(folder, name), time: (await stat(join(folder, name))).mtimeMs})))
  const texts = await Promise.all(files.sort((a, b) => b.time - a.time).map(async ({path}) => ({path, text: await readFile(path, 'utf8')})))
  return texts.find(({text}) => firstError(text).length > 0) ?? texts[0]
}

async function namesBelow(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, {recursive: true})
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
