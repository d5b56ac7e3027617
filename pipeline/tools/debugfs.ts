import {Problem} from '../model/problem.ts'
import type {Run} from '../model/program.ts'
import {deviceOf, fsOptions, type FsPlace} from './e2fsprogs.ts'

/** One command of debugfs: its name, words that it takes as they are, and texts, which are quoted. */
export interface DebugfsCommand {
  readonly name: 'cd' | 'mkdir' | 'mknod' | 'rm' | 'rmdir' | 'sif' | 'symlink' | 'write'
  readonly texts: readonly string[]
  readonly words?: readonly (string | number)[]
}

/** debugfs reads a line into a buffer of this many bytes (BUFSIZ) and takes the rest for another one. */
const longestLine = 8191

/**
 * Gives commands to debugfs in one go. It ends well whatever happens (measured: a full disk, a missing file), so what it
 * did must be read back; what it complains about is a Problem (`edit-failed`) at once.
 */
export async function debugfs(run: Run, place: FsPlace, commands: readonly DebugfsCommand[]): Promise<void> {
  const lines = [`set_current_time @${place.time}`, ...commands.map(lineOf)]
  const {stderr} = await run(['debugfs', '-w', '-f', '-', deviceOf(place)], {...fsOptions(place), quiet: true, input: `${lines.join('\n')}\n`})
  const complaints = stderr.split('\n').filter((line) => line !== '' && !/^debugfs \d/.test(line))
  if (complaints.length > 0) throw new Problem('edit-failed', `debugfs could not do what it was told: ${complaints[0]}`, {tail: complaints})
}

/** A text is quoted by `"`, and a `"` in it is doubled; a line break cannot be said, and never comes here. */
function lineOf({name, texts, words = []}: DebugfsCommand): string {
  const line = [name, ...texts.map((text) => `"${text.replaceAll('"', '""')}"`), ...words].join(' ')
  if (/[\0\n\r]/.test(line)) throw new Error('a line break in a command of debugfs')
  if (Buffer.byteLength(line) >= longestLine) throw new Problem('edit-failed', `the path is too long for debugfs: ${texts.at(-1)?.slice(0, 80)}…`, {hint: 'Take --editor loop, or a shorter path.'})
  return line
}
