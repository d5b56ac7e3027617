import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import test from 'ava'
import {findProgram} from '../../pipeline/tools/run.ts'
import {cli} from '../helpers/cli.ts'
import {demoOptions, demoWorkspace, inBuiltTree} from '../helpers/demo.ts'
import {bootGuest} from '../helpers/guest.ts'
import {ssh} from '../helpers/ssh.ts'
import {writeTarget} from '../helpers/target.ts'
import {tempDir} from '../helpers/temp.ts'

const missing = ['qemu-system-x86_64', 'ssh', 'ssh-keygen'].filter((name) => findProgram(name) === undefined)

test.runIf(missing.length === 0)(`the demo boots, lets the right key in and nobody else${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`, async (t) => {
  t.timeout(10 * 60_000)
  const root = await tempDir(t)
  const {code, stderr} = await inBuiltTree(async (tree) => {
    for (const name of ['right', 'wrong']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, name)])
    await writeTarget(root, 'keyed', `extends: demo\nsource: {tree: ${tree}}\nroot:\n  password: {env: PASSWORD}\n  keys: [{file: ../right.pub}]\n`)
    return cli(['build', 'keyed'], demoOptions(root, {PASSWORD: 'correct horse'}))
  })
  t.is(code, 0, stderr)

  await using guest = await bootGuest(demoWorkspace(root, 'keyed').image('keyed.qcow2'), 'qcow2')
  await guest.answers(180)
  const login = await ssh(guest.port, ['-i', join(root, 'right')], 'cat /etc/os-release; mount; df -k /')
  t.is(login.code, 0, login.stderr)
  t.regex(login.stdout, /cloudwrt/)
  t.not((await ssh(guest.port, ['-i', join(root, 'wrong')], 'true')).code, 0)
  t.regex((await ssh(guest.port, ['-i', join(root, 'wrong'), '-o', 'PreferredAuthentications=password', '-v'], 'true')).stderr, /Permission denied|No more authentication|not allowed/i)

  guest.type('\n')
  await guest.sees(/login:/, 60)
  guest.type('root\n')
  await guest.sees(/Password:/, 30)
  guest.type('wrong\n')
  await guest.sees(/incorrect/i, 30)
  guest.type('root\n')
  await guest.sees(/Password:[^]*Password:/, 30)
  guest.type('correct horse\n')
  await guest.sees(/~ ?#/, 30)
})
