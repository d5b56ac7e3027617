import type {Platform, Recipe} from '../../model/recipe.ts'
import {configLine, compareConfig, unquote, type Config, type Loss} from '../../model/kconfig.ts'
import {explainLoss, packagePrefix, valueInWords, type Evidence} from '../../model/kconfig-loss.ts'
import {Problem, type Place} from '../../model/problem.ts'
import type {Origin, Seed} from '../../model/seed.ts'

/** A symbol that came out other than asked, and why. */
export interface ExplainedLoss extends Loss {
  readonly origin: Origin
  readonly why: string
  /** `config-allow` of the target names it. */
  readonly allowed: boolean
}

export function lossesOf({asked}: Seed, got: Config): Loss[] {
  return compareConfig(new Map(asked.map(({symbol, value}) => [symbol, value])), got)
}

export function explainLosses(losses: readonly Loss[], {asked}: Seed, allow: Recipe['configAllow'], evidence: Evidence): ExplainedLoss[] {
  const origins = new Map(asked.map(({symbol, origin}) => [symbol, origin]))
  return losses.map((loss) => ({
    ...loss,
    origin: origins.get(loss.symbol) ?? 'config',
    why: explainLoss(loss, evidence),
    allowed: allow.includes(loss.symbol),
  }))
}

/** @param seed text and path of the seed, to point at the line */
export function lossProblem(loss: ExplainedLoss, seed: {readonly path: string; readonly text: string}): Problem {
  const {symbol, asked, origin, why} = loss
  const accept = `or accept it there: config-allow: [${symbol}]`
  return new Problem('config-lost', `${whatOf(loss)}: ${why}`, {
    at: placeOf(configLine(symbol, asked), seed),
    hint: isUsers(origin) ? `Take it out of the target, ${accept}` : `Look what stands against it in config of the target, ${accept}`,
  })
}

function whatOf({symbol, asked, got, origin}: ExplainedLoss): string {
  const name = symbol.slice(packagePrefix.length)
  if (origin === 'packages') return asked === 'n' ? `package ${name} is to go, but stays` : `package ${name} is not in the configuration`
  const from = isUsers(origin) ? `config.${symbol}` : `${symbol}, set for the ${origin},`
  return `${from} was to be ${valueInWords(asked)} and ${got === undefined ? 'is not there' : `is ${valueInWords(got)}`}`
}

function isUsers(origin: Origin): boolean {
  return origin === 'packages' || origin === 'config'
}

function placeOf(line: string, {path, text}: {readonly path: string; readonly text: string}): Place {
  const number = text.split('\n').indexOf(line)
  return number === -1 ? {file: path} : {file: path, line: number + 1, text: line}
}

/** What `make defconfig` chose instead, where it is not the platform that was asked for. All other losses follow from that. */
export function otherPlatform(asked: Platform, config: Config): Problem | undefined {
  const [board, subtarget] = [unquote(config.get('TARGET_BOARD') ?? ''), unquote(config.get('TARGET_SUBTARGET') ?? '')]
  const got = subtarget === '' ? board : `${board}/${subtarget}`
  if (got === asked || (subtarget === '' && asked.startsWith(`${board}/`))) return undefined
  return new Problem('config-target', `this tree does not build ${asked}: make defconfig chose ${got === '' ? 'no platform' : got} in its place`, {
    hint: 'Look whether config of the target chooses another platform, and whether the tree has target/linux.',
  })
}
