import {Problem, throwAll} from './problem.ts'
import {complainOfLinkTarget, complainOfRootPath} from './root-edit.ts'
import type {Device} from './root-node.ts'

/** The name of a manifest in an overlay's folder or archive. It is not laid itself. */
export const manifestName = '.overlay'

/**
 * One line of an overlay's manifest, which says what files alone cannot: modes, owners, set-id bits, devices, links, and
 * what is to go. A line is a path and keywords, as in mtree(5): `usr/bin/ping mode=4755`, `dev/watchdog type=char device=10,130`,
 * `etc/localtime link=/tmp/localtime`, `srv type=dir uid=100`, `etc/old.conf absent`. White space and control characters in a path
 * are written as `\040`, a backslash as `\134`.
 */
export interface ManifestLine {
  readonly path: string
  readonly type: 'attributes' | 'directory' | 'link' | 'character' | 'block' | 'fifo' | 'absent'
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly link?: string
  readonly device?: Device
}

const types: Readonly<Record<string, ManifestLine['type']>> = {dir: 'directory', link: 'link', char: 'character', block: 'block', fifo: 'fifo'}

/** Reads a manifest. Throws all complaints at once (`overlay-invalid`), each with its place. @param file where the text is from, for complaints */
export function parseManifest(text: string, file: string): readonly ManifestLine[] {
  const problems: Problem[] = []
  const lines = new Map<string, ManifestLine>()
  for (const [index, said] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(said)) continue
    const line = parseLine(said)
    const faults = isFaults(line) ? line : lines.has(line.path) ? [{message: `${line.path} is named twice`, column: 1}] : []
    if (!isFaults(line)) lines.set(line.path, line)
    problems.push(...faults.map(({message, column}) => new Problem('overlay-invalid', message, {at: {file, line: index + 1, column, text: said}})))
  }
  throwAll(problems)
  return [...lines.values()]
}

/** What is wrong with a line, and the column where it is. */
interface Fault {
  readonly message: string
  readonly column: number
}

function isFaults(line: ManifestLine | readonly Fault[]): line is readonly Fault[] {
  return Array.isArray(line)
}

function parseLine(said: string): ManifestLine | readonly Fault[] {
  const [first, ...words] = [...said.matchAll(/\S+/g)].map((match) => ({word: match[0], column: match.index + 1}))
  if (first === undefined) return []
  const path = rootPath(unescape(first.word))
  const complaint = complainOfRootPath(path)
  const faults: Fault[] = complaint === undefined ? [] : [{message: complaint, column: first.column}]
  let line: ManifestLine = {path, type: 'attributes'}
  for (const {word, column} of words) {
    const value = keyword(word)
    if (typeof value === 'string') faults.push({message: value, column})
    else line = {...line, ...value}
  }
  if (faults.length > 0) return faults
  if (line.type === 'attributes' && line.link !== undefined) line = {...line, type: 'link'}
  const odd = contradiction(line, words.length)
  return odd === undefined ? line : [{message: odd, column: first.column}]
}

/** One keyword as a part of a line, or what is wrong with it. */
function keyword(word: string): Partial<ManifestLine> | string {
  const [name = '', ...rest] = word.split('=')
  const value = rest.join('=')
  if (word === 'absent') return {type: 'absent'}
  switch (name) {
    case 'type': return types[value] === undefined ? `expected type=${Object.keys(types).join(', type=')}; files are laid as they stand` : {type: types[value]}
    case 'mode': return /^[0-7]{3,4}$/.test(value) ? {mode: Number.parseInt(value, 8)} : 'expected an octal mode, such as mode=0600'
    case 'uid': case 'gid': return isId(value) ? {[name]: Number(value)} : `expected a number, such as ${name}=0: names of users differ between images`
    case 'link': return complainOfLinkTarget(unescape(value)) ?? {link: unescape(value)}
    case 'device': return deviceOf(value) ?? 'expected the device\'s numbers, such as device=10,130'
    default: return 'expected mode=, uid=, gid=, type=, link=, device= or absent'
  }
}

function contradiction(line: ManifestLine, keywords: number): string | undefined {
  if (keywords === 0) return 'says nothing of the path: expected mode=, uid=, gid=, type=, link=, device= or absent'
  if (line.type === 'absent') return keywords > 1 || line.path === '/' ? 'absent stands alone, and not with the root itself' : undefined
  if ((line.type === 'link') !== (line.link !== undefined)) return 'type=link and link=TARGET go together'
  if ((line.type === 'character' || line.type === 'block') !== (line.device !== undefined)) return 'type=char or type=block and device=MAJOR,MINOR go together'
  return line.type === 'link' && line.mode !== undefined ? 'a link has no mode of its own' : undefined
}

/** debugfs takes a minor number of 16 bits only; more is used by nobody. */
function deviceOf(value: string): Partial<ManifestLine> | undefined {
  const [, major, minor] = /^(\d{1,4}),(\d{1,5})$/.exec(value) ?? []
  const device = {major: Number(major), minor: Number(minor)}
  return major !== undefined && device.major < 2 ** 12 && device.minor < 2 ** 16 ? {device} : undefined
}

/** A user or group; the highest number stands for none. */
function isId(value: string): boolean {
  return /^\d{1,10}$/.test(value) && Number(value) < 2 ** 32 - 1
}

/** `usr/bin`, `./usr/bin` and `/usr/bin` are the same. */
export function rootPath(path: string): string {
  return `/${path.replace(/^\.?\/+|^\.$/, '').replace(/\/$/, '')}`
}

/** Octal escapes stand for bytes. */
function unescape(text: string): string {
  const bytes = Buffer.from(text).toString('latin1').replaceAll(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
