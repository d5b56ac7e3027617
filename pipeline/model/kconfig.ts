import type {ConfigValue} from './recipe.ts'

/**
 * The symbols of a `.config` without `CONFIG_`, each with its value exactly as the file writes it: `y`, `m`, `512`, `0x1f`,
 * `"text"`. `# CONFIG_X is not set` is `n`.
 */
export type Config = ReadonlyMap<string, string>

export type KconfigType = 'bool' | 'tristate' | 'int' | 'hex' | 'string'

export function parseConfig(text: string): Map<string, string> {
  const config = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, set, value, unset] = /^(?:CONFIG_([^=\s]+)=(.*)|# CONFIG_(\S+) is not set)$/.exec(line) ?? []
    if (set !== undefined) config.set(set, value ?? '')
    else if (unset !== undefined) config.set(unset, 'n')
  }
  return config
}

/** One line of a `.config`. */
export function configLine(symbol: string, value: string): string {
  return value === 'n' ? `# CONFIG_${symbol} is not set` : `CONFIG_${symbol}=${value}`
}

/**
 * A target's value in the words of a `.config`, of the type that the tree declares; undefined where it does not fit. kconfig
 * drops `"512"` of an int without a word, so the quotes follow the declared type, not YAML's.
 */
export function configValue(value: ConfigValue, type: KconfigType | undefined): string | undefined {
  const text = typeof value === 'boolean' ? (value ? 'y' : 'n') : String(value)
  // a line break would end the assignment
  if (/\p{Cc}/u.test(text)) return undefined
  return matching[type ?? guessType(value)](text, value)
}

const matching: Readonly<Record<KconfigType, (text: string, value: ConfigValue) => string | undefined>> = {
  bool: (text) => (/^[yn]$/.test(text) ? text : undefined),
  tristate: (text) => (/^[ymn]$/.test(text) ? text : undefined),
  int: (text) => (/^-?\d+$/.test(text) ? text : undefined),
  hex: (text, value) => (typeof value === 'number' ? `0x${value.toString(16)}` : /^(?:0x)?[\da-f]+$/i.test(text) ? text : undefined),
  string: (text, value) => (typeof value === 'boolean' ? undefined : quote(text)),
}

/** For a symbol that nobody declares (yet). */
function guessType(value: ConfigValue): KconfigType {
  if (typeof value === 'boolean') return 'tristate'
  if (typeof value === 'number') return 'int'
  return /^[ymn]$/.test(value) ? 'tristate' : 'string'
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`
}

/** What a value says, without quotes. */
export function unquote(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
}

/** A symbol that is not in the end what it was to be. */
export interface Loss {
  readonly symbol: string
  readonly asked: string
  /** Undefined: the symbol is gone. */
  readonly got: string | undefined
}

/** What was asked for and did not come. A symbol that is off and one that is not there are the same. */
export function compareConfig(asked: Config, got: Config): Loss[] {
  return [...asked].flatMap(([symbol, value]) => {
    const actual = got.get(symbol)
    return (actual ?? 'n') === value ? [] : [{symbol, asked: value, got: actual}]
  })
}
