import {join} from 'node:path'
import {writeJson} from '../base/atomic-file.ts'
import {readIfThere} from '../base/if-there.ts'
import {buildState} from '../model/build-state.ts'
import {parseRelease} from '../model/release.ts'
import type {Source} from '../model/recipe.ts'
import type {SourceRecord} from '../model/source-record.ts'
import type {Stage, StageContext} from '../model/stage.ts'
import type {Workspace} from '../model/workspace.ts'
import {copyTree, ownFolders, recordFolder, requireOpenWrt} from './clone/folder.ts'
import {revisionOf} from './clone/revision.ts'
import {bring, fetchingFor} from './git/cache.ts'
import {checkOut} from './git/work-tree.ts'

/**
 * Brings the tree of OpenWrt.
 *
 * From git: the pinned commit comes from the first of the repository and its mirrors that gives it, into bare
 * repositories that all targets share (`git/cache.ts`), and is checked out as a work tree that borrows their objects
 * (`git/work-tree.ts`). With it come all commits and folders before it, for OpenWrt counts them for its revision, but
 * not the files of old: 90 MB instead of 230. What is fetched is fetched in steps; a run that is killed
 * goes on where it was. When the commit moves, the tree is made anew with nothing of what was built: OpenWrt rebuilds
 * neither toolchain nor staging folders when the sources under them change. Downloads and ccache lie outside of the tree.
 *
 * `{path: DIR}`: DIR is copied, file by file, what is the same left as it is; build state of DIR's own is not copied, that of
 * the copy is kept. `{tree: DIR}`: DIR is used where it is; nothing in it is written here.
 */
export const clone: Stage = {
  name: 'clone',
  does: 'bring the tree of OpenWrt',
  needs: [],
  version: 1,
  inputs: ({source}, workspace) => inputsOf(source, workspace),
  // of the tree one file that every release has: hashing all would tell no more
  outputs: (_recipe, workspace) => [workspace.source, join(workspace.tree, 'feeds.conf.default')],
  async run(context) {
    const {recipe: {source}, workspace, run} = context
    const record = source.kind === 'git' ? await cloneGit(context, source) : await takeFolder(context, source)
    const [revision, release] = [await revisionOf(run, workspace.tree), parseRelease(await readIfThere(join(workspace.tree, 'include/version.mk')) ?? '')]
    if (/^r0\b/.test(revision)) context.emit({type: 'warning', text: `OpenWrt calls this tree ${revision}: its history lacks the commit from which revisions are counted`})
    await writeJson(workspace.source, {...record, revision, ...(release === undefined ? {} : {version: release.name})} satisfies SourceRecord)
  },
}

function inputsOf(source: Source, workspace: Workspace): ReturnType<Stage['inputs']> {
  if (source.kind === 'git') return {kind: source.kind, repository: source.repository, ref: source.ref, commit: source.commit}
  return {kind: source.kind, path: source.path, contents: {$contents: source.path, except: [...buildState, ...ownFolders(source.path, workspace.project)]}}
}

type Unnamed = Omit<SourceRecord, 'revision' | 'version'>

async function cloneGit(context: StageContext, source: Extract<Source, {kind: 'git'}>): Promise<Unnamed> {
  const {workspace, run, emit} = context
  const {repository, ref, commit} = source
  const cached = await bring(fetchingFor(context), source, {commit, ref, what: 'OpenWrt', history: true})
  const mended = await checkOut(run, {folder: workspace.tree, commit, repository, cached, history: true})
  requireOpenWrt(workspace.tree)
  if (mended.length > 0) emit({type: 'warning', text: `${mended.length} files in ${workspace.tree} were not those of the commit, and are again: ${few(mended)}`})
  return {kind: 'git', repository, ref, commit, mirror: cached.from, changed: []}
}

async function takeFolder(context: StageContext, source: Exclude<Source, {kind: 'git'}>): Promise<Unnamed> {
  const {workspace, run, emit} = context
  requireOpenWrt(source.path)
  const {files, ...record} = await recordFolder(run, source.path, workspace.project)
  if (record.changed.length > 0) emit({type: 'warning', text: `${source.path} is not as in its last commit: ${few(record.changed)}. The manifest will say so.`})
  if (source.kind === 'path') await copyTree(context, source.path, files)
  return {kind: source.kind, path: source.path, ...record}
}

function few(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ')
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown
}
