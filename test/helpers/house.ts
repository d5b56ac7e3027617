import {posix} from 'node:path'

/** A file of the pipeline: its path within `pipeline/` and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** What each folder may import besides itself: only what stands to its right in the house. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'cli.ts': ['commands', 'report', 'engine', 'stages', 'tools', 'config', 'model', 'base'],
  commands: ['report', 'engine', 'stages', 'tools', 'config', 'model', 'base'],
  report: ['engine', 'model', 'base'],
  engine: ['model', 'base'],
  stages: ['tools', 'model', 'base'],
  tools: ['model', 'base'],
  config: ['model', 'base'],
  model: ['base'],
  base: [],
}

/** The only places for a package, so that it can be replaced in one of them. */
const fences: Readonly<Record<string, readonly string[]>> = {
  zx: ['tools/run.ts'],
  listr2: ['report/listr.ts'],
  commander: ['cli.ts', 'commands/'],
  'js-yaml': ['config/', 'tools/clouds-yaml.ts'],
  zod: ['model/', 'config/'],
}

/** What would let a value touch the world, or start a program past the one function that does. */
const forbidden: readonly (readonly [within: string, except: string | undefined, module: RegExp, why: string])[] = [
  ['model/', undefined, /^node:(fs|child_process|net|tls|https?|dgram|worker_threads)\b/, 'a model does no I/O'],
  ['', 'tools/run.ts', /^node:(child_process|cluster)$/, 'programs are started in tools/run.ts only'],
]

/** Lines that a file may have. A schema may have more: name it here. */
const longest = 300
const schemas: readonly string[] = []

/** Everything in which files differ from how the house is built: a line each, none for a house in order. */
export function faultsOf(files: readonly SourceFile[], dependencies: readonly string[]): string[] {
  return files.flatMap((file) => [
    ...importsOf(file.text).flatMap((specifier) => faultsOfImport(file.path, specifier, dependencies)),
    ...(/\bimport\(\s*[^'\s]/.test(file.text) ? ['imports what only shows when it runs'] : []),
    ...lengthFaults(file),
  ].map((fault) => `${file.path}: ${fault}`))
}

/** What a file imports, in whatever way: types, values, re-exports, dynamic ones. */
export function importsOf(text: string): string[] {
  const kinds = [/^(?:import|export)\s[^'"]*?\bfrom\s+['"]([^'"]+)['"]/gm, /^import\s+['"]([^'"]+)['"]/gm, /\bimport\(\s*['"]([^'"]+)['"]/g]
  return kinds.flatMap((kind) => [...text.matchAll(kind)].map(([, specifier]) => specifier ?? ''))
}

function faultsOfImport(path: string, specifier: string, dependencies: readonly string[]): string[] {
  const outlawed = forbidden.filter(([within, except, module]) => path.startsWith(within) && path !== except && module.test(specifier)).map(([, , , why]) => `imports ${specifier}: ${why}`)
  if (specifier.startsWith('node:')) return outlawed
  return specifier.startsWith('.') ? layerFaults(path, specifier) : packageFaults(path, specifier, dependencies)
}

function layerFaults(path: string, specifier: string): string[] {
  const target = posix.join(posix.dirname(path), specifier)
  const [from = '', to = ''] = [path.split('/')[0], target.split('/')[0]]
  if (!/\.(ts|json)$/.test(specifier)) return [`imports ${specifier}, which does not end in .ts`]
  if (!(from in layers)) return ['is in no layer']
  return from === to || layers[from]?.includes(to) ? [] : [`imports ${target}: ${from} does not know ${to}`]
}

function packageFaults(path: string, specifier: string, dependencies: readonly string[]): string[] {
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  if (!dependencies.includes(name)) return [`imports ${name}, which is not among the dependencies`]
  const fence = fences[name]
  return fence === undefined || fence.some((place) => path === place || (place.endsWith('/') && path.startsWith(place))) ? [] : [`imports ${name}: only ${fence.join(', ')} may`]
}

function lengthFaults({path, text}: SourceFile): string[] {
  const lines = text.split('\n').length - 1
  return lines > longest && !schemas.includes(path) ? [`has ${lines} lines, more than ${longest}`] : []
}
