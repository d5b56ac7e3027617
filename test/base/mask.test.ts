import {execFileSync} from 'node:child_process'
import test from 'ava'
import fc from 'fast-check'
import {createMask, maskDeep} from '../../pipeline/base/mask.ts'
import {typeable} from '../../pipeline/base/typeable.ts'

const secret = `Tr0ub4dor&3 "with" it's $pace\\s`
const mask = createMask(() => [secret])

const forms = new Map([
  ['as it is', secret],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['in JSON in JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
  ['in a URL', encodeURIComponent(secret)],
  ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
  ['in quotes of a shell', typeable([secret]).slice(1, -1)],
  ['in double quotes of a shell', secret.replaceAll(/[\\"$`]/g, '\\$&')],
  ['with backslashes', secret.replaceAll(/\W/g, '\\$&')],
  ['as printf %q writes it', execFileSync('bash', ['-c', 'printf %q "$1"', 'bash', secret], {encoding: 'utf8'})],
  ['in hex', Buffer.from(secret).toString('hex')],
])

for (const [how, form] of forms) {
  test(`a secret is taken out ${how}`, (t) => t.is(mask(`before ${form} after`), 'before *** after'))
}

test('a secret is taken out of base64, wherever in the bytes it starts', (t) => {
  for (const before of ['', 'x', 'xy', 'root:', 'root:x']) {
    for (const encoding of ['base64', 'base64url'] as const) {
      const shown = mask(Buffer.from(`${before}${secret}:after`).toString(encoding))
      t.regex(shown, /\*\*\*/)
      t.false(Buffer.from(shown.replaceAll('***', ''), 'base64').toString().includes('Tr0u'))
    }
  }
})

test('anything that looks like a crypt hash is taken out', (t) => {
  const hashes = ['$6$abcdefgh$0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./', '$5$rounds=5000$salt$0123456789abcdef', '$y$j9T$salt$0123456789', '$1$salt$0123456789abcdef', '$2b$12$0123456789abcdef']
  for (const hash of hashes) {
    t.is(mask(`root:${hash}:19000:0:::`), 'root:***:19000:0:::')
    t.is(mask(`sed 's/x/${hash.replaceAll('$', '\\$')}/'`).includes('0123456789'), false)
  }
  t.is(mask('costs $5 or $6, see $1 and $HOME/$USER'), 'costs $5 or $6, see $1 and $HOME/$USER')
})

test('the lines of a secret of several lines are secrets', (t) => {
  const key = createMask(() => ['-----BEGIN KEY-----\nc2VjcmV0IG9uZQ\nc2VjcmV0IHR3bw\n'])
  t.is(key('read c2VjcmV0IHR3bw here'), 'read *** here')
})

test('a very short secret is taken out only where it stands alone', (t) => {
  const short = createMask(() => ['abc'])
  t.is(short('abc abcd "abc" xabc'), '*** abcd "***" xabc')
})

test('of two secrets the longer goes first, so that none leaves a rest', (t) => {
  t.is(createMask(() => ['hunter', 'hunter2-and-more'])('it is hunter2-and-more'), 'it is ***')
})

test('a secret that becomes known later is taken out from then on', (t) => {
  const known: string[] = []
  const growing = createMask(() => known)
  t.is(growing('hunter22'), 'hunter22')
  known.push('hunter22')
  t.is(growing('hunter22'), '***')
  known.push('')
  t.is(growing('nothing to hide'), 'nothing to hide')
})

test('every text in plain data is masked, but for named members', (t) => {
  const value = {type: 'hunter22', list: ['a hunter22', 3, null], inner: {text: 'hunter22'}}
  t.deepEqual(maskDeep(value, createMask(() => ['hunter22']), new Set(['type'])), {type: 'hunter22', list: ['a ***', 3, null], inner: {text: '***'}})
})

test('whatever the secret, it does not come through', (t) => {
  const secrets = fc.string({minLength: 4}).filter((text) => text.trim().length >= 4 && !'***'.includes(text))
  t.notThrows(() => fc.assert(fc.property(secrets, fc.string(), fc.string(), (text, before, after) => {
    const shown = createMask(() => [text])(`${before}\n${text}\n${after}`)
    return !shown.split('\n').includes(text)
  })))
})
