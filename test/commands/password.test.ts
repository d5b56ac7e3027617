import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {noScreen, openScreen, type Screen} from '../helpers/screen.ts'
import {tempDir} from '../helpers/temp.ts'

const asking = test.skipIf(noScreen !== undefined)

/** A terminal at which root's password is asked for. */
async function askedFor(t: ExecutionContext): Promise<Screen> {
  const folder = await tempDir(t)
  await mkdir(join(folder, 'targets'))
  await writeFile(join(folder, 'targets/mine.yaml'), 'extends: demo\nroot: {password: prompt}\n')
  await writeFile(join(folder, 'image.img'), '')
  const screen = await openScreen(t, ['sh', '-c', 'cd "$1" && shift && "$@"', 'sh', folder, process.execPath, join(packageRoot, 'pipeline/cli.ts'), 'edit', 'image.img', '-t', 'mine', '-o', 'out.qcow2'])
  await screen.sees(/^Password for root of mine:/)
  return screen
}

asking('a password is asked for twice and never shown', async (t) => {
  const screen = await askedFor(t)
  for (const key of ['geheim', 'Enter', 'anders', 'Enter']) await screen.press(key)
  t.is(await screen.ended(), 1)
  t.is(await screen.text(), 'Password for root of mine:\nOnce more:\nerror: the two passwords differ')
})

asking('Ctrl-D at the prompt is no password, Ctrl-C an interruption', async (t) => {
  const [ended, interrupted] = await Promise.all([askedFor(t), askedFor(t)])
  await ended.press('C-d')
  t.is(await ended.ended(), 1)
  t.is(await ended.text(), 'Password for root of mine:\nerror: no password was typed')
  await interrupted.press('C-c')
  t.is(await interrupted.ended(), 130)
  t.is(await interrupted.text(), 'Password for root of mine:\ninterrupted')
})
