import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import type {Event} from '../../pipeline/model/event.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import type {Run} from '../../pipeline/model/program.ts'
import {createRun} from '../../pipeline/tools/run.ts'
import {tempDir} from '../helpers/temp.ts'

function makeRun(log?: string): {run: Run; events: Event[]; controller: AbortController} {
  const controller = new AbortController()
  const events: Event[] = []
  const run = createRun({signal: controller.signal, emit: (event) => events.push(event), ...(log === undefined ? {} : {log})})
  return {run, events, controller}
}

test('hands over words as they are', async (t) => {
  const words = ['', ' ', "it's", '$HOME', '*', 'a\nb', '"', '\\', '`id`', '$(id)', 'ü']
  const {stdout} = await makeRun().run(['printf', '[%s]', ...words])
  t.is(stdout, words.map((word) => `[${word}]`).join(''))
})

test('gives programs little of our environment and no stdin', async (t) => {
  process.env['CLOUDWRT_TEST_LEAK'] = 'leaked'
  const {run} = makeRun()
  const {stdout} = await run(['env'], {env: {OWN: 'yes'}})
  t.notRegex(stdout, /leaked/)
  t.regex(stdout, /^OWN=yes$/m)
  t.regex(stdout, /^LC_ALL=C\.UTF-8$/m)
  t.is((await run(['cat'])).stdout, '')
  t.is((await run(['cat'], {input: 'a secret'})).stdout, 'a secret')
})

test('a failure is a Problem with the end of the output, the log and words for the code', async (t) => {
  const log = join(await tempDir(t), 'logs', 'x.log')
  const {run} = makeRun(log)
  const error = await t.throwsAsync(run(['sh', '-c', 'echo out; echo err >&2; exit 3']), {instanceOf: Problem})
  t.is(error.code, 'program-failed')
  t.is(error.message, "sh failed with exit code 3: sh -c 'echo out; echo err >&2; exit 3'")
  t.deepEqual([...error.tail].sort(), ['err', 'out'])
  t.is(error.log, log)
  t.regex(await readFile(log, 'utf8'), /^\$ sh -c .*\n(out\nerr|err\nout)\n$/)
  t.is((await run(['sh', '-c', 'exit 3'], {ok: [0, 3]})).exitCode, 3)
})

test('a program that is not there is said before anything starts', async (t) => {
  await t.throwsAsync(makeRun().run(['no-such-program']), {instanceOf: Problem, message: 'no-such-program is not installed'})
})

test('keeps the end of a long output only', async (t) => {
  const {stdout, truncated} = await makeRun().run(['seq', '1', '200000'], {keep: 1000, quiet: true})
  t.true(truncated)
  t.true(stdout.endsWith('199999\n200000\n'))
  t.true(stdout.length < 200_000)
})

test('lines come whole, also when UTF-8 is split', async (t) => {
  const lines: string[] = []
  await makeRun().run(['sh', '-c', String.raw`printf 'a\303'; sleep 0.1; printf '\244b\nlast'`], {onLine: (line) => lines.push(line)})
  t.deepEqual(lines, ['aäb', 'last'])
})

test('an abort ends the whole group, deaf children too', async (t) => {
  const folder = await tempDir(t)
  const script = join(folder, 'deaf.sh')
  await writeFile(script, `trap '' TERM\necho $$ > ${folder}/pid\nwhile :; do sleep 0.1; done\n`)
  const {run, controller} = makeRun()
  const running = run(['sh', '-c', `sh ${script} & wait`])
  await sleep(400)
  const began = performance.now()
  controller.abort()
  await t.throwsAsync(running, {instanceOf: Problem, message: 'interrupted'})
  t.true(performance.now() - began < 2000)
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'))
  await sleep(50)
  t.true(await isGone(pid))
  await t.throwsAsync(run(['true']), {message: 'interrupted'})
  t.is((await run(['echo', 'given back'], {uninterrupted: true})).stdout, 'given back\n')
})

/** Nobody may have collected it yet: a zombie is gone as well. */
async function isGone(pid: number): Promise<boolean> {
  return readFile(`/proc/${pid}/stat`, 'utf8').then((stat) => stat.includes(') Z '), () => true)
}

test('a program that takes too long is ended', async (t) => {
  const error = await t.throwsAsync(makeRun().run(['sleep', '10'], {timeout: 200}), {instanceOf: Problem})
  t.is(error.code, 'program-timeout')
})

test('a program that says nothing for too long is ended, one that speaks is not', async (t) => {
  const speaks = await makeRun().run(['sh', '-c', 'for i in 1 2 3 4; do echo $i; sleep 0.3; done'], {silence: 900})
  t.is(speaks.stdout, '1\n2\n3\n4\n')
  const error = await t.throwsAsync(makeRun().run(['sh', '-c', 'echo 1; sleep 30'], {silence: 300}), {instanceOf: Problem})
  t.is(error.code, 'program-timeout')
  t.regex(error.message, /^sh was ended when it had said nothing for 0\.3 s/)
})
