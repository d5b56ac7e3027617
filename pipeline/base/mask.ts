import {isRecord} from './json.ts'

/** Takes every secret out of a text. */
export type Mask = (text: string) => string

/** What stands in place of a secret. */
export const masked = '***'

/** Below this many characters a secret is only taken out where it stands alone: else each `a` of a log would go. */
const shortest = 4

/** Anything that looks like a crypt(3) hash, whoever made it: `$6$salt$hash`, `$y$…`, `$2b$…`; the `$` may be escaped for a shell. */
const crypt = /\\?\$(?:1|2[abxy]|5|6|7|y|gy|md5|sha1)\\?\$[\w./$\\=,+-]{8,}/g

/**
 * A mask for the secrets that `secrets` knows at the time of each call, each in all forms in which programs print what
 * they were given: as it is, escaped for JSON, a URL or a shell, in hex, and in base64 wherever in the encoded bytes it starts.
 */
export function createMask(secrets: () => readonly string[]): Mask {
  let known = ''
  let pattern: RegExp | undefined
  return (text) => {
    const now = secrets()
    const key = now.join('\0')
    if (key !== known) {
      known = key
      pattern = patternOf(now)
    }
    const cleared = pattern === undefined ? text : text.replaceAll(pattern, masked)
    return cleared.replaceAll(crypt, masked)
  }
}

/** Plain data with every text in it masked, but for the members named in `except`. */
export function maskDeep(value: unknown, mask: Mask, except: ReadonlySet<string> = new Set()): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask, except))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, except.has(key) ? member : maskDeep(member, mask, except)]))
}

/** One expression for all secrets, the longest form first, so that none leaves the rest of another. */
function patternOf(secrets: readonly string[]): RegExp | undefined {
  // a secret of several lines (a key) is printed line by line
  const wholes = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).filter((secret) => secret.trim() !== '')
  const forms = new Set(wholes.flatMap((secret) => (secret.length < shortest ? [secret] : formsOf(secret))))
  if (forms.size === 0) return undefined
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map((form) => (form.length < shortest ? `(?<!\\w)${escaped(form)}(?!\\w)` : escaped(form))).join('|'), 'g')
}

function formsOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex')
  const json = JSON.stringify(secret).slice(1, -1)
  return [
    secret, json, JSON.stringify(json).slice(1, -1), hex, hex.toUpperCase(),
    encodeURIComponent(secret), encodeURIComponent(secret).replaceAll('%20', '+'),
    secret.replaceAll("'", `'\\''`), secret.replaceAll(/[\\"$`]/g, '\\$&'), secret.replaceAll(/[^\w@%+=:,./-]/g, '\\$&'), secret.replaceAll(/\W/g, '\\$&'),
    ...base64Forms(secret),
  ]
}

/**
 * What base64 makes of the secret when 0, 1 or 2 bytes come before it: only the digits that depend on nothing but the
 * secret. Forms of less than 6 digits are left out: they would hit innocent words.
 */
function base64Forms(secret: string): string[] {
  const forms = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
    const digits = bytes.toString('base64').replaceAll('=', '')
    const partial = bytes.length % 3 === 0 ? 0 : 1
    return digits.slice(Math.ceil((before * 8) / 6), digits.length - partial)
  })
  return forms.filter((form) => form.length >= 6).flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
