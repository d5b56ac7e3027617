import {createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject} from 'node:crypto'

/** A key pair as OpenWrt's build has it in two files at the top of the tree. */
export interface KeyPair {
  readonly secret: string
  readonly public: string
}

/** How a kind of package is signed: the files that `rules.mk` names, how to make a pair, and what is wrong with one. */
export interface KeyKind {
  readonly name: 'opkg' | 'apk'
  readonly secret: string
  readonly public: string
  /** Made by OpenWrt out of the pair, with the time in it: kept once it is there, so that bytes repeat. */
  readonly derived?: string
  generate(): KeyPair
  /** What is wrong with a pair; undefined: nothing. */
  complain(pair: KeyPair): string | undefined
}

/** Made by usign in OpenWrt's base-files when `key-build` or `key-build.pub` is missing or empty. The format is OpenBSD's signify. */
const opkg: KeyKind = {
  name: 'opkg',
  secret: 'key-build',
  public: 'key-build.pub',
  derived: 'key-build.ucert',
  generate: () => {
    const {privateKey, publicKey} = generateKeyPairSync('ed25519')
    const [seed, point] = [rawKey(privateKey, 'd'), rawKey(publicKey, 'x')]
    const number = randomBytes(8)
    const secret = Buffer.concat([seed, point])
    const checksum = createHash('sha512').update(secret).digest().subarray(0, 8)
    // "Ed", key derivation "BK" of 0 rounds: not encrypted; 16 bytes of salt that nothing uses then
    const head = Buffer.concat([Buffer.from('EdBK'), Buffer.alloc(4), randomBytes(16), checksum, number])
    return {
      secret: signify('private key', Buffer.concat([head, secret])),
      public: signify('public key', Buffer.concat([Buffer.from('Ed'), number, point])),
    }
  },
  complain: (pair) => {
    const [secret, point] = [unsignify(pair.secret, 104), unsignify(pair.public, 42)]
    if (secret === undefined) return 'key-build is not a secret key of usign without a passphrase'
    if (point === undefined) return 'key-build.pub is not a public key of usign'
    return secret.subarray(32, 40).equals(point.subarray(2, 10)) && secret.subarray(72).equals(point.subarray(10)) ? undefined : 'key-build.pub does not belong to key-build'
  },
}

/** Made by openssl in OpenWrt's package/Makefile when the files are missing: a bare EC key on P-256, and its public half. */
const apk: KeyKind = {
  name: 'apk',
  secret: 'private-key.pem',
  public: 'public-key.pem',
  generate: () => {
    const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'prime256v1'})
    return {secret: privateKey.export({type: 'sec1', format: 'pem'}).toString(), public: publicKey.export({type: 'spki', format: 'pem'}).toString()}
  },
  complain: (pair) => {
    const [secret, point] = [readable(() => createPrivateKey(pair.secret)), readable(() => createPublicKey(pair.public))]
    if (secret === undefined) return 'private-key.pem is not a private key without a passphrase'
    if (point === undefined) return 'public-key.pem is not a public key'
    return createPublicKey(secret).equals(point) ? undefined : 'public-key.pem does not belong to private-key.pem'
  },
}

export const keyKinds: Readonly<Record<KeyKind['name'], KeyKind>> = {opkg, apk}

function rawKey(key: KeyObject, part: 'd' | 'x'): Buffer {
  return Buffer.from(key.export({format: 'jwk'})[part] ?? '', 'base64url')
}

function signify(what: string, data: Buffer): string {
  return `untrusted comment: Local build key, ${what}\n${data.toString('base64')}\n`
}

/** The data of a file of usign's: 42 bytes of a public key, 104 of a secret one, which must not be encrypted. */
function unsignify(text: string, length: 42 | 104): Buffer | undefined {
  const [comment = '', line = ''] = text.split('\n')
  const data = Buffer.from(line, 'base64')
  const whole = comment.startsWith('untrusted comment: ') && data.length === length && data.subarray(0, 2).toString() === 'Ed'
  return whole && (length === 42 || data.readUInt32BE(4) === 0) ? data : undefined
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
