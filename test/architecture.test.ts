import {execFile} from 'node:child_process'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {promisify} from 'node:util'
import test from 'ava'
import {packageRoot} from '../pipeline/base/package-root.ts'
import {faultsOf, importsOf, type SourceFile} from './helpers/house.ts'
import {tempDir} from './helpers/temp.ts'

const pipeline = join(packageRoot, 'pipeline')

async function sources(): Promise<SourceFile[]> {
  const entries = await readdir(pipeline, {recursive: true, withFileTypes: true})
  const paths = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts')).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map(async (path) => ({path: relative(pipeline, path), text: await readFile(path, 'utf8')})))
}

async function dependencies(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as {dependencies: Record<string, string>}
  return Object.keys(manifest.dependencies)
}

/** What oxlint has against a folder, by the two rules of the house that need a parser: a line each. */
async function lint(folder: string): Promise<string[]> {
  const rules = ['--import-plugin', '-A', 'all', '-D', 'typescript/no-explicit-any', '-D', 'import/no-default-export']
  const oxlint = promisify(execFile)(join(packageRoot, 'node_modules', '.bin', 'oxlint'), [...rules, '--format', 'unix', folder])
  const {stdout} = await oxlint.catch((error: {readonly stdout: string}) => error)
  return stdout.split('\n').filter((line) => line.includes('[Error/'))
}

test('the house is in order: layers, fences, lengths', async (t) => {
  const files = await sources()
  t.true(files.length > 40, `only ${files.length} files were found`)
  t.deepEqual(faultsOf(files, await dependencies()), [])
})

test('nothing is exported by default, and nothing is any', async (t) => t.deepEqual(await lint(pipeline), []))

test('default exports and any are found', async (t) => {
  const folder = await tempDir(t)
  await writeFile(join(folder, 'x.ts'), '// any: is a word here\nexport const text = "as any"\nexport const x = {} as any\nexport default x\n')
  const faults = await lint(folder)
  t.is(faults.length, 2)
  t.regex(faults.join('\n'), /x\.ts:3:.*no-explicit-any[^]*x\.ts:4:.*no-default-export|x\.ts:4:.*no-default-export[^]*x\.ts:3:.*no-explicit-any/)
})

const packages = ['zx', 'listr2', 'commander', 'js-yaml', 'zod', 'tar']

const wrong: readonly (readonly [path: string, line: string, fault: string])[] = [
  ['engine/plan.ts', "import type {Stage} from '../stages/index.ts'", 'imports stages/index.ts: engine does not know stages'],
  ['stages/build/image.ts', "import {execute} from '../../engine/execute.ts'", 'imports engine/execute.ts: stages does not know engine'],
  ['model/x.ts', "export * from '../tools/git.ts'", 'imports tools/git.ts: model does not know tools'],
  ['base/x.ts', "import {Problem} from '../model/problem.ts'", 'imports model/problem.ts: base does not know model'],
  ['report/x.ts', "const {run} = await import('../tools/run.ts')", 'imports tools/run.ts: report does not know tools'],
  ['config/x.ts', "import {\n  a,\n  b,\n} from '../report/plan.ts'", 'imports report/plan.ts: config does not know report'],
  ['tools/x.ts', "import '../config/load.ts'", 'imports config/load.ts: tools does not know config'],
  ['utils/x.ts', "import {a} from '../base/json.ts'", 'is in no layer'],
  ['base/x.ts', "import {a} from './json.js'", 'imports ./json.js, which does not end in .ts'],
  ['tools/git.ts', "import {$} from 'zx/core'", 'imports zx: only tools/run.ts may'],
  ['report/lines.ts', "import {Listr} from 'listr2'", 'imports listr2: only report/listr.ts may'],
  ['stages/build.ts', "import {Command} from 'commander'", 'imports commander: only cli.ts, commands/ may'],
  ['model/x.ts', "import {load} from 'js-yaml'", 'imports js-yaml: only config/, tools/clouds-yaml.ts may'],
  ['engine/x.ts', "const zod = await import('zod')", 'imports zod: only model/, config/ may'],
  ['tools/x.ts', "import x from '@scope/left-pad/deep'", 'imports @scope/left-pad, which is not among the dependencies'],
  ['model/x.ts', "import {readFile} from 'node:fs/promises'", 'imports node:fs/promises: a model does no I/O'],
  ['stages/x.ts', "import {spawn} from 'node:child_process'", 'imports node:child_process: programs are started in tools/run.ts only'],
  ['commands/x.ts', 'await import(name)', 'imports what only shows when it runs'],
  ['base/x.ts', '\n'.repeat(301), 'has 301 lines, more than 300'],
]

for (const [path, text, fault] of wrong) {
  test(`found: ${path} ${fault}`, (t) => t.deepEqual(faultsOf([{path, text}], packages), [`${path}: ${fault}`]))
}

const right: readonly (readonly [path: string, line: string])[] = [
  ['cli.ts', "import {addBuild} from './commands/build.ts'\nimport {Command} from 'commander'"],
  ['commands/build.ts', "import {execute} from '../engine/execute.ts'\nconst {stages} = await import('../stages/index.ts')"],
  ['stages/build/image.ts', "import {make} from '../../tools/make.ts'\nimport {x} from '../build.ts'"],
  ['tools/run.ts', "import {$} from 'zx/core'\nimport {spawn} from 'node:child_process'"],
  ['model/target.ts', "import {z} from 'zod'\n/* import {x} from '../tools/run.ts' */"],
  ['base/x.ts', '\n'.repeat(300)],
]

for (const [path, text] of right) {
  test(`allowed: ${path} ${text.trim().split('\n')[0]}`, (t) => t.deepEqual(faultsOf([{path, text}], packages), []))
}

test('imports of every kind are seen', (t) => {
  const text = "import a from 'a'\nimport type {B} from 'b'\nimport {\n  c,\n} from 'c'\nexport {d} from 'd'\nimport 'e'\nconst f = await import('f')\nexport const g = 'no import'\n * import h from 'h'\n"
  t.deepEqual(importsOf(text).sort(), ['a', 'b', 'c', 'd', 'e', 'f'])
})
