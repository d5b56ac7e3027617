import {createHash} from 'node:crypto'
import {existsSync, lstatSync, readFileSync, readlinkSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {join, relative, sep} from 'node:path'
import {writeAtomic} from '../../base/atomic-file.ts'
import {copyFiles, removeFiles} from '../../base/copy-files.ts'
import {filesBelow} from '../../base/files-below.ts'
import {readIfThere} from '../../base/if-there.ts'
import {buildState} from '../../model/build-state.ts'
import {Problem} from '../../model/problem.ts'
import type {Run} from '../../model/program.ts'
import type {SourceRecord} from '../../model/source-record.ts'
import type {StageContext} from '../../model/stage.ts'
import type {Project} from '../../model/workspace.ts'
import {changedPaths, commitTime, isWorkTree, revParse, sourcePaths} from '../../tools/git.ts'
import {revisionOf} from './revision.ts'

/** What every tree of OpenWrt has, and cloudwrt needs. */
const landmarks = ['rules.mk', 'scripts/feeds', 'feeds.conf.default']

/** Throws where a folder is not a tree of OpenWrt. */
export function requireOpenWrt(path: string): void {
  const missing = landmarks.filter((name) => !existsSync(join(path, name)))
  if (missing.length === 0) return
  const why = existsSync(path) ? `it has no ${missing.join(', no ')}` : 'it is not there'
  throw new Problem('source-invalid', `${path} is not a tree of OpenWrt: ${why}`, {hint: 'source names a repository of OpenWrt, or with path or tree the folder that has rules.mk and scripts/feeds in it.'})
}

/** Folders of ours that lie in a user's tree when cloudwrt is called there; relative to it. */
export function ownFolders(path: string, {root}: Project): readonly string[] {
  return ['build', 'images'].map((name) => relative(path, join(root, name))).filter((inside) => !inside.startsWith('..'))
}

/** A folder as it is now: its commit and what differs from it, if git knows the folder; the files that are its source; their digest. */
export async function recordFolder(run: Run, path: string, project: Project): Promise<Pick<SourceRecord, 'commit' | 'changed' | 'digest'> & {readonly files: readonly string[]}> {
  const own = ownFolders(path, project)
  const outside = (file: string): boolean => !own.some((folder) => file.startsWith(`${folder}/`))
  const git = await isWorkTree(run, path)
  const files = (git ? await filesOfWorkTree(run, path) : filesBelow(path, [...buildState, ...own])).filter(outside)
  const commit = git ? await revParse(run, path, 'HEAD') : undefined
  const changed = commit === undefined ? [] : (await changedPaths(run, path)).filter(outside)
  return {files, changed, digest: digestOf(path, files), ...(commit === undefined ? {} : {commit})}
}

/** What git would commit, and `files/`, which OpenWrt's own .gitignore leaves out but the build lays over the root. */
async function filesOfWorkTree(run: Run, path: string): Promise<string[]> {
  const files = [...await sourcePaths(run, path), ...(existsSync(join(path, 'files')) ? ['files'] : [])]
  const there = files.flatMap((file) => {
    const stat = lstatSync(join(path, file), {throwIfNoEntry: false})
    if (stat?.isDirectory() === true) return filesBelow(join(path, file)).map((inside) => `${file}/${inside}`)
    return stat === undefined ? [] : [file]
  })
  return [...new Set(there)].sort()
}

function digestOf(path: string, files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) {
    const stat = lstatSync(join(path, file))
    if (!stat.isFile() && !stat.isSymbolicLink()) throw new Problem('source-invalid', `${join(path, file)} is neither a file nor a link`, {hint: 'A tree of OpenWrt has no devices, sockets or pipes; remove it.'})
    const bytes = stat.isSymbolicLink() ? Buffer.from(readlinkSync(join(path, file))) : readFileSync(join(path, file))
    hash.update(`${file}\0${stat.isSymbolicLink() ? 'link' : stat.mode & 0o100} ${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

/** Makes the workspace's tree a copy. What the last copy had and this one has not goes; what was built stays. */
export async function copyTree({workspace, run, signal, emit}: StageContext, from: string, files: readonly string[]): Promise<void> {
  const {tree} = workspace
  if (!relative(from, tree).startsWith('..') && !ownFolders(from, workspace.project).some((own) => tree.startsWith(join(from, own) + sep))) {
    throw new Problem('source-invalid', `${tree}, where the tree would be copied to, lies in the tree itself`, {hint: 'Call cloudwrt in another folder.'})
  }
  if (existsSync(join(tree, '.git'))) await rm(tree, {recursive: true, force: true})
  const list = join(workspace.root, 'source.files')
  const before = (await readIfThere(list) ?? '').split('\0').filter(Boolean)
  const now = new Set(files)
  // until all is done, whatever either copy had is ours to remove
  await writeAtomic(list, [...new Set([...before, ...files])].join('\0'))
  removeFiles(tree, before.filter((file) => !now.has(file)))
  const written = await copyFiles(from, tree, files, signal)
  await nameVersion(run, from, tree, now)
  await writeAtomic(list, files.join('\0'))
  emit({type: 'note', text: `${written} of ${files.length} files copied from ${from}`})
}

/** A copy has no git to ask for its revision and date, but OpenWrt reads both from files where there are such. */
async function nameVersion(run: Run, from: string, tree: string, files: ReadonlySet<string>): Promise<void> {
  const facts = {
    version: async () => await revisionOf(run, from),
    'version.date': async () => await commitTime(run, from) ?? newest(from, files),
  }
  for (const [name, fact] of Object.entries(facts)) {
    const text = files.has(name) ? undefined : `${await fact()}\n`
    if (text !== undefined && text !== await readIfThere(join(tree, name))) await writeAtomic(join(tree, name), text)
  }
}

/** Seconds since the epoch of the last change to any file. */
function newest(from: string, files: ReadonlySet<string>): string {
  return String(Math.floor(Math.max(...[...files].map((file) => lstatSync(join(from, file)).mtimeMs)) / 1000))
}
