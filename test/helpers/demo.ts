import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {acquireLock} from '../../pipeline/base/lock-file.ts'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {Workspace} from '../../pipeline/model/workspace.ts'
import {cli, type CliOptions} from './cli.ts'

/** Downloads are shared by all tests, so that each Debian package is fetched once. Git-ignored. */
export const sharedCache = join(packageRoot, 'build', 'test', 'cache')

/** The folder of the demo that tests share; they read it and never change it. */
const project = join(packageRoot, 'build', 'test', 'project')

/** The demo, built: by the first test that asks, fresh for the others. */
export async function builtDemo(): Promise<Workspace> {
  await mkdir(project, {recursive: true})
  await using _lock = await acquireLock(join(project, 'test.lock'), {holder: 'test', signal: AbortSignal.timeout(300_000)})
  const {code, stderr} = await cli(['build', 'demo'], demoOptions(project))
  if (code !== 0) throw new Error(`cloudwrt build demo ended with ${code}:\n${stderr}`)
  return demoWorkspace(project)
}

/**
 * Works on a tree of the demo in which everything is built, by a source `{tree: path}`: a build of another target than the demo
 * then takes seconds. One at a time, as `make` wants it.
 */
export async function inBuiltTree<Result>(work: (tree: string) => Promise<Result>): Promise<Result> {
  const {tree, stamps} = await builtDemo()
  await using _lock = await acquireLock(join(project, 'tree.lock'), {holder: 'test', signal: AbortSignal.timeout(600_000)})
  const copy = join(packageRoot, 'build', 'test', 'tree')
  const [made, wanted] = [join(packageRoot, 'build', 'test', 'tree.stamp'), readFileSync(join(stamps, 'build.json'), 'utf8')]
  if (!existsSync(made) || readFileSync(made, 'utf8') !== wanted) {
    rmSync(copy, {recursive: true, force: true})
    // times stay as they are, so that make has nothing to do
    execFileSync('cp', ['-a', '--reflink=auto', tree, copy])
    writeFileSync(made, wanted)
  }
  return await work(copy)
}

/** To run the CLI in a folder of the test's own with the shared cache. */
export function demoOptions(cwd: string, env: Readonly<Record<string, string>> = {}): CliOptions {
  return {cwd, env: {CLOUDWRT_CACHE: sharedCache, ...env}}
}

export function demoWorkspace(root: string, target = 'demo'): Workspace {
  return new Workspace({root, cache: sharedCache}, {target, source: {kind: 'path', path: ''}})
}
