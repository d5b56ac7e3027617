import {nearest} from '../base/nearest.ts'
import {unquote, type Config, type Loss} from './kconfig.ts'
import type {Declaration, Declarations} from './kconfig-declaration.ts'
import {evaluate, parseExpression, printExpression, unmet} from './kconfig-expression.ts'
import type {PackageIndex} from './package-index.ts'
import type {Platform} from './recipe.ts'
import type {Release} from './release.ts'
import {knownOtherwise} from './symbols.ts'

/** All that can be known of a loss without asking OpenWrt again. */
export interface Evidence {
  readonly declarations: Declarations
  readonly got: Config
  readonly platform: Platform
  readonly release: Release
  /** What kconfig itself complained of, by symbol. */
  readonly complaints: ReadonlyMap<string, string>
  /** Those of the tree and of all its feeds, installed from them or not. */
  readonly packages: PackageIndex
}

/** Why a symbol is not what was asked: `it needs DEVEL, which is off`. */
export function explainLoss(loss: Loss, evidence: Evidence): string {
  const declarations = evidence.declarations.get(loss.symbol)
  if (declarations === undefined) return explainUnknown(loss.symbol, evidence)
  return explainForced(loss, evidence)
    ?? evidence.complaints.get(loss.symbol)
    ?? explainUnmet(loss, declarations, evidence)
    ?? explainChoice(loss, declarations, evidence)
    ?? (declarations.some(({prompt}) => prompt) ? 'the tree does not say why' : 'nobody can set it: it follows from other symbols')
}

function explainUnknown(symbol: string, {declarations, packages, platform, release}: Evidence): string {
  const otherwise = knownOtherwise(symbol, platform, release)
  if (otherwise !== undefined) return otherwise
  if (!symbol.startsWith(packagePrefix)) {
    return `OpenWrt ${release.name} has no such symbol${meant(nearest(symbol, declarations.keys()))}`
  }
  const name = symbol.slice(packagePrefix.length)
  const feed = packages.get(name)?.feed
  if (feed !== undefined) return `the package is in feed ${feed}, but not installed from it`
  const providers = packages.providers(name).map((provider) => provider.name)
  if (providers.length > 0) return `no package is called so; ${list(providers)} ${providers.length === 1 ? 'provides' : 'provide'} it`
  return `neither OpenWrt ${release.name} nor its feeds have such a package${meant(nearest(name, packages.names))}`
}

/** A `select` overrules what anybody asks for. */
function explainForced({symbol, asked, got}: Loss, {declarations, got: config}: Evidence): string | undefined {
  if (got !== 'y' && got !== 'm') return undefined
  if (asked === 'y' || /^["\d]/.test(asked)) return undefined
  const selectors = [...declarations.values()].flat().filter((declaration) => isOn(config.get(declaration.symbol))
    && declaration.selects.some((select) => select.symbol === symbol && holds(select.condition, config)))
  if (selectors.length === 0) return undefined
  return `${list([...new Set(selectors.map((selector) => bare(selector.symbol)))])} ${selectors.length === 1 ? 'needs' : 'need'} it`
}

/** Of several declarations the one with the least in its way. */
function explainUnmet({asked}: Loss, declarations: readonly Declaration[], {got}: Evidence): string | undefined {
  const ways = declarations.map(({depends, visible}) => new Set([...depends, ...visible].flatMap((condition) => {
    const expression = parseExpression(condition)
    return expression === undefined ? [] : unmet(expression, got, asked === 'y' ? 2 : 1).map(printExpression)
  })))
  const [best] = ways.sort((a, b) => a.size - b.size)
  return best === undefined || best.size === 0 ? undefined : `it needs ${[...best].join(' and ')}`
}

/** Of the symbols of one choice exactly one is on. */
function explainChoice({symbol, asked}: Loss, declarations: readonly Declaration[], {declarations: all, got}: Evidence): string | undefined {
  const choices = new Set(declarations.map(({choice}) => choice).filter((choice) => choice !== undefined))
  if (choices.size === 0) return undefined
  if (asked === 'n') return 'one of its choice must be on: switch on another instead'
  const other = [...all.values()].flat().find((declaration) => declaration.symbol !== symbol && declaration.choice !== undefined
    && choices.has(declaration.choice) && isOn(got.get(declaration.symbol)))
  return other && `only one of a choice can be on, and ${other.symbol} is`
}

function holds(condition: string | undefined, config: Config): boolean {
  const expression = condition === undefined ? undefined : parseExpression(condition)
  return expression === undefined || evaluate(expression, config) > 0
}

function isOn(value: string | undefined): boolean {
  return value === 'y' || value === 'm'
}

export const packagePrefix = 'PACKAGE_'

/** Packages by their own names, other symbols as they are. */
function bare(symbol: string): string {
  return symbol.startsWith(packagePrefix) ? symbol.slice(packagePrefix.length) : symbol
}

const most = 4

function list(names: readonly string[]): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

function meant(word: string | undefined): string {
  return word === undefined ? '' : `; did you mean ${word}?`
}

/** Values for people: without quotes, `n` and nothing as `off`. */
export function valueInWords(value: string | undefined): string {
  if (value === undefined || value === 'n') return 'off'
  return value === 'y' ? 'on' : unquote(value) === '' ? 'empty' : unquote(value)
}
