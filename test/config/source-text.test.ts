import test from 'ava'
import {SourceText} from '../../pipeline/config/source-text.ts'

const hash = '$6$salt$aBcDeF0123456789'

/** Files with a secret where none belongs; `secret` must not be in any line that is shown. */
const leaks: readonly (readonly [string, string])[] = [
  ['root:\n  password: hunter2\n', 'hunter2'],
  [`root: {password: "${hash}"}\n`, hash],
  ['root: {password: {plain: hunter2}, keys: []}\n', 'hunter2'],
  ['root:\n  password:\n    plain: hunter2\n', 'hunter2'],
  ['root:\n  password:\n    hunter2\n', 'hunter2'],
  ['root:\n  password:\n  - hunter2\n', 'hunter2'],
  ['root:\n  password: |\n    hunter2\n    more of hunter2\n', 'hunter2'],
  ['root:\n  "password": \'hunter2\n', 'hunter2'],
  ['root:\n  password: locked hunter2\n', 'hunter2'],
  ['source: {repository: "https://me:hunter2@example.org/x.git"}\n', 'hunter2'],
  ['mirrors:\n  - ssh://me:hunter2@example.org/x.git\n', 'hunter2'],
  ['mirrors:\n  - https://hunter2@example.org/x.git\n', 'hunter2'],
  ['keys:\n  - -----BEGIN OPENSSH PRIVATE KEY----- hunter2\n', 'hunter2'],
]

for (const [text, secret] of leaks) {
  test(`no line shows it: ${JSON.stringify(text)}`, (t) => {
    const shown = linesShown(text)
    t.false(shown.join('\n').includes(secret), shown.join('\n'))
    t.true(shown.join('\n').includes('********'))
  })
}

/** What may stand in a target is shown as it is. */
const open = [
  'root:\n  password: locked   # none fits\n  keys: []\n',
  'root: {password: keep}\n',
  'root: {password: {env: ROOT_PASSWORD}, keys: []}\n',
  'root:\n  password:\n    hash-file: ../secret/root.hash\n  keys: []\n',
  'root:\n  password: {file: "a b"}\n',
  'source:\n  repository: ssh://git@example.org/x.git\n',
]

for (const text of open) test(`shown as it is: ${JSON.stringify(text)}`, (t) => t.deepEqual(linesShown(text), text.split('\n')))

test('an offset within a line is a column, the one behind it the end', (t) => {
  const source = new SourceText('x', 'ab\ncd\r\nef')
  t.like(source.place(1), {line: 1, column: 2, text: 'ab'})
  t.like(source.place(3), {line: 2, column: 1, text: 'cd'})
  t.like(source.place(9), {line: 3, column: 3, text: 'ef'})
})

function linesShown(text: string): readonly string[] {
  const source = new SourceText('x', text)
  let offset = 0
  return text.split('\n').map((line) => {
    const {text: shown} = source.place(offset)
    offset += line.length + 1
    return shown ?? ''
  })
}
