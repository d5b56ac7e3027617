import {execFileSync, spawnSync} from 'node:child_process'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {builtDemo, demoWorkspace, sharedCache} from '../helpers/demo.ts'
import {tempDir} from '../helpers/temp.ts'

/** The oldest and the newest Node that the package promises to run on. */
const versions = process.env['CI'] === undefined ? ['24'] : ['22', '24']

for (const version of versions) {
  test.serial(`the packed package, installed elsewhere, builds the demo under Node ${version}`, async (t) => {
    t.timeout(10 * 60_000)
    const folder = await tempDir(t)
    const env = {...process.env, npm_config_loglevel: 'error', npm_config_cache: process.env['npm_config_cache'] ?? join(sharedCache, 'npm')}
    execFileSync('npm', ['pack', '--pack-destination', folder], {cwd: packageRoot, env, stdio: 'pipe'})
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? ''
    execFileSync('npm', ['init', '-y'], {cwd: folder, env, stdio: 'pipe'})
    execFileSync('npm', ['install', join(folder, tarball), `node@${version}`], {cwd: folder, env, stdio: 'pipe'})
    const bin = join(folder, 'node_modules', '.bin')
    t.regex(execFileSync(join(bin, 'node'), ['--version'], {encoding: 'utf8'}), new RegExp(`^v${version}\\.`))
    const {status, stderr} = spawnSync(join(bin, 'node'), [join(bin, 'cloudwrt'), 'build', 'demo'], {
      cwd: folder, encoding: 'utf8', env: {PATH: process.env['PATH'], HOME: process.env['HOME'], CLOUDWRT_CACHE: sharedCache, NO_COLOR: '1'},
    })
    t.is(status, 0, stderr)
    t.is(await readFile(demoWorkspace(folder).checksums, 'utf8'), await readFile((await builtDemo()).checksums, 'utf8'))
  })
}
