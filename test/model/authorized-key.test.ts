import test from 'ava'
import fc from 'fast-check'
import {complainOfKey, parseKey} from '../../pipeline/model/authorized-key.ts'

const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIH3Zp7lmk79DziUQUrveoEl4dl44V/bWQiZ0xaBY23hv'
const nistp256 = 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBE6fZuvMFNaWKujqD2/zw2id/JNOGEywpYikd3qQ0W8kK6o2I51EvFtQiEC3uoy7POSaHKYAXcCGFo6btaLJnbE='

const good = [
  `ssh-ed25519 ${ed25519}`,
  `ssh-ed25519 ${ed25519} me@here and a longer comment`,
  `ecdsa-sha2-nistp256 ${nistp256} me@here`,
  `no-pty,command="echo \\"ssh-rsa AAAA\\" here" ssh-ed25519 ${ed25519} me`,
  `restrict ssh-ed25519 ${ed25519}`,
]
for (const line of good) test(`taken: ${line}`, (t) => t.is(complainOfKey(line), undefined))

const bad: readonly [string, RegExp][] = [
  ['', /not a public key/],
  ['me@here', /not a public key/],
  [`ssh-dss ${ed25519}`, /not a public key/],
  [`ssh-ed25519`, /not a public key/],
  [`ssh-ed25519 ${ed25519.slice(0, 40)}`, /not whole/],
  [`ssh-ed25519 ${ed25519.slice(0, 41)}*`, /not base64/],
  [`ssh-rsa ${ed25519}`, /not whole/],
  [`ecdsa-sha2-nistp384 ${nistp256}`, /another kind of key/],
  [`ssh-ed25519 ${ed25519}\nssh-ed25519 ${ed25519}`, /one line/],
  ['-----BEGIN OPENSSH PRIVATE KEY-----', /private key/],
]
for (const [line, complaint] of bad) test(`refused: ${JSON.stringify(line)}`, (t) => t.regex(complainOfKey(line) ?? '', complaint))

test('the comment is what follows the key', (t) => {
  t.deepEqual(parseKey(`restrict ssh-ed25519 ${ed25519} me @ here`), {type: 'ssh-ed25519', base64: ed25519, comment: 'me @ here'})
})

test('a key that lost or changed bytes of its frame is refused', (t) => {
  const blob = Buffer.from(ed25519, 'base64')
  t.notThrows(() => fc.assert(fc.property(fc.nat({max: blob.length - 1}), (length) => complainOfKey(`ssh-ed25519 ${blob.subarray(0, length).toString('base64')}`) !== undefined)))
})
