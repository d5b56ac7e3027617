import type {Command} from 'commander'
import {pad, textWidth} from '../base/text.ts'
import type {Account, Origin, Row} from '../config/account.ts'
import type {LoadedTarget} from '../config/load-target.ts'
import type {LoadedLock} from '../config/lock-file.ts'
import type {Style} from '../report/style.ts'
import {openTarget} from './recipe.ts'
import {globalOptions, type Services} from './services.ts'

/** Columns at most that values take before the origins; a longer line pushes its origin out. */
const widest = 64

export function addShow(program: Command, services: Services): void {
  program
    .command('show')
    .description('print a target as it is understood, and the line that each value came from')
    .argument('<target>', 'the name of a target, or the path of its file')
    .action(async (target: string, _options: unknown, command: Command) => {
      const loaded = await openTarget(target, services)
      const [{readLock}, {accountOf}] = await Promise.all([import('../config/lock-file.ts'), import('../config/account.ts')])
      const lock = await readLock(loaded)
      const account = accountOf(loaded, lock)
      const {json, color} = globalOptions(command)
      process.stdout.write(json ? `${await asJson(loaded, lock, account)}\n` : await asText(loaded, account, color && process.stdout.isTTY))
      if (!json) process.stderr.write(remark(loaded, lock, account))
    })
}

/** The recipe that runs, or, without a lock that fits, all of it but the commits; and the origins by path. */
async function asJson(loaded: LoadedTarget, lock: LoadedLock | undefined, {rows, differences}: Account): Promise<string> {
  const {resolveRecipe} = await import('../config/resolve-recipe.ts')
  const locked = lock !== undefined && differences.length === 0
  const origins = rows.flatMap(({path, from}) => (from === undefined ? [] : [[pathInWords(path), typeof from === 'string' ? from : placeOf(from)]]))
  return JSON.stringify({
    files: loaded.chain, lock: lock?.file, differences, locked,
    recipe: locked ? resolveRecipe(loaded.draft, lock.lock) : loaded.draft,
    origins: Object.fromEntries(origins),
  })
}

function placeOf({file, line, column}: Exclude<Origin, string>): object {
  return {file, line, column}
}

function pathInWords(path: Row['path']): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('').replace(/^\./, '')
}

/** YAML with the origin of each value in a comment, all in one column. */
async function asText({chain}: LoadedTarget, {rows}: Account, color: boolean): Promise<string> {
  const [{createStyle}, {yamlScalar}] = await Promise.all([import('../report/style.ts'), import('../config/yaml.ts')])
  const style = createStyle(color)
  const lines = linesOf(rows, yamlScalar)
  const column = Math.max(...lines.map(({text}) => textWidth(text)).filter((width) => width <= widest))
  const printed = lines.map(({text, from}) => (from === undefined ? text : `${pad(text, column)}  ${originIn(style, from)}`))
  return [style.dim(`# ${chain.join(' < ')}`), ...printed, ''].join('\n')
}

interface Line {
  readonly text: string
  readonly from: Origin | undefined
}

/** An item that is a map begins in the line of its dash. */
function linesOf(rows: readonly Row[], scalar: (value: unknown) => string): readonly Line[] {
  const lines: Line[] = []
  let dash = ''
  for (const {path, value, from} of rows) {
    const step = path.at(-1)
    const indentation = dash === '' ? '  '.repeat(path.length - 1) : dash
    dash = ''
    if (typeof step === 'number' && value === undefined) dash = `${indentation}- `
    else lines.push({text: `${indentation}${typeof step === 'number' ? '-' : `${scalar(step)}:`}${value === undefined ? '' : ` ${scalar(value)}`}`, from})
  }
  return lines
}

function originIn(style: Style, from: Origin): string {
  if (from === 'not locked') return style.yellow('# not locked')
  return style.dim(from === 'default' ? '# default' : `# ${from.file}${from.line === undefined ? '' : `:${from.line}`}`)
}

/** What a reader should know of the lock. */
function remark({draft: {target}}: LoadedTarget, lock: LoadedLock | undefined, {differences, rows}: Account): string {
  if (differences.length > 0) return `\n${lock?.file} does not count any more:\n${differences.map(({text}) => `  ${text}\n`).join('')}Lock it: cloudwrt lock ${target}\n`
  return rows.some(({from}) => from === 'not locked') ? `\nNot locked yet: cloudwrt lock ${target}\n` : ''
}
