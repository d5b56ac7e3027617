/**
 * Flat lines, as the head of rc.cloud's base.sh defines them, to values and back. A value is what JSON has; a number or a boolean
 * is read as YAML 1.1 and 1.2 spell it (`0x1f`, `.5`, `yes`), but `0644` as 644, as YAML 1.2 does.
 */

/** @throws Error for what is no flat line, comes before its map or list, or makes the count of one a lie. */
export function fromFlat(text: string): unknown {
  const places = new Map<string, Place>()
  let root: unknown
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [, path, kind, written] = flatLine.exec(line) ?? refuse(line)
    const value = read(kind as Kind, written ?? '')
    if (value !== null && typeof value === 'object') places.set(path ?? '', {value, promised: Number(written)})
    if (path === '' && kind !== undefined) root = value
    else put(places, path ?? '', value, line)
  }
  for (const [path, {value, promised}] of places) {
    if (Object.keys(value).length !== promised) throw new Error(`${path}: ${Object.keys(value).length} entries, not ${promised}`)
  }
  return root
}

/** What parse.awk writes for a JSON value. Infinite numbers and such are not JSON. */
export function toFlat(value: unknown, path = ''): string {
  if (value === null) return `${path}=n:null\n`
  switch (typeof value) {
    case 'string': return `${path}=s:${escapeText(value)}\n`
    case 'boolean': return `${path}=b:${value}\n`
    case 'number': return `${path}=i:${value}\n`
    case 'object': break
    default: throw new Error(`${path}: a ${typeof value} is not JSON`)
  }
  const entries = Object.entries(value)
  const within = path === '' ? '' : `${path}/`
  return `${path}=${Array.isArray(value) ? 'l' : 'm'}:${entries.length}\n${entries.map(([key, entry]) => toFlat(entry, within + escapeKey(key))).join('')}`
}

/** A key as one step of a path. */
export function escapeKey(key: string): string {
  return key === '' ? '%' : escapeText(key).replace(/[%/=]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A string as the TEXT of a flat line. */
export function escapeText(text: string): string {
  return text.replace(/[\\\n\t\r]/g, (char) => textEscapes[char] ?? char)
}

type Kind = 's' | 'i' | 'b' | 'n' | 'm' | 'l'
interface Place {readonly value: object, readonly promised: number}

const flatLine = /^([^=]*)=([sibnml]):(.*)$/s
const textEscapes: Readonly<Record<string, string>> = {'\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r'}
const textUnescapes: Readonly<Record<string, string>> = {'\\': '\\', n: '\n', t: '\t', r: '\r'}

function read(kind: Kind, text: string): unknown {
  switch (kind) {
    case 's': return unescapeText(text)
    case 'i': return numberOf(text)
    case 'b': return /^(y|yes|true|on)$/i.test(text)
    case 'n': return null
    case 'm': return {}
    case 'l': return []
  }
}

function unescapeText(text: string): string {
  return text.replace(/\\(.?)/gs, (all, char: string) => textUnescapes[char] ?? refuse(all))
}

/** What is too large for a number stays a string, as js-yaml has it. */
function numberOf(text: string): number | string {
  const [, sign = '', size = ''] = /^([-+]?)(.*)$/s.exec(text) ?? refuse(text)
  if (/^\.nan$/i.test(text)) return NaN
  const value = /^\.inf$/i.test(size) ? Infinity : Number(size === '' ? NaN : size)
  if (Number.isNaN(value)) refuse(text)
  if (value === Infinity && !size.startsWith('.')) return text
  return sign === '-' ? -value : value
}

function put(places: ReadonlyMap<string, Place>, path: string, value: unknown, line: string): void {
  const cut = path.lastIndexOf('/')
  const place = places.get(path.slice(0, Math.max(cut, 0)))?.value ?? refuse(line)
  const step = path.slice(cut + 1)
  const key = step === '%' ? '' : unescapeText(step).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  if (Object.hasOwn(place, key) || (Array.isArray(place) && key !== String(place.length))) refuse(line)
  Object.defineProperty(place, key, {value, enumerable: true, configurable: true, writable: true})
}

function refuse(line: string): never {
  throw new Error(`not a flat line, or not in its place: ${line}`)
}
