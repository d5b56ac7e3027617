import test from 'ava'
import {compareConfig, configLine, configValue, parseConfig, unquote} from '../../pipeline/model/kconfig.ts'

test('a .config is read line by line, and written the same', (t) => {
  const lines = ['CONFIG_A=y', '# CONFIG_B is not set', 'CONFIG_PACKAGE_rc.cloud=m', 'CONFIG_TEXT="a \\"b\\" = c"', 'CONFIG_SIZE=512', 'CONFIG_HEX=0x1f', 'CONFIG_EMPTY=""']
  const config = parseConfig(['#', '# Automatically generated file; DO NOT EDIT.', ...lines, ''].join('\n'))
  t.deepEqual([...config], [['A', 'y'], ['B', 'n'], ['PACKAGE_rc.cloud', 'm'], ['TEXT', '"a \\"b\\" = c"'], ['SIZE', '512'], ['HEX', '0x1f'], ['EMPTY', '""']])
  t.deepEqual([...config].map(([symbol, value]) => configLine(symbol, value)), lines)
  t.is(unquote(config.get('TEXT') ?? ''), 'a "b" = c')
})

test('a value takes the quotes of its type, not those of YAML', (t) => {
  t.is(configValue('512', 'int'), '512')
  t.is(configValue(512, 'int'), '512')
  t.is(configValue(5, 'string'), '"5"')
  t.is(configValue('a "b" \\', 'string'), '"a \\"b\\" \\\\"')
  t.is(configValue(16, 'hex'), '0x10')
  t.is(configValue('0xFF', 'hex'), '0xFF')
  t.is(configValue(true, 'bool'), 'y')
  t.is(configValue('m', 'tristate'), 'm')
  t.is(configValue(false, 'tristate'), 'n')
})

test('a value that does not fit its type is none', (t) => {
  for (const [value, type] of [['half', 'int'], [1.5, 'int'], ['m', 'bool'], [1, 'bool'], ['maybe', 'tristate'], [true, 'string'], ['xyz', 'hex'], ['a\nCONFIG_B=y', 'string']] as const) {
    t.is(configValue(value, type), undefined, `${JSON.stringify(value)} as ${type}`)
  }
})

test('the type of a symbol that nobody declares is guessed', (t) => {
  t.deepEqual([true, 7, 'm', 'ttyS0'].map((value) => configValue(value, undefined)), ['y', '7', 'm', '"ttyS0"'])
})

test('what was asked for and did not come is a loss; off and absent are the same', (t) => {
  const asked = new Map([['KEPT', 'y'], ['GONE', 'y'], ['OFF', 'n'], ['STAYS', 'n'], ['OTHER', '5'], ['MODULE', 'm']])
  const got = new Map([['KEPT', 'y'], ['STAYS', 'y'], ['OTHER', '6'], ['MODULE', 'y']])
  t.deepEqual(compareConfig(asked, got), [
    {symbol: 'GONE', asked: 'y', got: undefined},
    {symbol: 'STAYS', asked: 'n', got: 'y'},
    {symbol: 'OTHER', asked: '5', got: '6'},
    {symbol: 'MODULE', asked: 'm', got: 'y'},
  ])
})
