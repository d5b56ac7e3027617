import {createHash, createPublicKey, sign, verify, createPrivateKey} from 'node:crypto'
import test from 'ava'
import {keyKinds} from '../../pipeline/model/signing-key.ts'

const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex')

/** The layout is that of OpenBSD's signify: algorithm, key derivation, rounds, salt, checksum, number, secret. */
test('a pair for opkg is one of Ed25519 in signify\'s format', (t) => {
  const pair = keyKinds.opkg.generate()
  const [secret, open] = [pair.secret, pair.public].map((text) => Buffer.from(text.split('\n')[1] ?? '', 'base64'))
  if (secret === undefined || open === undefined) return t.fail()
  t.is(secret.length, 104)
  t.is(open.length, 42)
  t.is(secret.subarray(0, 8).toString('hex'), Buffer.from('EdBK\0\0\0\0').toString('hex'))
  t.deepEqual(secret.subarray(24, 32), createHash('sha512').update(secret.subarray(40)).digest().subarray(0, 8))
  t.deepEqual(secret.subarray(32, 40), open.subarray(2, 10), 'both halves have one number')
  const privateKey = createPrivateKey({key: Buffer.concat([pkcs8Head, secret.subarray(40, 72)]), format: 'der', type: 'pkcs8'})
  const publicKey = createPublicKey({key: Buffer.concat([spkiHead, open.subarray(10)]), format: 'der', type: 'spki'})
  t.true(verify(null, Buffer.from('Packages'), publicKey, sign(null, Buffer.from('Packages'), privateKey)))
})

test('a pair for apk is one of P-256 in PEM, as openssl writes it', (t) => {
  const pair = keyKinds.apk.generate()
  t.regex(pair.secret, /^-----BEGIN EC PRIVATE KEY-----\n/)
  t.regex(pair.public, /^-----BEGIN PUBLIC KEY-----\n/)
  t.is(createPrivateKey(pair.secret).asymmetricKeyDetails?.namedCurve, 'prime256v1')
})

for (const kind of Object.values(keyKinds)) {
  test(`what is wrong with a pair for ${kind.name}`, (t) => {
    const [pair, other] = [kind.generate(), kind.generate()]
    t.not(pair.secret, other.secret)
    t.is(kind.complain(pair), undefined)
    t.regex(kind.complain({...pair, public: other.public}) ?? '', /does not belong to/)
    t.regex(kind.complain({...pair, secret: 'rubbish'}) ?? '', new RegExp(`^${kind.secret} is not`))
    t.regex(kind.complain({...pair, public: ''}) ?? '', new RegExp(`^${kind.public} is not`))
    t.regex(kind.complain({secret: pair.public, public: pair.secret}) ?? '', / is not /)
  })
}

test('a secret key with a passphrase is refused', (t) => {
  const pair = keyKinds.opkg.generate()
  const data = Buffer.from(pair.secret.split('\n')[1] ?? '', 'base64')
  data.writeUInt32BE(42, 4)
  t.regex(keyKinds.opkg.complain({...pair, secret: `untrusted comment: x\n${data.toString('base64')}\n`}) ?? '', /without a passphrase/)
})
