import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {ExecutionContext} from 'ava'
import {loadTarget, type LoadedTarget} from '../../pipeline/config/load-target.ts'
import type {Roots} from '../../pipeline/config/project-files.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'
import {tempDir} from './temp.ts'

/** A project and a package of the test's own, with these files in them: `project/targets/x.yaml`, `package/overlays/cloud/`. */
export async function makeRoots(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<Roots> {
  const folder = await tempDir(t)
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    await mkdir(name.endsWith('/') ? path : dirname(path), {recursive: true})
    if (!name.endsWith('/')) await writeFile(path, content)
  }
  return {project: join(folder, 'project'), package: join(folder, 'package')}
}

/** Loads `targets/x.yaml` of a project that has nothing else but these files. */
export async function loadText(t: ExecutionContext, text: string, files: Readonly<Record<string, string>> = {}): Promise<LoadedTarget> {
  return loadTarget('x', await makeRoots(t, {...files, 'project/targets/x.yaml': text}))
}

/** Every Problem that some work ends in, as `file:line:column: message`; none where it succeeds. */
export async function complaintsOf(work: Promise<unknown>): Promise<readonly string[]> {
  return (await work.then(() => [], problemsOrThrow)).map(({at, message}) => `${at?.file}:${at?.line}:${at?.column}: ${message}`)
}

function problemsOrThrow(error: unknown): ReturnType<typeof problemsOf> {
  const problems = problemsOf(error)
  if (problems.length === 0) throw error
  return problems
}
