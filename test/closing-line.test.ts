import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../pipeline/base/package-root.ts'

/** What scripts/test prints last, and its exit code, for what ava printed. */
function closing(tap: string): {last: string | undefined; code: number | null} {
  const {stdout, status} = spawnSync('awk', ['-v', 'for_people=1', '-v', 'color=0', '-f', join(packageRoot, 'scripts', 'tap.awk')], {input: tap, encoding: 'utf8'})
  return {last: stdout.trimEnd().split('\n').at(-1), code: status}
}

const good = 'TAP version 13\nok 1 - a\nok 2 - b\n\n1..2\n# tests 2\n# pass 2\n# fail 0\n\n'
const bad = 'TAP version 13\nok 1 - a\nnot ok 2 - b\n  ---\n    message: 5 failed\n  ...\nok 3 - c # SKIP\n\n1..3\n# tests 3\n# pass 1\n# skip 1\n# fail 1\n\n'

const runs: readonly (readonly [title: string, tap: string, last: string, code: number])[] = [
  ['all is well', `${good}ava ended with 0\n`, '2 passed, 0 failed', 0],
  ['a test failed', `${bad}ava ended with 1\n`, '1 passed, 1 failed, 1 skipped', 1],
  ['ava fell over behind its tests', `${good}ava ended with 1\n`, '2 passed, 1 failed', 1],
  ['ava fell over at once', 'ava ended with 1\n', '0 passed, 1 failed', 1],
  ['ava was killed in the middle of a line', 'TAP version 13\nok 1 - aava ended with 137\n', '0 passed, 1 failed', 1],
  ['the shell was killed', good, '2 passed, 1 failed', 1],
  ['failures that ava forgave', `${bad}ava ended with 0\n`, '1 passed, 1 failed, 1 skipped', 1],
]

for (const [title, tap, last, code] of runs) {
  test(`the closing line when ${title}`, (t) => t.deepEqual(closing(tap), {last, code}))
}

for (const CI of ['', 'true']) {
  test(`no test at all is a failure${CI === '' ? '' : ', in CI too'}`, (t) => {
    const {stdout, status} = spawnSync('sh', [join(packageRoot, 'scripts', 'test'), 'test/no-such.test.ts'], {encoding: 'utf8', env: {PATH: process.env['PATH'], HOME: process.env['HOME'], CI}})
    t.regex(stdout, /(^|\n)0 passed, 1 failed\n$/)
    t.is(status, 1)
    t.is(stdout.includes('TAP version'), CI === 'true')
  })
}
