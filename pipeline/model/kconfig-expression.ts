import {unquote, type Config} from './kconfig.ts'

/** A condition of the Kconfig language, as in `depends on A && (B || C = "x")`. */
export type Expression =
  | {readonly kind: 'symbol'; readonly name: string}
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'not'; readonly of: Expression}
  | {readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression}
  | {readonly kind: 'compare'; readonly operator: string; readonly left: Expression; readonly right: Expression}

/** Parses as kconfig does: `!` before comparisons before `&&` before `||`. Undefined for what is not an expression, as `$(shell,…)`. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = text.match(/"(?:\\.|[^"\\])*"|&&|\|\||!=|<=|>=|[!=<>()]|[\w.+-]+|\S/g) ?? []
  const parser = new Parser(tokens)
  const expression = parser.or()
  return parser.atEnd ? expression : undefined
}

class Parser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  get atEnd(): boolean { return this.#at === this.#tokens.length }

  or(): Expression | undefined { return this.#chain('or', '||', () => this.#chain('and', '&&', () => this.#comparison())) }

  #chain(kind: 'and' | 'or', operator: string, next: () => Expression | undefined): Expression | undefined {
    let left = next()
    while (left !== undefined && this.#take(operator)) {
      const right = next()
      left = right === undefined ? undefined : {kind, left, right}
    }
    return left
  }

  #comparison(): Expression | undefined {
    if (this.#take('!')) {
      const of = this.#comparison()
      return of && {kind: 'not', of}
    }
    if (this.#take('(')) {
      const inner = this.or()
      return this.#take(')') ? inner : undefined
    }
    const left = this.#operand()
    const operator = ['=', '!=', '<', '>', '<=', '>='].find((candidate) => this.#take(candidate))
    if (left === undefined || operator === undefined) return left
    const right = this.#operand()
    return right && {kind: 'compare', operator, left, right}
  }

  #operand(): Expression | undefined {
    const token = this.#tokens[this.#at]
    if (token === undefined || !/^["\w]/.test(token)) return undefined
    this.#at += 1
    return token.startsWith('"') ? {kind: 'text', text: unquote(token)} : {kind: 'symbol', name: token}
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at += 1
    return true
  }
}

/** 0 no, 1 module, 2 yes: kconfig's three states, of which `&&` is the least and `||` the greatest. */
export type State = 0 | 1 | 2

export function evaluate(expression: Expression, config: Config): State {
  switch (expression.kind) {
    case 'symbol': return stateOf(valueOf(expression, config))
    case 'text': return stateOf(expression.text)
    case 'not': return negate(evaluate(expression.of, config))
    case 'and': return Math.min(evaluate(expression.left, config), evaluate(expression.right, config)) as State
    case 'or': return Math.max(evaluate(expression.left, config), evaluate(expression.right, config)) as State
    case 'compare': return compare(expression.operator, valueOf(expression.left, config), valueOf(expression.right, config)) ? 2 : 0
  }
}

/** The parts of a condition that keep it below a state: of `A && B` only those that are off. Empty where it holds. */
export function unmet(expression: Expression, config: Config, state: State = 1): Expression[] {
  if (expression.kind === 'and') return [...unmet(expression.left, config, state), ...unmet(expression.right, config, state)]
  return evaluate(expression, config) < state ? [expression] : []
}

/** As a Kconfig file would say it. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'symbol': return expression.name
    case 'text': return `"${expression.text}"`
    case 'not': return `!${bracketed(expression.of)}`
    case 'and': return `${bracketed(expression.left, 'and')} && ${bracketed(expression.right, 'and')}`
    case 'or': return `${bracketed(expression.left, 'or')} || ${bracketed(expression.right, 'or')}`
    case 'compare': return `${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)}`
  }
}

function bracketed(expression: Expression, inside?: 'and' | 'or'): string {
  const text = printExpression(expression)
  return expression.kind === 'symbol' || expression.kind === 'text' || expression.kind === 'not' || expression.kind === inside ? text : `(${text})`
}

/** A name that nobody declares stands for itself, as in `X = 64`; off is `n`. */
function valueOf(expression: Expression, config: Config): string {
  if (expression.kind === 'text') return expression.text
  if (expression.kind !== 'symbol') return 'n'
  if (/^(?:[ymn]|-?\d+)$/.test(expression.name)) return expression.name
  return unquote(config.get(expression.name) ?? '')
}

function compare(operator: string, left: string, right: string): boolean {
  const [a, b] = [left === '' && /^[ymn]$/.test(right) ? 'n' : left, right === '' && /^[ymn]$/.test(left) ? 'n' : right]
  const order = /^-?\d+$/.test(a) && /^-?\d+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0
  return {'=': order === 0, '!=': order !== 0, '<': order < 0, '>': order > 0, '<=': order <= 0, '>=': order >= 0}[operator] ?? false
}

function stateOf(value: string): State {
  return value === 'y' ? 2 : value === 'm' ? 1 : 0
}

function negate(state: State): State {
  return (2 - state) as State
}
