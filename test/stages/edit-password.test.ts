import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Password} from '../../pipeline/model/recipe.ts'
import {editors, makeBench, type Bench} from '../helpers/edit-bench.ts'

const secret = 'Tr0ub4dor & größer "quoted"'

function shadowHash(bench: Bench): string {
  const text = Buffer.from(bench.tree['/etc/shadow']?.split(' ')[2] ?? '', 'base64').toString()
  return /^root:([^:]*):/.exec(text)?.[1] ?? 'no line for root'
}

/** What crypt(3) makes of a password under the salt of a hash. */
function crypted(password: string, hash: string): string {
  const [, kind = '', salt = ''] = hash.split('$')
  return execFileSync('openssl', ['passwd', `-${kind}`, '-salt', salt, '-stdin'], {input: `${password}\n`, encoding: 'utf8'}).trim()
}

async function edited(t: ExecutionContext, bench: Bench, password: Password): Promise<string> {
  bench.set({password})
  await bench.done(t)
  return shadowHash(bench)
}

test('locked, kept, and a hash from a file', async (t) => {
  const bench = await makeBench(t)
  t.is(await edited(t, bench, {kind: 'locked'}), '*')
  t.is(await edited(t, bench, {kind: 'keep'}), '')
  const hash = execFileSync('openssl', ['passwd', '-6', '-salt', 'abc', 'x'], {encoding: 'utf8'}).trim()
  const path = join(bench.folder, 'hash')
  writeFileSync(path, `${hash}\nnot this\n`)
  t.is(await edited(t, bench, {kind: 'hash-file', path}), hash)
  t.is(bench.record.password, 'set')
})

test('a plain password from a file or a variable is hashed once per workspace, with a random salt', async (t) => {
  const [bench, other] = [await makeBench(t), await makeBench(t)]
  const path = join(bench.folder, 'plain')
  writeFileSync(path, `${secret}\r\n`)
  const first = await edited(t, bench, {kind: 'file', path})
  t.regex(first, /^\$6\$/)
  t.is(crypted(secret, first), first)
  process.env['CLOUDWRT_TEST_PASSWORD'] = secret
  t.is(await edited(t, bench, {kind: 'env', name: 'CLOUDWRT_TEST_PASSWORD'}), first, 'the same password, the same bytes')
  writeFileSync(path, 'another')
  const second = await edited(t, bench, {kind: 'file', path})
  t.not(second, first)
  t.is(crypted('another', second), second)
  t.not(await edited(t, other, {kind: 'env', name: 'CLOUDWRT_TEST_PASSWORD'}), first)
  t.is(statSync(bench.workspace.passwordHash).mode & 0o777, 0o600)
})

test('neither a password nor its hash is in a log, a record or an event', async (t) => {
  const bench = await makeBench(t)
  const path = join(bench.folder, 'plain')
  writeFileSync(path, secret)
  bench.set({password: {kind: 'file', path}})
  const {events} = await bench.done(t)
  const hash = shadowHash(bench)
  const told = [JSON.stringify(events), ...readdirSync(bench.workspace.root, {recursive: true, encoding: 'utf8'})
    .map((name) => join(bench.workspace.root, name))
    .filter((name) => statSync(name).isFile() && name !== bench.workspace.edited && name !== bench.workspace.passwordHash)
    .map((name) => readFileSync(name, 'latin1'))]
  t.true(told.some((text) => text.includes('debugfs')))
  for (const text of told) for (const word of [secret, hash, hash.split('$').at(-1) ?? hash]) t.false(text.includes(word))
})

for (const {editor, tested} of editors) {
  tested(`${editor}: nothing of a former password or file is left in free blocks`, async (t) => {
    const former = `$6$former$${'x'.repeat(86)}`
    const bench = await makeBench(t, {files: {'etc/shadow': `root:${former}:0:0:99999:7:::\n`, 'srv/secret': `begin ${'secret '.repeat(9000)}`, 'srv/kept': 'to be kept\n'}}, {editor, password: {kind: 'locked'}})
    bench.set({overlays: [bench.overlay('x', {'.overlay': 'srv/secret absent\n'})]})
    t.true(readFileSync(bench.disk.path).includes(former))
    await bench.done(t)
    for (const word of [former, 'secret secret']) t.false(readFileSync(bench.workspace.edited).includes(word))
    t.true(readFileSync(bench.workspace.edited).includes('to be kept'))
  })
}

test('passwords and hashes that cannot be used are refused without being told', async (t) => {
  const bench = await makeBench(t)
  const path = join(bench.folder, 'secret')
  const refused = async (kind: 'file' | 'hash-file', content: string, pattern: RegExp): Promise<void> => {
    writeFileSync(path, content)
    bench.set({password: {kind, path}})
    const {problems} = await bench.run()
    t.is(problems[0]?.code, 'password-invalid')
    t.regex(problems[0]?.message ?? '', pattern)
    if (content.length > 3) t.false(JSON.stringify(problems.map(({message, hint, tail}) => [message, hint, tail])).includes(content.trim()))
  }
  await refused('hash-file', '$y$j9T$abcdefghij$klmnopqrstuvwxyz\n', /yescrypt/)
  await refused('hash-file', 'abcdefghijklm', /DES/)
  await refused('hash-file', 'my plain password', /plain password/)
  await refused('file', '\n', /everybody/)
  await refused('file', 'with\tcontrol', /control character/)
  bench.set({password: {kind: 'hash-file', path: join(bench.folder, 'none')}})
  await bench.refused(t, 'secret-missing', /cannot be read/)
})

test('a root without shadow or with another passwd is not taken for edited', async (t) => {
  const none = await makeBench(t, {files: {'etc/shadow': null}}, {password: {kind: 'locked'}})
  await none.refused(t, 'root-path', /the image has no \/etc\/shadow/)
  const open = await makeBench(t, {files: {'etc/passwd': 'root::0:0:root:/root:/bin/ash\n'}}, {password: {kind: 'locked'}})
  await open.refused(t, 'password-invalid', /holds root's password itself/)
})
