/**
 * The times that users feel, on the demo: from nothing (downloads included, apt packages there), nothing to do, and
 * another password or overlay to the finished qcow2. Bars: 120 s, 1 s, 2.5 s on two cores.
 */
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {cli} from '../helpers/cli.ts'
import {writeTarget} from '../helpers/target.ts'
import {median} from './measure.ts'

const rounds = 5
const folder = await mkdtemp(join(tmpdir(), 'cloudwrt-bench-'))
const overlay = join(folder, 'extra', 'etc')

async function build(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const {code, stderr, ms} = await cli(['build', 'mine'], {cwd: folder, env})
  if (code !== 0) throw new Error(stderr)
  return ms / 1000
}

async function medianOf(change: (round: number) => Promise<Record<string, string>>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) times.push(await build(await change(round)))
  return median(times)
}

try {
  await mkdir(overlay, {recursive: true})
  await writeFile(join(overlay, 'motd'), 'first\n')
  await writeTarget(folder, 'mine', 'extends: demo\nroot:\n  password: {env: ROOT_PASSWORD}\n  overlays: [../extra]\n')
  const rows = [
    ['from nothing', 120, await build({ROOT_PASSWORD: 'first'})],
    ['nothing to do', 1, await medianOf(async () => ({ROOT_PASSWORD: 'first'}))],
    ['another overlay', 2.5, await medianOf(async (round) => { await writeFile(join(overlay, 'motd'), `${round}\n`); return {ROOT_PASSWORD: 'first'} })],
    ['another password', 2.5, await medianOf(async (round) => ({ROOT_PASSWORD: `number ${round}`}))],
  ] as const
  for (const [what, bar, seconds] of rows) console.log(`${what.padEnd(18)} ${seconds.toFixed(2).padStart(7)} s   (bar ${bar} s)`)
  process.exitCode = rows.every(([, bar, seconds]) => seconds <= bar) ? 0 : 1
} finally {
  await rm(folder, {recursive: true, force: true})
}
