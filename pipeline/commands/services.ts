import {homedir} from 'node:os'
import {join} from 'node:path'
import type {Command} from 'commander'
import type {Project} from '../model/workspace.ts'

/** What every verb gets from the command line's frame. */
export interface Services {
  readonly project: Project
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Aborts at the second: whatever still runs is killed. */
  readonly kill: AbortSignal
}

/** Options that every verb knows. */
export interface GlobalOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
}

export function globalOptions(command: Command): GlobalOptions {
  const {json = false, quiet = false, verbose = false, color = true} = command.optsWithGlobals<Partial<GlobalOptions>>()
  return {json, quiet, verbose, color: color && (process.env['NO_COLOR'] ?? '') === ''}
}

/** The project that a command is called in. `CLOUDWRT_CACHE` moves the cache, else XDG's folder is taken. */
export function findProject(folder: string = process.cwd()): Project {
  const cache = process.env['CLOUDWRT_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cloudwrt')
  return {root: folder, cache}
}
