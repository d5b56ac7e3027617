import type {Step} from '../../model/edit-plan.ts'
import type {Superblock} from '../../model/ext4-superblock.ts'
import {Problem} from '../../model/problem.ts'
import type {EditorName} from '../../model/recipe.ts'
import type {RootView} from '../../model/root-node.ts'
import type {Run} from '../../model/program.ts'
import type {FsPlace} from '../../tools/e2fsprogs.ts'

/** What the copy that is being edited is called in its folder. */
export const imageName = 'image'

/**
 * The root in the copy of an image that is being edited. Nobody else may get into the copy's folder. Its time is what all that
 * is laid has.
 */
export interface WorkImage extends FsPlace {
  /** Bytes of the root partition. */
  readonly bytes: number
}

/** A root that can be written to. What was done is on the disk once it is disposed. */
export interface OpenRoot extends RootView, AsyncDisposable {
  apply(steps: readonly Step[]): Promise<void>
}

/** A way into a root file system. */
export interface Editor {
  readonly name: EditorName
  /** Whether it takes every feature of a file system; those that it does not. */
  refuses(features: ReadonlySet<string>): readonly string[]
  /** Why it cannot work on this machine; undefined where it can be tried. */
  unavailable(): string | undefined
  /** Bytes of the free ones that it cannot use. */
  reserved(superblock: Superblock): number
  open(image: WorkImage, run: Run): Promise<OpenRoot>
}

/** Features that no editor is let at. `shared_blocks`: files share blocks, and writing to one changes others. */
const nobodys = ['compression', 'journal_dev', 'dirdata', 'btree_dir', 'snapshot', 'replica', 'read-only', 'shared_blocks', 'imagic_inodes']

/**
 * Throws a Problem (`image-filesystem`) for a file system that is not to be edited by anybody. A journal that waits to be
 * replayed: whatever is written now is overwritten by old data when it is.
 */
export function requireEditable({features}: Superblock): void {
  if (features.has('needs_recovery') || features.has('orphan_present')) {
    throw new Problem('image-filesystem', 'the root file system was not unmounted: its journal waits to be replayed, and would overwrite what is written now', {hint: 'Start the image once and shut it down, or build or fetch it again.'})
  }
  const unknown = [...features].filter((feature) => nobodys.includes(feature) || /^(ro-|in)?compat-/.test(feature))
  if (unknown.length > 0) throw new Problem('image-filesystem', `the root file system has features that nobody here can edit: ${unknown.join(', ')}`)
}

/**
 * The editor asked for; else the first of all that takes the file system. Throws a Problem (`editor-unfit`) with the reason
 * where there is none.
 * @param editors the default first
 */
export function chooseEditor(editors: readonly Editor[], asked: EditorName | undefined, {features}: Superblock): Editor {
  const reasons = editors.filter(({name}) => asked === undefined || name === asked).map((editor) => ({editor, reason: unfit(editor, features)}))
  const fit = reasons.find(({reason}) => reason === undefined)
  if (fit !== undefined) return fit.editor
  const other = editors.find((editor) => editor.name !== asked && unfit(editor, features) === undefined)
  throw new Problem('editor-unfit', `the root cannot be edited: ${reasons.map(({editor, reason}) => `${editor.name} ${reason}`).join('; ')}`, other === undefined ? {} : {hint: `--editor ${other.name} can.`})
}

function unfit(editor: Editor, features: ReadonlySet<string>): string | undefined {
  const refused = editor.refuses(features)
  if (refused.length > 0) return `must not touch a file system with ${refused.join(', ')}`
  return editor.unavailable()
}
