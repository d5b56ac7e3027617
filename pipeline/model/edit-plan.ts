import {Problem, throwAll} from './problem.ts'
import {byPath, parentsOf, type AttributesEntry, type DeviceEntry, type Entry, type FileEntry, type FolderEntry, type LinkEntry, type PipeEntry, type RootEdit} from './root-edit.ts'
import {kindWords, type RootNode, type RootView} from './root-node.ts'

interface Owner {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** One thing to do to a root. Every path is a real one: no part of it before the last is a link. */
export type Step =
  | {readonly do: 'remove'; readonly path: string; readonly node: RootNode}
  | ({readonly do: 'make'; readonly path: string} & Owner)
  | ({readonly do: 'attributes'; readonly path: string; readonly node: RootNode} & Owner)
  | {readonly do: 'lay'; readonly path: string; readonly entry: LaidEntry}

export type LaidEntry = FileEntry | LinkEntry | DeviceEntry | PipeEntry

const newFolder: Owner = {mode: 0o755, uid: 0, gid: 0}

/**
 * What to do, in order, so that a root becomes what an edit asks for: first everything that goes, so that its room can be
 * used, then folders, then all else. Throws every Problem at once (`root-path`): nothing is laid through a link, a folder is
 * never replaced in silence.
 */
export function planEdit(edit: RootEdit, root: RootView): readonly Step[] {
  const planner = new Planner(edit, root)
  const steps = planner.plan()
  throwAll(planner.problems)
  return steps
}

class Planner {
  readonly problems: Problem[] = []
  readonly #edit: RootEdit
  readonly #root: RootView
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #absent: ReadonlySet<string>
  readonly #seen = new Map<string, RootNode | undefined>()
  /** Folders to make, by path; those that nobody named but that others need, too. */
  readonly #folders = new Map<string, Owner>()

  constructor(edit: RootEdit, root: RootView) {
    this.#edit = edit
    this.#root = root
    this.#absent = new Set(edit.absent.map(({path}) => path))
    this.#entries = new Map(edit.entries.map((entry) => [entry.path, entry]))
  }

  plan(): readonly Step[] {
    const outermost = this.#edit.absent.filter(({path}) => !parentsOf(path).some((parent) => this.#absent.has(parent)))
    const removed = outermost.flatMap(({path, from}) => (this.#reachable(path, from) ? this.#removeTree(path) : []))
    const rest = this.#edit.entries.flatMap((entry) => (this.#reachable(entry.path, entry.from) ? this.#stepsFor(entry) : []))
    const made = byPath([...this.#folders].map(([path, owner]): Step => ({do: 'make', path, ...owner})))
    return [...removed, ...rest.filter(isRemoval), ...made, ...rest.filter((step) => !isRemoval(step))]
  }

  #stepsFor(entry: Entry): Step[] {
    const node = this.#look(entry.path)
    if (entry.kind === 'attributes') return this.#attributes(entry, node)
    if (entry.kind === 'directory') return this.#folder(entry, node)
    if (node?.kind === 'directory') {
      this.#complain(entry, `is a folder in the image, and ${kindWords[entry.kind]} here`, `Name it as absent in the overlay's manifest first, if all in it may go.`)
      return []
    }
    return [...(node === undefined ? [] : [{do: 'remove', path: entry.path, node} as const]), {do: 'lay', path: entry.path, entry}]
  }

  #folder(entry: FolderEntry, node: RootNode | undefined): Step[] {
    if (node === undefined) {
      this.#folders.set(entry.path, ownerOf(entry, newFolder))
      return []
    }
    if (node.kind === 'directory') return this.#attributes(entry, node)
    this.#complain(entry, `is ${kindWords[node.kind]}${towards(node)} in the image, and a folder here`, `Name it as absent in the overlay's manifest first, if it may go.`)
    return []
  }

  #attributes(entry: AttributesEntry | FolderEntry, node: RootNode | undefined): Step[] {
    if (node === undefined || node.kind === 'link') {
      this.#complain(entry, node === undefined ? 'gets a mode or owner, but neither the image nor an overlay has it' : 'gets a mode or owner, but is a link')
      return []
    }
    const owner = ownerOf(entry, node)
    return owner.mode === node.mode && owner.uid === node.uid && owner.gid === node.gid ? [] : [{do: 'attributes', path: entry.path, node, ...owner}]
  }

  /** Whether the folders that lead to a path are folders, or can be made. */
  #reachable(path: string, from: string): boolean {
    for (const parent of parentsOf(path)) {
      const entry = this.#entries.get(parent)
      if (entry !== undefined && entry.kind !== 'directory' && entry.kind !== 'attributes') {
        this.#complain({path, from}, `lies below ${parent}, which ${entry.from} lays as ${kindWords[entry.kind]}`)
        return false
      }
      const node = this.#look(parent)
      if (node === undefined) {
        if (entry === undefined && !this.#folders.has(parent) && this.#entries.has(path)) this.#folders.set(parent, newFolder)
      } else if (node.kind !== 'directory') {
        const hint = node.kind === 'link' ? linkHint(parent, node) : undefined
        this.#complain({path, from}, `would lie below ${parent}, which is ${kindWords[node.kind]}${towards(node)} in the image`, hint)
        return false
      }
    }
    return true
  }

  #removeTree(path: string): Step[] {
    const node = this.#root.look(path)
    if (node === undefined) return []
    const below = node.kind === 'directory' ? this.#root.list(path).toSorted().flatMap((name) => this.#removeTree(path === '/' ? `/${name}` : `${path}/${name}`)) : []
    return [...below, {do: 'remove', path, node}]
  }

  /** What the image has at a path once all that is to go has gone. */
  #look(path: string): RootNode | undefined {
    if (this.#absent.has(path) || parentsOf(path).some((parent) => this.#absent.has(parent))) return undefined
    if (!this.#seen.has(path)) this.#seen.set(path, this.#root.look(path))
    return this.#seen.get(path)
  }

  #complain({path, from}: Pick<Entry, 'path' | 'from'>, why: string, hint?: string): void {
    this.problems.push(new Problem('root-path', `${from}: ${path} ${why}`, hint === undefined ? {} : {hint}))
  }
}

function isRemoval(step: Step): boolean {
  return step.do === 'remove'
}

function ownerOf({mode, uid, gid}: Partial<Owner>, otherwise: Owner): Owner {
  return {mode: mode ?? otherwise.mode, uid: uid ?? otherwise.uid, gid: gid ?? otherwise.gid}
}

function towards({target}: RootNode): string {
  return target === undefined ? '' : ` to ${JSON.stringify(target)}`
}

function linkHint(path: string, {target = ''}: RootNode): string {
  if (/^\/?tmp(\/|$)/.test(target)) return `${path} leads into memory, which is empty after each boot: lay the file elsewhere, or let a script in /etc/uci-defaults make it.`
  return 'Nothing is laid through a link. Lay the file at its true place.'
}
