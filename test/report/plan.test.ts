import test from 'ava'
import type {Plan} from '../../pipeline/model/plan.ts'
import {planText} from '../../pipeline/report/plan.ts'
import {createStyle} from '../../pipeline/report/style.ts'

const look = {style: createStyle(false), width: 100}

const plan: Plan = {
  target: 'x86-64',
  decisions: [
    {stage: 'clone', does: 'bring OpenWrt', action: 'run', why: 'inputs.commit changed', changed: [{path: 'inputs.commit', before: 'a'.repeat(40), after: 'b'.repeat(40)}]},
    {stage: 'configure', does: 'configure', action: 'run', why: 'after clone', changed: [
      {path: 'inputs.config.GRUB_TIMEOUT', before: 5, after: '0'},
      {path: 'inputs.packages', after: ['luci', '\u001B[31mred']},
      {path: 'needs.feeds', before: 'x'.repeat(100)},
    ]},
    {stage: 'build', does: 'build', action: 'fresh', why: 'nothing changed', changed: []},
    {stage: 'boot', does: 'boot', action: 'skip', why: 'behind --until build', changed: []},
  ],
}

test('a plan is a line a stage, and under it what changed', (t) => {
  t.is(planText(plan, look), `x86-64
  clone      run    inputs.commit changed
                      commit  aaaaaaaaaaaa -> bbbbbbbbbbbb
  configure  run    after clone
                      config.GRUB_TIMEOUT  5 -> "0"
                      packages             (nothing) -> ["luci","\\u001b[31mred"]
                      needs.feeds          "${'x'.repeat(38)}… -> (nothing)
  build      fresh  nothing changed
  boot       skip   behind --until build
  2 of 4 stages to run`)
})

test('a plan with nothing to run says so', (t) => {
  t.true(planText({target: 'x', decisions: plan.decisions.slice(2)}, look).endsWith('\n  nothing to do'))
})

test('many changes are counted', (t) => {
  const changed = Array.from({length: 12}, (_, index) => ({path: `inputs.config.S${index}`, before: false, after: true}))
  const text = planText({target: 'x', decisions: [{stage: 'configure', does: '', action: 'run', why: 'much', changed}]}, look)
  t.is(text.match(/false -> true/g)?.length, 8)
  t.regex(text, /^ +and 4 more$/m)
})

test('no line is wider than the terminal', (t) => {
  for (const line of planText(plan, {...look, width: 60}).split('\n')) t.true(line.length <= 60, line)
})
