import {createHash} from 'node:crypto'
import {readdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {isBeside} from '../base/atomic-file.ts'
import {isMissing} from '../base/errors.ts'
import {acquireLock, LockBusy} from '../base/lock-file.ts'
import {Problem} from '../model/problem.ts'
import type {Workspace} from '../model/workspace.ts'

export interface HoldOptions {
  /** What we do, for whoever finds the workspace busy. */
  readonly holder: string
  readonly signal: AbortSignal
  /** Ends the programs that a killed run left in the workspace's folder. */
  readonly endOrphans: (folder: string) => Promise<unknown>
}

/**
 * Makes a workspace ours until disposed: no other run works in it, no program of a killed run is left in it, and
 * nothing half-written of such a run lies about. A tree that is used in place is held as well: two `make` in one tree race.
 */
export async function holdWorkspace(workspace: Workspace, options: HoldOptions): Promise<AsyncDisposable> {
  const held: AsyncDisposable[] = []
  const release = async (): Promise<void> => { for (const lock of held.toReversed()) await lock[Symbol.asyncDispose]() }
  try {
    for (const [what, path] of [[workspace.root, workspace.lock], [workspace.tree, treeLock(workspace)]] as const) held.push(await hold(what, path, workspace, options))
    await removeUnfinished([workspace.root, workspace.images, workspace.stamps])
  } catch (error) {
    await release()
    throw error
  }
  return {[Symbol.asyncDispose]: release}
}

async function hold(what: string, path: string, workspace: Workspace, {holder, signal, endOrphans}: HoldOptions): Promise<AsyncDisposable> {
  try {
    return await acquireLock(path, {holder, signal, busy: 'fail', onTakeOver: async () => { await endOrphans(workspace.root) }})
  } catch (error) {
    if (!(error instanceof LockBusy)) throw error
    const {holder: doing, pid, since} = error.holder
    throw new Problem('workspace-busy', `${what} is in use by process ${pid}: ${doing}, since ${since}`, {
      hint: `Wait for it, or end it. If there is no such process on any machine that shares this folder, remove ${path}.`,
    })
  }
}

function treeLock(workspace: Workspace): string {
  return join(workspace.project.cache, 'locks', createHash('sha256').update(workspace.tree).digest('hex').slice(0, 32))
}

/** Removes what was never renamed into its place. */
async function removeUnfinished(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const names = await readdir(folder).catch((error: unknown): string[] => {
      if (isMissing(error)) return []
      throw error
    })
    await Promise.all(names.filter(isBeside).map((name) => rm(join(folder, name), {recursive: true, force: true})))
  }
}
