import {canonicalJson, type Json} from '../base/json.ts'
import {clip, pad, plain, textWidth} from '../base/text.ts'
import type {Change, Decision, Plan} from '../model/plan.ts'
import type {Style} from './style.ts'

/** Changed inputs shown of one stage; the rest is counted. */
const mostChanges = 8

/**
 * A Plan on a page: a line a stage with what will happen and why, and under it each input that changed.
 *
 *     demo
 *       clone      fresh  nothing changed
 *       edit       run    root.password.kind changed
 *                           root.password.kind  "locked" -> "env"
 *       1 of 2 stages to run
 */
export function planText(plan: Plan, {style, width}: {readonly style: Style; readonly width: number}): string {
  const names = Math.max(0, ...plan.decisions.map(({stage}) => textWidth(stage)))
  const lines = plan.decisions.flatMap((decision) => [
    `  ${pad(decision.stage, names)}  ${actionWord(decision, style)}  ${clip(plain(decision.why), Math.max(20, width - names - 11))}`,
    ...changeLines(decision.changed, names + 13, width).map((line) => style.dim(line)),
  ])
  return [style.bold(plan.target), ...lines, `  ${toRun(plan)}`].join('\n')
}

/** `3 of 7 stages to run`. */
export function toRun({decisions}: Pick<Plan, 'decisions'>): string {
  const count = decisions.filter(({action}) => action === 'run').length
  return count === 0 ? 'nothing to do' : `${count} of ${decisions.length} stages to run`
}

function actionWord({action}: Decision, style: Style): string {
  const word = pad(action, 5)
  return action === 'run' ? style.yellow(word) : action === 'fresh' ? style.green(word) : style.dim(word)
}

function changeLines(changed: readonly Change[], indent: number, width: number): string[] {
  const shown = changed.slice(0, mostChanges).map((change) => [pathWords(change.path), `${short(change.before)} -> ${short(change.after)}`] as const)
  const paths = Math.min(40, Math.max(0, ...shown.map(([path]) => textWidth(path))))
  const lines = shown.map(([path, values]) => `${pad(path, paths)}  ${values}`)
  if (changed.length > mostChanges) lines.push(`and ${changed.length - mostChanges} more`)
  return lines.map((line) => ' '.repeat(indent) + clip(line, Math.max(20, width - indent)))
}

/** `inputs.root.keys` is `root.keys`: that a stage's own inputs lie beside those of the stages before it is the engine's matter. */
function pathWords(path: string): string {
  return plain(path.replace(/^inputs\./, ''))
}

/** A value in a few characters: hashes by their first twelve digits, all else by its beginning. */
function short(value: Json | undefined): string {
  if (value === undefined || value === null) return '(nothing)'
  if (typeof value === 'string' && /^[0-9a-f]{40,}$/.test(value)) return value.slice(0, 12)
  return clip(plain(typeof value === 'string' ? JSON.stringify(value) : canonicalJson(value)), 40)
}
