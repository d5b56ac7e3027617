import {manifestName, type ManifestLine} from '../../model/overlay-manifest.ts'
import {Problem, throwAll} from '../../model/problem.ts'
import {complainOfLinkTarget, complainOfRootPath, type Entry} from '../../model/root-edit.ts'
import {kindWords} from '../../model/root-node.ts'
import type {LoadedOverlay} from './overlay.ts'

/** What a folder or an archive holds, before its manifest has its say. */
export interface Gathered {
  readonly entries: readonly Entry[]
  /** Files whose set-id or sticky bits were left out. */
  readonly setId: readonly string[]
  /** Files that nobody but their owner may read here, and everybody in the image. */
  readonly hidden?: readonly string[]
  /** Folders that were left out: git does not keep them, so that another clone would not have them. */
  readonly empty?: readonly string[]
  /** What does not belong to root in the archive, nor in the image. */
  readonly foreign?: readonly string[]
  /** The manifest's text, where there is one. */
  readonly manifest?: string
}

/** Puts the manifest's lines over what the overlay holds. Throws all complaints at once. */
export function joinManifest(gathered: Gathered, lines: readonly ManifestLine[], from: string): LoadedOverlay {
  const problems: Problem[] = []
  const complain = (path: string, why: string): void => { problems.push(new Problem('overlay-invalid', `${from}: ${JSON.stringify(path)}: ${why}`)) }
  const entries = new Map(gathered.entries.map((entry) => [entry.path, entry]))
  for (const entry of gathered.entries) {
    const complaint = complainOfRootPath(entry.path) ?? (entry.kind === 'link' ? complainOfLinkTarget(entry.target) : undefined)
    if (complaint !== undefined) complain(entry.path, complaint)
  }
  for (const line of lines) {
    const said = spoken(line, entries.get(line.path), from)
    if (typeof said === 'string') complain(line.path, said)
    else if (said !== undefined) entries.set(line.path, said)
  }
  throwAll(problems)
  return {
    change: {absent: lines.filter(({type}) => type === 'absent').map(({path}) => ({path, from})), entries: [...entries.values()]},
    warnings: warningsOf(gathered, lines, from),
  }
}

/** What a line makes of what the overlay has at its path: another entry, nothing, or a complaint. */
function spoken({type, path, mode, uid, gid, link = '', device}: ManifestLine, entry: Entry | undefined, from: string): Entry | string | undefined {
  if (type === 'absent') return undefined
  const owner = {...(uid === undefined ? {} : {uid}), ...(gid === undefined ? {} : {gid})}
  const said = {...(mode === undefined ? {} : {mode}), ...owner}
  if (type === 'attributes') {
    if (entry?.kind === 'link' && mode !== undefined) return 'a link has no mode of its own'
    return entry === undefined ? {kind: 'attributes', path, from, ...said} : {...entry, ...said}
  }
  if (entry !== undefined && entry.kind !== type) return `${manifestName} makes it ${kindWords[type]}, but the overlay has ${entry.kind === 'attributes' ? 'it too' : kindWords[entry.kind]}`
  if (type === 'directory') return {kind: type, path, from, ...said}
  const whole = {path, from, uid: 0, gid: 0, mode: type === 'link' ? 0o777 : 0o600, ...said}
  if (type === 'link') return {kind: type, target: link, ...whole}
  if (type === 'fifo') return {kind: type, ...whole}
  return device === undefined ? 'a device needs its numbers' : {kind: type, device, ...whole}
}

function warningsOf({setId, hidden = [], empty = [], foreign = []}: Gathered, lines: readonly ManifestLine[], from: string): string[] {
  const said = new Map(lines.map((line) => [line.path, line]))
  const unmoded = (paths: readonly string[]): readonly string[] => paths.filter((path) => said.get(path)?.mode === undefined)
  const tell = (paths: readonly string[], what: string): string[] => (paths.length === 0 ? [] : [`${from}: ${some(paths)} ${what}`])
  return [
    ...tell(unmoded(setId), `without set-id and sticky bits: these come from ${manifestName} only, as in: ${setId[0]} mode=4755`),
    ...tell(unmoded(hidden), `will be readable by all: files are 0644 or 0755 unless ${manifestName} says another mode, as in: ${hidden[0]} mode=0600`),
    ...tell(empty.filter((path) => !said.has(path)), `not laid: git does not keep empty folders; ${manifestName} can make them, as in: ${empty[0]} type=dir`),
    ...tell(foreign, 'will not belong to root, as the archive says: pack with --owner=0 --group=0 for that'),
  ]
}

function some(paths: readonly string[]): string {
  return `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`
}
