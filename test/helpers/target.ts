import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** Writes `targets/NAME.yaml` into a project. */
export async function writeTarget(project: string, name: string, text: string): Promise<string> {
  const path = join(project, 'targets', `${name}.yaml`)
  await mkdir(join(project, 'targets'), {recursive: true})
  await writeFile(path, text)
  return path
}
