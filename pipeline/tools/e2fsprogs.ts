import type {Run} from '../model/program.ts'

/** A file system within a file. The offset goes to e2fsprogs as `NAME?offset=N`, so the name must have no `?`: it is relative to `folder`. */
export interface FsPlace {
  /** Absolute; the programs run in it. */
  readonly folder: string
  readonly name: string
  /** Bytes from the file's start. */
  readonly offset: number
  /** What the programs take for now, in seconds since 1970: the same edit gives the same bytes. Not 0, which they take for unset. */
  readonly time: number
}

/** How every program of e2fsprogs is started: they read the time from the environment, e2fsck by a name of its own, 1.47.1 and later by the last. */
export function fsOptions({folder, time}: FsPlace): {readonly cwd: string; readonly env: Readonly<Record<string, string>>} {
  return {cwd: folder, env: {E2FSPROGS_FAKE_TIME: String(time), E2FSCK_TIME: String(time), SOURCE_DATE_EPOCH: String(time)}}
}

export function deviceOf({name, offset}: FsPlace): string {
  return offset === 0 ? name : `${name}?offset=${offset}`
}

/** What e2fsck found and did. */
export interface Checked {
  readonly found: 'clean' | 'mended' | 'damaged'
  /** Its words, without the passes. */
  readonly lines: readonly string[]
}

/**
 * Checks a file system. `mend` repairs what can be repaired without asking, `all` whatever there is; `look` changes nothing.
 * e2fsck's exit codes (its manual): 1 errors corrected, 4 errors left, 8 and more could not check.
 */
export async function e2fsck(run: Run, place: FsPlace, how: 'look' | 'mend' | 'all'): Promise<Checked> {
  const flag = {look: '-fn', mend: '-fp', all: '-fy'}[how]
  const {exitCode, stdout, stderr} = await run(['e2fsck', flag, deviceOf(place)], {...fsOptions(place), quiet: true, ok: 'any'})
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '' && !/^(Pass \d|e2fsck \d)/.test(line))
  return {found: exitCode === 0 ? 'clean' : exitCode === 1 ? 'mended' : 'damaged', lines}
}

/** Takes a feature away from a file system, which must be checked then. */
export async function dropFeature(run: Run, place: FsPlace, feature: string): Promise<void> {
  await run(['tune2fs', '-O', `^${feature}`, deviceOf(place)], {...fsOptions(place), quiet: true})
}

/**
 * Grows a file system to a number of its blocks. The place must be a file of its own: given an offset, resize2fs (1.47) cuts
 * the file off at the new size as if the offset were 0.
 */
export async function resize2fs(run: Run, place: FsPlace & {readonly offset: 0}, blocks: number): Promise<void> {
  await run(['resize2fs', deviceOf(place), String(blocks)], {...fsOptions(place), quiet: true})
}
