/** The kinds of key that dropbear takes (its `signkey.c`), each with the number of texts in its blob (RFC 4253, 5656, 8709). */
const kinds: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
}

/** One line of authorized_keys, taken apart. */
export interface AuthorizedKey {
  readonly type: string
  readonly base64: string
  /** Empty where there is none. */
  readonly comment: string
}

const types = Object.keys(kinds).map((name) => name.replaceAll('.', '\\.')).join('|')

/** Options are words with quoted texts in them, in which `\"` is a quote. Only those before the type are options. */
const line = new RegExp(String.raw`^(?:(?:[^\s"]|"(?:[^"\\]|\\.)*")+\s+)??(?<type>${types})\s+(?<base64>\S+)(?:\s+(?<comment>.*))?$`)

/** Takes a line of authorized_keys apart; undefined where it is not one. Whether the key is whole is `complainOfKey`'s to tell. */
export function parseKey(text: string): AuthorizedKey | undefined {
  const {type, base64, comment = ''} = line.exec(text.trim())?.groups ?? {}
  return type === undefined || base64 === undefined ? undefined : {type, base64, comment}
}

/** What is wrong with a line of authorized_keys; undefined where it is right. */
export function complainOfKey(text: string): string | undefined {
  if (text.includes('PRIVATE KEY')) return 'a private key must never be here; the public one is in the file that ends in .pub'
  if (/\p{Cc}/u.test(text.trim())) return 'a key is one line, without control characters'
  const key = parseKey(text)
  if (key === undefined) return `not a public key: expected a type (${Object.keys(kinds).slice(0, 3).join(', ')}, …), then base64`
  const blob = Buffer.from(key.base64, 'base64')
  if (blob.toString('base64').replace(/=+$/, '') !== key.base64.replace(/=+$/, '')) return `what follows ${key.type} is not base64`
  const texts = textsIn(blob)
  if (texts === undefined || texts.length !== kinds[key.type]) return `the ${key.type} key is not whole: it was cut off or changed`
  return texts[0] === key.type ? undefined : `says ${key.type}, but what follows is another kind of key`
}

/** The texts of a blob, each behind its length in 4 bytes; undefined where they do not end with it. */
function textsIn(blob: Buffer): string[] | undefined {
  const texts = []
  let offset = 0
  while (offset < blob.length) {
    const end = offset + 4 + (offset + 4 <= blob.length ? blob.readUInt32BE(offset) : 0)
    if (end > blob.length) return undefined
    texts.push(blob.toString('latin1', offset + 4, end))
    offset = end
  }
  return texts
}
