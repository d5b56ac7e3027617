import {execFileSync} from 'node:child_process'
import {readdir, readFile, rm} from 'node:fs/promises'
import {basename, join, relative} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {isBeside} from '../../pipeline/base/atomic-file.ts'
import {cli, startCli} from '../helpers/cli.ts'
import {builtDemo, demoOptions, demoWorkspace} from '../helpers/demo.ts'
import {tempDir} from '../helpers/temp.ts'

/** Many where time allows: CI; a few at a desk. */
const kills = process.env['CI'] === undefined ? 3 : 30

async function checksums(root: string): Promise<string> {
  return readFile(demoWorkspace(root).checksums, 'utf8')
}

/** Names below a folder that a run should not have left. */
async function leftovers(root: string): Promise<string[]> {
  // not by names alone: those would be followed through links, and the tree holds whole roots
  const entries = await readdir(root, {recursive: true, withFileTypes: true})
  const paths = entries.map(({parentPath, name}) => relative(root, join(parentPath, name)))
  return paths.filter((path) => !path.startsWith('build/demo/tree/') && (isBeside(path) || basename(path) === 'lock'))
}

function mountsAndLoops(root: string): string {
  const mounts = execFileSync('cat', ['/proc/mounts'], {encoding: 'utf8'}).split('\n').filter((line) => line.includes(root))
  const loops = execFileSync('sh', ['-c', 'cat /sys/block/loop*/loop/backing_file 2>/dev/null || true'], {encoding: 'utf8'}).split('\n').filter((line) => line.includes(root))
  return [...mounts, ...loops].join('\n')
}

test.serial(`kill -9 at ${kills} random moments, then the same command: the same bytes, nothing left`, async (t) => {
  t.timeout(30 * 60_000)
  await builtDemo()
  const whole = await tempDir(t)
  const {ms, code, stderr} = await cli(['build', 'demo'], demoOptions(whole))
  t.is(code, 0, stderr)
  const expected = await checksums(whole)
  for (let kill = 0; kill < kills; kill += 1) {
    const root = await tempDir(t)
    const moment = Math.random() * ms
    const {child, result} = startCli(['build', 'demo'], demoOptions(root))
    await sleep(moment)
    child.kill('SIGKILL')
    await result
    const again = await cli(['build', 'demo'], demoOptions(root))
    t.is(again.code, 0, `killed after ${Math.round(moment)} ms: ${again.stderr}`)
    t.is(await checksums(root), expected, `killed after ${Math.round(moment)} ms`)
    t.deepEqual(await leftovers(root), [], `killed after ${Math.round(moment)} ms`)
    t.is(mountsAndLoops(root), '')
    await rm(root, {recursive: true})
  }
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(`${signal} ends within two seconds and leaves a workspace that goes on`, async (t) => {
    t.timeout(5 * 60_000)
    await builtDemo()
    const root = await tempDir(t)
    for (const moment of [600, 1500, 4000, 7000]) {
      const {child, result} = startCli(['build', 'demo'], demoOptions(root))
      await sleep(moment)
      const began = performance.now()
      const finished = !child.kill(signal)
      const {code, stderr} = await result
      if (finished || code === 0) continue
      t.is(code, 130, stderr)
      t.true(performance.now() - began < 2000, `took ${Math.round(performance.now() - began)} ms`)
      t.deepEqual(await leftovers(root), [])
      t.is(programsOf(root), '')
    }
    const {code, stderr} = await cli(['build', 'demo'], demoOptions(root))
    t.is(code, 0, stderr)
    t.is(await checksums(root), await checksums(join((await builtDemo()).project.root)))
  })
}

/** Programs that still run in the project: they carry its workspace in their environment. */
function programsOf(root: string): string {
  return execFileSync('sh', ['-c', `grep -slz "CLOUDWRT_WORKSPACE=${root}" /proc/[0-9]*/environ || true`], {encoding: 'utf8'})
}
