import test from 'ava'
import fc from 'fast-check'
import {ProgressGate} from '../../pipeline/base/progress-gate.ts'
import {Pace, progressBar, progressWords, type Progress} from '../../pipeline/base/progress.ts'
import {textWidth} from '../../pipeline/base/text.ts'

const MiB = 2 ** 20
const download: Progress = {label: 'linux.tar.xz', done: 48 * MiB, total: 100 * MiB, unit: 'bytes'}

test('a bar drops what there is no room for', (t) => {
  const bars = [100, 72, 60, 40, 30, 20].map((width) => progressBar(download, 2 * MiB, width))
  t.deepEqual(bars, [
    'linux.tar.xz  ████████████░░░░░░░░░░░░   48 %  26 s left  2.0 MiB/s  48.0 MiB of 100 MiB',
    'linux.tar.xz  ████░░░░   48 %  26 s left  2.0 MiB/s  48.0 MiB of 100 MiB',
    'linux.tar.xz  ████████░░░░░░░░░   48 %  26 s left  2.0 MiB/s',
    'linux.tar.xz  ████░░░░   48 %  26 s left',
    'linux.tar.xz  ████░░░░░   48 %',
    'linux.tar.xz   48 %',
  ])
})

test('a bar never takes more than its columns', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.nat({max: 200}), fc.nat({max: 200}), fc.nat({max: 120}), (done, total, width) => textWidth(progressBar({...download, done, total}, 3, width)) <= width)))
})

test('without a total there is no bar', (t) => {
  t.is(progressBar({label: 'packages.git', done: 1234, unit: 'items'}, undefined, 60), 'packages.git  1234')
  t.is(progressWords({label: 'packages.git', done: 5 * MiB, unit: 'bytes'}, MiB), 'packages.git: 5.0 MiB, 1.0 MiB/s')
})

test('words say the same as a bar', (t) => {
  t.is(progressWords(download, 2 * MiB), 'linux.tar.xz: 48 % (48.0 MiB of 100 MiB, 2.0 MiB/s, 26 s left)')
  t.is(progressWords({label: 'packages', done: 12, total: 48, unit: 'items'}, undefined), 'packages: 25 % (12 of 48)')
})

test('pace is that of the last seconds, and begins anew with another label', (t) => {
  const pace = new Pace()
  const at = (label: string, done: number, second: number): void => pace.add({label, done, unit: 'bytes'}, second * 1000)
  at('a', 0, 0)
  t.is(pace.perSecond, undefined)
  at('a', 1000, 1)
  t.is(pace.perSecond, 1000)
  for (let second = 2; second <= 20; second += 1) at('a', 1000, second)
  t.is(pace.perSecond, 0)
  at('b', 5000, 21)
  t.is(pace.perSecond, undefined)
  at('b', 9000, 23)
  t.is(pace.perSecond, 2000)
})

test('a gate lets the first through, then by time or by share', (t) => {
  const gate = new ProgressGate({every: 10_000, step: 0.1})
  const passed = (done: number, second: number): boolean => gate.lets({label: 'x', done, total: 100, unit: 'items'}, second * 1000)
  t.deepEqual([passed(0, 0), passed(20, 0.5), passed(20, 1), passed(25, 5), passed(26, 10.9), passed(26, 11)], [true, false, true, false, false, true])
  t.true(gate.lets({label: 'y', done: 0, total: 100, unit: 'items'}, 11_001))
})
