import test from 'ava'
import {formatDuration, formatSeconds} from '../../pipeline/base/duration.ts'

const durations = new Map([[0, '0 ms'], [12.4, '12 ms'], [100, '0.1 s'], [41_249, '41.2 s'], [59_949, '59.9 s'], [59_950, '1 min 00 s'], [72_000, '1 min 12 s'], [3_599_600, '1 h 00 min'], [7_500_000, '2 h 05 min']])

for (const [ms, text] of durations) {
  test(`${ms} ms are ${text}`, (t) => t.is(formatDuration(ms), text))
}

test('what is redrawn comes in whole seconds', (t) => {
  t.is(formatSeconds(0), '0 s')
  t.is(formatSeconds(59_400), '59 s')
  t.is(formatSeconds(59_600), '1 min 00 s')
})
