import {access, constants, mkdtemp, rm, statfs, writeFile} from 'node:fs/promises'
import {availableParallelism, totalmem} from 'node:os'
import {dirname, join} from 'node:path'
import {isThere} from '../../base/if-there.ts'
import {roughSize} from '../../base/size.ts'
import type {HostCheck} from '../../model/host-check.ts'
import {jobsFor, type Jobs} from '../../model/jobs.ts'
import type {TreeKind} from '../../model/tree-kind.ts'

/** Disk, memory and place: what a build needs besides programs. @param tree where it is built; need not be there yet */
export async function checkMachine(tree: string, kind: TreeKind): Promise<HostCheck[]> {
  const folder = await nearestFolder(tree)
  return [await checkDisk(tree, folder, kind), checkMemory(kind), checkPath(tree), await checkFolder(folder)]
}

/** How many jobs this machine bears. @param asked `build.jobs` of the target */
export function chooseJobs(asked: number | undefined): Jobs {
  return jobsFor(asked, availableParallelism(), usableMemory())
}

async function checkDisk(tree: string, folder: string, {disk, diskAgain}: TreeKind): Promise<HostCheck> {
  const {bavail, bsize} = await statfs(folder)
  const [free, needed] = [bavail * bsize, await isThere(join(tree, 'build_dir')) ? diskAgain : disk]
  const says = `${roughSize(free)} free in ${folder}`
  if (free >= needed) return {name: 'disk', ok: true, says}
  return {name: 'disk', ok: false, says: `${says}, but a build takes about ${roughSize(needed)}`, hint: 'Make room, or call cloudwrt in a folder on another disk.'}
}

function checkMemory({memory}: TreeKind): HostCheck {
  const usable = usableMemory()
  const {why} = chooseJobs(undefined)
  if (usable >= memory) return {name: 'memory', ok: true, says: `${roughSize(usable)}, ${why}`}
  return {name: 'memory', ok: false, says: `${roughSize(usable)}, but a build takes ${roughSize(memory)}`, hint: 'Give the machine or container more memory.'}
}

/** OpenWrt's makefiles refuse white space; make and the shell take the others apart. */
function checkPath(tree: string): HostCheck {
  const [bad] = /[\s'"$`\\:;#&|<>()*?[\]%]/.exec(tree) ?? []
  if (bad === undefined) return {name: 'path', ok: true, says: tree}
  const hint = 'Call cloudwrt in a folder whose path has only letters, digits and . _ - + @.'
  return {name: 'path', ok: false, says: `${JSON.stringify(bad)} in ${tree}: make cannot build there`, hint}
}

/** Whether it can be written to, and tells `A` from `a`, as sources of OpenWrt need. */
async function checkFolder(folder: string): Promise<HostCheck> {
  try {
    await access(folder, constants.W_OK)
  } catch {
    return {name: 'folder', ok: false, says: `${folder} cannot be written to`, hint: 'Change its owner, or call cloudwrt elsewhere.'}
  }
  const probe = await mkdtemp(join(folder, '.cloudwrt-'))
  try {
    await writeFile(join(probe, 'a'), '')
    if (!await isThere(join(probe, 'A'))) return {name: 'folder', ok: true, says: `${folder} can be written to and tells upper from lower case`}
  } finally {
    await rm(probe, {recursive: true, force: true})
  }
  return {name: 'folder', ok: false, says: `${folder} does not tell upper from lower case`, hint: 'Call cloudwrt in a folder on a case-sensitive file system.'}
}

/** Bytes, as the machine or the container has them. */
function usableMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

async function nearestFolder(path: string): Promise<string> {
  return await isThere(path) || dirname(path) === path ? path : nearestFolder(dirname(path))
}
