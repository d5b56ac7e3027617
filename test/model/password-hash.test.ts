import {execFileSync} from 'node:child_process'
import test from 'ava'
import {complainOfHash, complainOfPassword, firstLine} from '../../pipeline/model/password-hash.ts'

/** Made by `openssl passwd`; what they are of is no secret: `example`. */
for (const option of ['-5', '-6']) {
  test(`what openssl passwd ${option} makes fits`, (t) => t.is(complainOfHash(execFileSync('openssl', ['passwd', option, 'example'], {encoding: 'utf8'}).trim()), undefined))
}

const tail = 'a'.repeat(86)
const refused: Readonly<Record<string, RegExp>> = {
  '$y$j9T$abc$def': /yescrypt/,
  '$gy$j9T$abc$def': /yescrypt/,
  '$7$abc$def': /scrypt/,
  '$2b$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuuabcdefghijk': /bcrypt/,
  '$1$abcdefgh$abcdefghijklmnopqrstuv': /MD5/,
  '$6$salt$short': /cut off/,
  [`$6$a:b$${tail}`]: /cut off/,
  [`$6$rounds=999$salt$${tail}`]: /1000 to 9999999/,
  [`$6$rounds=10000000$salt$${tail}`]: /1000 to 9999999/,
  '$9$x': /does not know/,
  abcdefghijklm: /DES/,
  '*': /no password/,
  '!': /no password/,
  '': /everybody/,
  'a plain one': /plain password/,
}

for (const [hash, pattern] of Object.entries(refused)) {
  test(`refused: ${JSON.stringify(hash.slice(0, 30))}`, (t) => {
    t.regex(complainOfHash(hash) ?? '', pattern)
    if (hash.length > 1) t.false(complainOfHash(hash)?.includes(hash))
  })
}

test('rounds that musl takes', (t) => {
  for (const rounds of [1000, 9999999]) t.is(complainOfHash(`$6$rounds=${rounds}$salt$${tail}`), undefined)
})

test('plain passwords', (t) => {
  t.is(complainOfPassword('größer, with blanks'), undefined)
  t.regex(complainOfPassword('') ?? '', /everybody/)
  t.regex(complainOfPassword('a\tb') ?? '', /control character/)
  t.is(complainOfPassword('ü'.repeat(127)), undefined)
  t.regex(complainOfPassword('ü'.repeat(128)) ?? '', /255 bytes/)
})

test('the first line of a file', (t) => {
  t.is(firstLine('secret\r\nnot this\n'), 'secret')
  t.is(firstLine('no break'), 'no break')
  t.is(firstLine(' with blanks \n'), ' with blanks ')
})
