import test from 'ava'
import {evaluate, parseExpression, printExpression, unmet, type Expression, type State} from '../../pipeline/model/kconfig-expression.ts'

const config = new Map([['YES', 'y'], ['MOD', 'm'], ['NO', 'n'], ['TEXT', '"ttyS0"'], ['EMPTY', '""'], ['NUMBER', '64']])

function parse(text: string): Expression {
  const expression = parseExpression(text)
  if (expression === undefined) throw new Error(`not an expression: ${text}`)
  return expression
}

test('conditions have three states', (t) => {
  const states: Readonly<Record<string, State>> = {
    'YES': 2, 'MOD': 1, 'NO': 0, 'ABSENT': 0, 'y': 2, 'm': 1, 'n': 0,
    '!YES': 0, '!MOD': 1, '!NO': 2, '!ABSENT': 2,
    'YES && MOD': 1, 'MOD || NO': 1, 'YES && !NO': 2, 'NO || MOD && YES': 1, '(NO || YES) && YES': 2, '!(YES && NO)': 2,
    'm || (YES != y)': 1, 'YES = y': 2, 'YES != y': 0, 'ABSENT = n': 2, 'ABSENT != y': 2,
    'TEXT != ""': 2, 'EMPTY != ""': 0, 'TEXT = "ttyS0"': 2, 'NUMBER >= 9': 2, 'NUMBER < 9': 0, 'NUMBER = 64': 2,
    'YES&&!NO': 2, 'PACKAGE_rc.cloud || YES': 2,
  }
  for (const [text, state] of Object.entries(states)) t.is(evaluate(parse(text), config), state, text)
})

test('only what stands in the way of a condition is told', (t) => {
  const standing = (text: string, least?: 1 | 2): string[] => unmet(parse(text), config, least).map(printExpression)
  t.deepEqual(standing('YES && NO && (ABSENT || NO) && MOD'), ['NO', 'ABSENT || NO'])
  t.deepEqual(standing('YES && MOD', 2), ['MOD'])
  t.deepEqual(standing('YES || NO'), [])
  t.deepEqual(standing('!YES && TEXT = ""'), ['!YES', 'TEXT = ""'])
})

test('an expression is printed as it was meant', (t) => {
  for (const text of ['A && (B || C)', '!(A && B)', 'A || B || C', 'A && B && C', 'A != "x y"', '(A = B) && C']) t.is(printExpression(parse(text)), text)
})

test('what is no expression is none', (t) => {
  for (const text of ['', 'A &&', '&& A', '(A', 'A)', 'A B', '$(shell, true)', '!']) t.is(parseExpression(text), undefined, text)
})
