import test from 'ava'
import {chooseReport, type Choice, type ReportFlags} from '../../pipeline/report/choice.ts'

const screen = {isTTY: true}
const pipe = {}
const plainly: Choice = {mode: 'lines', quiet: false, verbose: false, color: false, ci: undefined}

const cases: readonly (readonly [string, ReportFlags, Record<string, string>, {isTTY?: boolean}, Partial<Choice>])[] = [
  ['a terminal is drawn on', {}, {TERM: 'xterm'}, screen, {mode: 'terminal', color: true}],
  ['a pipe gets lines', {}, {TERM: 'xterm'}, pipe, {}],
  ['CI gets lines on a terminal too', {}, {CI: 'true'}, screen, {color: true}],
  ['CI=false is no CI', {}, {CI: 'false'}, screen, {mode: 'terminal', color: true}],
  ['a dumb terminal gets lines', {}, {TERM: 'dumb'}, screen, {}],
  ['--json is JSON wherever it goes', {json: true}, {}, screen, {mode: 'json', color: true}],
  ['--verbose cannot be redrawn', {verbose: true}, {}, screen, {verbose: true, color: true}],
  ['--quiet draws nothing', {quiet: true}, {}, screen, {quiet: true, color: true}],
  ['NO_COLOR is heard', {}, {NO_COLOR: '1'}, screen, {mode: 'terminal'}],
  ['an empty NO_COLOR is none', {}, {NO_COLOR: ''}, screen, {mode: 'terminal', color: true}],
  ['NO_COLOR is stronger than FORCE_COLOR', {}, {NO_COLOR: '1', FORCE_COLOR: '1'}, screen, {mode: 'terminal'}],
  ['FORCE_COLOR colours a pipe', {}, {FORCE_COLOR: '1'}, pipe, {color: true}],
  ['--no-color is stronger than FORCE_COLOR', {color: false}, {FORCE_COLOR: '1'}, screen, {mode: 'terminal'}],
  ['GitHub is known', {}, {CI: 'true', GITHUB_ACTIONS: 'true'}, pipe, {ci: 'github'}],
  ['GitLab is known', {}, {CI: 'true', GITLAB_CI: 'true'}, pipe, {ci: 'gitlab'}],
]

for (const [title, flags, env, stream, expected] of cases) {
  test(title, (t) => t.deepEqual(chooseReport(flags, env, stream), {...plainly, ...expected}))
}
