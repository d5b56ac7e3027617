import type {Config} from './kconfig.ts'

/**
 * The parts of `package/` that a build compiles for the target, `package/libs/zlib` and so on: those of the packages that are
 * switched on, and what they depend on, out of `tmp/.packagedeps` (a makefile that `scripts/package-metadata.pl mk` writes).
 */
export function partsOf(packageDeps: string, config: Config): Set<string> {
  const {selected, needs} = readDependencies(packageDeps, config)
  const parts = new Set<string>()
  const add = (part: string): void => {
    if (parts.has(part)) return
    parts.add(part)
    for (const needed of needs.get(part) ?? []) add(needed)
  }
  for (const part of selected) add(part)
  // tools of the building machine, made on the way
  return new Set([...parts].filter((part) => !part.endsWith('/host')))
}

/** Built whatever is selected, where there is one; `package/Makefile` says so. */
const always = 'kernel/linux'

function readDependencies(packageDeps: string, config: Config): {selected: Set<string>; needs: Map<string, string[]>} {
  const selected = new Set(packageDeps.includes(` ${always}\n`) ? [`package/${always}`] : [])
  const needs = new Map<string, string[]>()
  for (const line of packageDeps.split('\n')) {
    const [, symbol = '', folder = ''] = /^package-\$\(CONFIG_(\S+)\) \+= (\S+)$/.exec(line) ?? []
    if (folder !== '' && /^[ym]$/.test(config.get(symbol) ?? '')) selected.add(`package/${folder}`)
    const [, part = '', expression = ''] = /^\$\(curdir\)\/(\S+)\/compile \+= (.*)$/.exec(line) ?? []
    if (part === '') continue
    const found = expand(expression, config).match(/(?<=\$\(curdir\)\/)\S+(?=\/compile)/g) ?? []
    needs.set(`package/${part}`, [...needs.get(`package/${part}`) ?? [], ...found.map((name) => `package/${name}`)])
  }
  return {selected, needs}
}

/** Resolves the innermost `$(if CONDITION,THEN,ELSE)` until none is left; a condition holds where any symbol in it is on. */
function expand(expression: string, config: Config): string {
  const next = expression.replaceAll(/\$\(if ((?:\$\(CONFIG_[^()]*\))*),((?:[^(),]|\(curdir\))*)(?:,((?:[^(),]|\(curdir\))*))?\)/g,
    (_, condition: string, then: string, otherwise: string | undefined) => (anyOn(condition, config) ? then : otherwise ?? ''))
  return next === expression ? expression : expand(next, config)
}

function anyOn(condition: string, config: Config): boolean {
  return [...condition.matchAll(/\$\(CONFIG_([^()]*)\)/g)].some(([, symbol = '']) => /^(?!n$)./.test(config.get(symbol) ?? ''))
}
