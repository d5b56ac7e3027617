import {parseExpression, type Expression} from './kconfig-expression.ts'
import type {Package, PackageIndex} from './package-index.ts'

/** A dependency that nothing answers to. */
export interface Unanswered {
  /** The package, or source for `build`, that has it. */
  readonly by: string
  readonly needs: string
  /** From a package that was asked for down to `by`. */
  readonly chain: readonly string[]
  /** `run`: on the device. `build`: to be built. */
  readonly when: 'run' | 'build'
}

/** What a set of packages comes to. */
export interface Closure {
  /** Every package that is sure to be in, by name. */
  readonly packages: ReadonlyMap<string, Package>
  readonly unanswered: readonly Unanswered[]
}

/** The value of a Kconfig symbol where it is known before `make defconfig`. */
export type Known = (symbol: string) => boolean | undefined

/**
 * Everything that packages need, and of that what no package answers to. What hangs on a symbol counts only where the
 * symbol is sure to be on: of most, nothing is known before `make defconfig`. Of several packages that answer to a name,
 * OpenWrt takes the default variant or the first.
 */
export function closureOf(wanted: readonly string[], index: PackageIndex, known: Known): Closure {
  const packages = new Map<string, Package>()
  const chains = new Map<string, readonly string[]>()
  const unanswered = new Map<string, Unanswered>()
  const holds = (condition: string): boolean => evaluate(parseExpression(condition), (symbol) => (packages.has(symbol.replace(/^PACKAGE_/, '')) ? true : known(symbol))) === true
  const queue: {readonly name: string; readonly chain: readonly string[]}[] = wanted.map((name) => ({name, chain: []}))
  const visit = (name: string, chain: readonly string[]): void => {
    const [one] = index.providers(name)
    const by = chain.at(-1)
    if (one === undefined) {
      if (by !== undefined) unanswered.set(`${by} ${name}`, {by, needs: name, chain, when: 'run'})
    } else if (!packages.has(one.name)) {
      packages.set(one.name, one)
      chains.set(one.name, [...chain, one.name])
    }
  }
  // a package that comes in may make a condition true that did not hold before
  for (let before = -1; before !== packages.size;) {
    before = packages.size
    for (const {name, chain} of queue) visit(name, chain)
    for (const [name, one] of packages) {
      for (const dependency of one.depends) if (dependency.condition === undefined || holds(dependency.condition)) visit(dependency.name, chains.get(name) ?? [])
    }
  }
  return {packages, unanswered: [...unanswered.values(), ...unbuildable(packages, chains, index)]}
}

/** Sources that have to be built before those of the packages, and are nowhere. */
function unbuildable(packages: ReadonlyMap<string, Package>, chains: ReadonlyMap<string, readonly string[]>, index: PackageIndex): Unanswered[] {
  const sources = new Map([...packages.values()].map(({source, name}) => [source, name]))
  return [...sources].flatMap(([source, name]) => (index.source(source)?.buildDepends ?? []).flatMap((dependency): Unanswered[] => {
    const needs = dependency.replace(/\/.*$/, '')
    if (index.source(needs) !== undefined || index.providers(needs).length > 0) return []
    return [{by: source, needs, chain: chains.get(name) ?? [], when: 'build'}]
  }))
}

/** Three-valued: undefined is what is not known. */
function evaluate(expression: Expression | undefined, known: Known): boolean | undefined {
  switch (expression?.kind) {
    case 'symbol': return known(expression.name)
    case 'not': {
      const of = evaluate(expression.of, known)
      return of === undefined ? undefined : !of
    }
    case 'and': return both(evaluate(expression.left, known), evaluate(expression.right, known), false)
    case 'or': return both(evaluate(expression.left, known), evaluate(expression.right, known), true)
    default: return undefined
  }
}

/** For `or`, one true decides; for `and`, one false. */
function both(left: boolean | undefined, right: boolean | undefined, decides: boolean): boolean | undefined {
  if (left === decides || right === decides) return decides
  return left === undefined || right === undefined ? undefined : !decides
}
