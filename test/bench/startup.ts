/** How long `cloudwrt --help` takes, against a Node that does nothing. The bar: four times. */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {median, milliseconds} from './measure.ts'

const rounds = 15
const bar = 4

function time(args: readonly string[]): number {
  return milliseconds(() => { spawnSync(process.execPath, args, {stdio: 'ignore'}) })
}

const bare: number[] = []
const help: number[] = []
for (let round = 0; round < rounds; round += 1) {
  bare.push(time(['-e', '0']))
  help.push(time([join(packageRoot, 'pipeline', 'cli.ts'), '--help']))
}
const ratio = median(help) / median(bare)
console.log(`node -e 0        ${median(bare).toFixed(0)} ms\ncloudwrt --help  ${median(help).toFixed(0)} ms\nratio            ${ratio.toFixed(2)} (bar ${bar}; medians of ${rounds})`)
process.exitCode = ratio <= bar ? 0 : 1
