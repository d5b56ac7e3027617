import {Problem} from './problem.ts'

/** What /etc/shadow holds in place of a hash where no password fits. */
export const lockedHash = '*'

/**
 * /etc/shadow with another hash for root; every other byte stays. Throws a Problem (`password-invalid`) where root has not
 * exactly one line.
 * @param shadow the file's bytes
 */
export function withRootHash(shadow: Uint8Array, hash: string): Uint8Array {
  // byte for byte: what is not UTF-8 stays what it is
  const lines = Buffer.from(shadow).toString('latin1').split('\n')
  const places = lines.flatMap((line, index) => (line.startsWith('root:') ? [index] : []))
  const [place, ...more] = places
  if (place === undefined || more.length > 0) throw new Problem('password-invalid', `/etc/shadow of the image has ${places.length} lines for root, not one`, {hint: 'With root.password: keep it stays as it is.'})
  const [user, , ...rest] = (lines[place] ?? '').split(':')
  return Buffer.from(lines.with(place, [user, hash, ...rest].join(':')).join('\n'), 'latin1')
}

/** Throws a Problem where /etc/passwd does not leave root's password to /etc/shadow: what stands there would win. */
export function requireShadowed(passwd: Uint8Array): void {
  const root = Buffer.from(passwd).toString('latin1').split('\n').find((line) => line.startsWith('root:'))
  const field = root?.split(':')[1]
  if (field === 'x' || field === '*') return
  throw new Problem('password-invalid', root === undefined ? '/etc/passwd of the image knows no root' : '/etc/passwd of the image holds root\'s password itself, so /etc/shadow would not be asked', {hint: 'The second field of root\'s line there must be x.'})
}
