import test from 'ava'
import fc from 'fast-check'
import {formatSize, parseSize} from '../../pipeline/base/size.ts'

test('a size is a number with a binary unit', (t) => {
  t.is(parseSize('256 MiB'), 268_435_456)
  t.is(parseSize('256MiB'), 268_435_456)
  t.is(parseSize('1.5 GiB'), 1_610_612_736)
  t.is(parseSize('0 B'), 0)
})

for (const text of ['', '256', '256 MB', '256 mib', '-1 MiB', '1e3 MiB', '0.3 B', '1  MiB', ' 1 MiB', '1,5 GiB', '9999999 TiB']) {
  test(`"${text}" is not a size`, (t) => t.is(parseSize(text), undefined))
}

test('a size is written with the largest unit that keeps it exact', (t) => {
  t.is(formatSize(268_435_456), '256 MiB')
  t.is(formatSize(2 ** 30 + 512), '1073742336 B')
  t.is(formatSize(0), '0 B')
})

test('what is written is read back', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.nat({max: Number.MAX_SAFE_INTEGER}), (bytes) => parseSize(formatSize(bytes)) === bytes)))
})
