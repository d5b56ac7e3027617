import {gather, Problem} from '../model/problem.ts'
import {find, textOf, type Located, type LocatedMap} from './located.ts'
import {findTarget, shownPath, type Roots} from './project-files.ts'
import {readTextFile} from './text-file.ts'
import {readYaml} from './yaml.ts'

/** The file of a target and those that it extends, the target first. */
export interface Chain {
  readonly layers: readonly LocatedMap[]
  /** Why the chain ends too early: a file that cannot be read or is not YAML, a parent that is not found, a circle. */
  readonly problems: readonly Problem[]
}

export async function readChain(file: string, roots: Roots): Promise<Chain> {
  const layers: LocatedMap[] = []
  const problems: Problem[] = []
  await gather(problems, climb(layers, file, roots))
  return {layers, problems}
}

async function climb(layers: LocatedMap[], file: string, roots: Roots, below: readonly string[] = [], said?: Located): Promise<void> {
  if (below.includes(file)) throw circle([...below.slice(below.indexOf(file)), file], said, roots)
  const layer = await readLayer(file, roots, said)
  layers.push(layer)
  const parent = find(layer, ['extends'])
  const name = textOf(layer, 'extends')
  if (parent !== undefined && name !== undefined) await climb(layers, await findTarget(name, roots, parent.at), roots, [...below, file], parent)
}

async function readLayer(file: string, roots: Roots, said: Located | undefined): Promise<LocatedMap> {
  const shown = shownPath(file, roots)
  const located = readYaml(shown, await readTextFile(file, shown, said?.at))
  if (located === undefined) throw new Problem('target-invalid', `${shown} is empty`, {at: {file: shown}, hint: 'A target says at least what it extends, as in: extends: x86-64'})
  if (located.kind !== 'map') throw new Problem('target-invalid', 'a target is a map of keys and values', {at: located.at})
  return located
}

function circle(files: readonly string[], said: Located | undefined, roots: Roots): Problem {
  const round = files.map((file) => shownPath(file, roots)).join(' -> ')
  return new Problem('target-invalid', `extends: goes round in a circle: ${round}`, said === undefined ? {} : {at: said.at})
}
