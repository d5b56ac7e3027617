import test, {type ExecutionContext} from 'ava'
import {parseManifest, rootPath} from '../../pipeline/model/overlay-manifest.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'

test('every kind of line', (t) => {
  t.deepEqual(parseManifest(`
# a comment, and an empty line

usr/bin/ping      mode=4755
./etc/secret\tmode=0600 uid=0 gid=100
/dev/watchdog     type=char device=10,130 mode=0600
dev/sda           type=block device=8,0
etc/localtime     type=link link=/tmp/localtime
etc/mtab          link=/proc/mounts
run/pipe          type=fifo
srv               type=dir uid=1000
etc/old.conf      absent
with\\040blank\\134  mode=755
`, 'x'), [
    {path: '/usr/bin/ping', type: 'attributes', mode: 0o4755},
    {path: '/etc/secret', type: 'attributes', mode: 0o600, uid: 0, gid: 100},
    {path: '/dev/watchdog', type: 'character', mode: 0o600, device: {major: 10, minor: 130}},
    {path: '/dev/sda', type: 'block', device: {major: 8, minor: 0}},
    {path: '/etc/localtime', type: 'link', link: '/tmp/localtime'},
    {path: '/etc/mtab', type: 'link', link: '/proc/mounts'},
    {path: '/run/pipe', type: 'fifo'},
    {path: '/srv', type: 'directory', uid: 1000},
    {path: '/etc/old.conf', type: 'absent'},
    {path: '/with blank\\', type: 'attributes', mode: 0o755},
  ])
})

/** What is wrong with a text: `line:column message`. */
function complaints(t: ExecutionContext, text: string): string[] {
  const error = t.throws(() => parseManifest(text, 'overlays/x/.overlay'))
  return problemsOf(error).map(({at, message}) => {
    t.is(at?.file, 'overlays/x/.overlay')
    return `${at?.line}:${at?.column} ${message}`
  })
}

test('all that is wrong is said at once, each with its place', (t) => {
  t.deepEqual(complaints(t, 'a mode=0600\nb mode=9\n\n  c   modus=1\na uid=1\n').map((line) => line.replace(/ expected.*/, ' …')), [
    '2:3 …', '4:7 …', '5:1 /a is named twice',
  ])
})

const wrong: Readonly<Record<string, RegExp>> = {
  'etc/x': /says nothing/,
  '../x mode=644': /no \.\./,
  'a//b mode=644': /empty part/,
  'a\\012b mode=644': /control character/,
  [`${'x'.repeat(256)} mode=644`]: /255 bytes/,
  'a mode=77777': /octal mode/,
  'a mode=+755': /octal mode/,
  'a uid=root': /a number/,
  'a uid=4294967295': /a number/,
  'a type=file': /files are laid as they stand/,
  'a type=link': /go together/,
  'a type=dir link=x': /go together/,
  'a type=char': /go together/,
  'a device=1,2': /go together/,
  'a type=char device=10': /numbers/,
  'a type=char device=4096,0': /numbers/,
  'a link= type=link': /needs a target/,
  'a link=x mode=777': /no mode of its own/,
  'a absent mode=644': /stands alone/,
  '/ absent': /root itself/,
}

for (const [line, pattern] of Object.entries(wrong)) test(`refused: ${line.slice(0, 40)}`, (t) => t.regex(complaints(t, line).join('\n'), pattern))

test('paths in their plain form', (t) => {
  for (const [said, path] of [['a/b', '/a/b'], ['./a', '/a'], ['/a/', '/a'], ['.', '/'], ['./', '/'], ['', '/'], ['.hidden', '/.hidden'], ['//a', '/a']] as const) t.is(rootPath(said), path, said)
})
