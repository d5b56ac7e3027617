import test from 'ava'
import {compareSeries, covers, parseRelease, spanInWords} from '../../pipeline/model/release.ts'
import {versionMk} from '../helpers/tree.ts'

test('the release of a tag, a branch, main and somebody else\'s tree', (t) => {
  t.deepEqual(parseRelease(versionMk('24.10.5')), {name: '24.10.5', series: '24.10'})
  t.deepEqual(parseRelease(versionMk('24.10-SNAPSHOT')), {name: '24.10-SNAPSHOT', series: '24.10'})
  t.deepEqual(parseRelease(versionMk('17.01-SNAPSHOT')), {name: '17.01-SNAPSHOT', series: '17.01'})
  t.deepEqual(parseRelease(versionMk('SNAPSHOT')), {name: 'SNAPSHOT', series: 'main'})
  t.deepEqual(parseRelease('VERSION_NUMBER:=$(or $(call qstrip,$(CONFIG_VERSION_NUMBER)),1)\n'), {name: '1', series: 'main'})
})

test('trees from before 2017 do not say their release', (t) => {
  t.is(parseRelease(versionMk('$(REVISION)')), undefined)
  t.is(parseRelease(''), undefined)
})

test('releases have an order, and main comes last', (t) => {
  t.deepEqual(['main', '25.12', '17.01', '24.10', '21.02'].sort(compareSeries), ['17.01', '21.02', '24.10', '25.12', 'main'])
  t.true(covers({since: '21.02'}, {name: 'SNAPSHOT', series: 'main'}))
  t.true(covers({since: '21.02', until: '23.05'}, {name: '23.05.6', series: '23.05'}))
  t.false(covers({until: '23.05'}, {name: '24.10.0', series: '24.10'}))
  t.is(spanInWords({since: '21.02', until: '23.05'}), '21.02 to 23.05')
})
