import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {cli, startCli, type CliOptions} from '../helpers/cli.ts'
import {writeFiles} from '../helpers/files.ts'
import {git, makeLongHistory} from '../helpers/git.ts'
import {serveGit} from '../helpers/git-server.ts'
import {openwrtFiles} from '../helpers/openwrt.ts'
import {tempDir} from '../helpers/temp.ts'

test('kill -9 during a fetch, then the same command: it goes on, and nothing is left over', async (t) => {
  const folder = await tempDir(t)
  const last = makeLongHistory(join(folder, 'openwrt'), 7000, openwrtFiles)
  const server = await serveGit(t, folder)
  writeFiles(folder, {'targets/x.yaml': `source: {repository: "${server.url}/openwrt", ref: main}\nfeeds: {prune: [packages]}\n`})
  const options: CliOptions = {cwd: folder, env: {HOME: folder}}
  const build = ['build', 'x', '--until', 'clone']
  t.is((await cli(['lock', 'x'], options)).code, 0)
  // the second step of the history stalls
  server.fail({kind: 'stall', after: 2000}, 1)
  const {child, result} = startCli(build, options)
  await until(() => server.spoilt() > 0)
  await sleep(300)
  child.kill('SIGKILL')
  t.is((await result).code, 'SIGKILL')
  server.fail(undefined)
  const {code, stderr} = await cli(build, options)
  t.is(code, 0, stderr)
  t.is((JSON.parse(readFileSync(join(folder, 'build/x/source.json'), 'utf8')) as {revision: string}).revision, `r7000-${last.slice(0, 10)}`)
  t.is(git(join(folder, 'build/x/tree'), 'status', '--porcelain'), '')
  const left = readdirSync(join(folder, 'cache/git'), {recursive: true, encoding: 'utf8'}).filter((name) => /\.lock$|tmp_|\.partial-/.test(name))
  t.deepEqual(left, [])
  t.false(await isHeld(join(folder, 'cache/git')))
})

test('two processes build on one empty cache', async (t) => {
  const folder = await tempDir(t)
  makeLongHistory(join(folder, 'openwrt'), 3000, openwrtFiles)
  for (const name of ['x', 'y']) writeFiles(folder, {[`targets/${name}.yaml`]: `source: {repository: ${folder}/openwrt, ref: main}\nfeeds: {prune: [packages]}\n`})
  const options: CliOptions = {cwd: folder, env: {HOME: folder}}
  const results = await Promise.all(['x', 'y'].map((name) => cli(['build', name, '--until', 'clone'], options)))
  for (const {code, stderr} of results) t.is(code, 0, stderr)
  const revisions = ['x', 'y'].map((name) => (JSON.parse(readFileSync(join(folder, `build/${name}/source.json`), 'utf8')) as {revision: string}).revision)
  t.deepEqual(revisions.map((revision) => revision.split('-')[0]), ['r3000', 'r3000'])
})

async function until(ready: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !ready();) {
    if (Date.now() > deadline) throw new Error('it did not come so far')
    await sleep(20)
  }
}

/** Whether a git of the killed run is still there. */
async function isHeld(cache: string): Promise<boolean> {
  await sleep(100)
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).some((pid) => {
    const path = `/proc/${pid}/environ`
    try {
      return existsSync(path) && readFileSync(path, 'utf8').includes(`CLOUDWRT_WORKSPACE=${cache}`)
    } catch {
      return false
    }
  })
}
