import test from 'ava'
import {requireShadowed, withRootHash} from '../../pipeline/model/shadow.ts'
import {Problem} from '../../pipeline/model/problem.ts'

const set = (text: string, hash = '$6$x'): string => Buffer.from(withRootHash(Buffer.from(text, 'latin1'), hash)).toString('latin1')

test('as 21.02 and as 22.03 ship it', (t) => {
  t.is(set('root::0:0:99999:7:::\ndaemon:*:0:0:99999:7:::\n'), 'root:$6$x:0:0:99999:7:::\ndaemon:*:0:0:99999:7:::\n')
  t.is(set('root:::0:99999:7:::\n'), 'root:$6$x::0:99999:7:::\n')
})

test('every other byte stays: no line break at the end, carriage returns, bytes that are no UTF-8, users that begin alike', (t) => {
  t.is(set('rooty:a:b\r\n\xff\xfe:*:\nroot:old:1:2'), 'rooty:a:b\r\n\xff\xfe:*:\nroot:$6$x:1:2')
})

test('a line for root without fields, none at all, or two', (t) => {
  t.is(set('root:\n', '*'), 'root:*\n')
  t.throws(() => set('daemon:*:0\n'), {instanceOf: Problem, message: /0 lines for root/})
  t.throws(() => set('root:a:\nroot:b:\n'), {instanceOf: Problem, message: /2 lines for root/})
})

test('a password in /etc/passwd is not overlooked', (t) => {
  t.notThrows(() => requireShadowed(Buffer.from('root:x:0:0:root:/root:/bin/ash\n')))
  t.throws(() => requireShadowed(Buffer.from('root::0:0:root:/root:/bin/ash\n')), {instanceOf: Problem, message: /holds root's password itself/})
  t.throws(() => requireShadowed(Buffer.from('admin:x:0:0::/:/bin/ash\n')), {instanceOf: Problem, message: /knows no root/})
})
