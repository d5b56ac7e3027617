import {errorCode} from '../base/errors.ts'
import {Problem} from './problem.ts'

const elsewhere = 'Change its owner or mode, or call cloudwrt in a folder of your own; CLOUDWRT_CACHE moves the cache.'
const room = 'Make room, or call cloudwrt in a folder on another disk; CLOUDWRT_CACHE moves the cache.'

/** What the machine refuses, by Node's code of the error, and what a person does about it. */
const refusals: Readonly<Record<string, readonly [says: string, hint: string]>> = {
  ENOSPC: ['no space is left on its disk', room],
  EDQUOT: ['the quota of its disk is used up', room],
  EROFS: ['its file system is read-only', elsewhere],
  EACCES: ['permission denied', elsewhere],
  EPERM: ['permission denied', elsewhere],
  EIO: ['its disk cannot be read or written', 'See what the kernel says of it: dmesg.'],
  EMFILE: ['too many files are open', 'Raise the limit: ulimit -n 4096'],
  ENAMETOOLONG: ['its path is too long', 'Call cloudwrt in a folder with a shorter path.'],
}

/** Of a folder that is made with those above it Node says so where a file is in its way, and also where all is read-only. */
const unmadeCodes: readonly string[] = ['ENOENT', 'ENOTDIR', 'EEXIST']
const unmade: readonly [says: string, hint: string] = ['no folder can be made there', `Is a file in its place? ${elsewhere}`]

/** The Problem that an error of the file system is, wherever it came up; undefined where it may be a fault of ours. */
export function fileFailure(error: unknown): Problem | undefined {
  const {path, syscall} = (error instanceof Error ? error : {}) as NodeJS.ErrnoException
  const code = errorCode(error) ?? ''
  const refusal = syscall === 'mkdir' && unmadeCodes.includes(code) ? unmade : syscall === undefined ? undefined : refusals[code]
  return refusal && new Problem('file-refused', `${path ?? 'a file'}: ${refusal[0]}`, {hint: refusal[1], cause: error})
}
