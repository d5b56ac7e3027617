/** `$5$` or `$6$` with salt and hash, as crypt(5) writes them: rounds are optional (musl takes 1000 to 9999999), the hash has a fixed length. */
const accepted = /^\$(?:5\$(?:rounds=[1-9]\d{3,6}\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{43}|6\$(?:rounds=[1-9]\d{3,6}\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{86})$/

/** What musl's crypt(3), which OpenWrt has, does not match or nobody should use; each with its reason. */
const refused: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\$(y|gy|7)\$/, 'is yescrypt or scrypt (what mkpasswd of Debian makes without -m): musl, OpenWrt\'s C library, does not know it, so no password would ever fit'],
  [/^\$2[abxy]?\$/, 'is bcrypt, which not every C library that OpenWrt had knows'],
  [/^\$1\$/, 'is MD5, which is guessed too quickly'],
  [/^\$[56]\$rounds=(?![1-9]\d{3,6}\$)/, 'has rounds that musl, OpenWrt\'s C library, does not take: 1000 to 9999999'],
  [/^\$[56]\$/, 'is cut off or changed: it has not the length of such a hash'],
  [/^\$/, 'is of a kind that OpenWrt does not know'],
  [/^[./0-9A-Za-z]{13}$/, 'looks like DES, which heeds eight characters and is guessed in no time'],
  [/^[!*]/, 'stands for no password: write root.password: locked for that'],
  [/^$/, 'is empty: that would let everybody in'],
]

/** What is wrong with a crypt(3) hash; undefined for one that fits. Never repeats the hash. */
export function complainOfHash(hash: string): string | undefined {
  if (accepted.test(hash)) return undefined
  return refused.find(([pattern]) => pattern.test(hash))?.[1] ?? 'is no hash; a plain password belongs into {file: PATH}'
}

/** musl takes no longer key. */
const longestPassword = 255

/** What is wrong with a plain password; undefined for one that can be typed at a login. Never repeats the password. */
export function complainOfPassword(password: string): string | undefined {
  if (password === '') return 'is empty: that would let everybody in'
  if (/\p{Cc}/u.test(password)) return 'has a control character in it'
  return Buffer.byteLength(password) > longestPassword ? `is longer than ${longestPassword} bytes, more than a login takes` : undefined
}

/** The first line of a file that holds a password or hash, without the line's end. */
export function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? ''
}
