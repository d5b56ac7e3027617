import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Event, Stamped} from '../../pipeline/model/event.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import {interruption, success} from '../helpers/events.ts'
import {makePlayer, type Cue, type Player} from '../helpers/player.ts'
import {noScreen, openScreen, type Screen} from '../helpers/screen.ts'
import {tempDir} from '../helpers/temp.ts'

const drawing = test.skipIf(noScreen !== undefined)

async function open(t: ExecutionContext, options: Parameters<typeof openScreen>[2] = {}): Promise<{screen: Screen; player: Player}> {
  const player = await makePlayer(t)
  return {player, screen: await openScreen(t, player.argv, options)}
}

/** Events as they would come now: the terminal shows times that run. */
function now(event: Event, stage?: string): Cue {
  return {emit: {...event, time: Date.now(), ...(stage === undefined ? {} : {stage})}}
}

function cues(events: readonly Stamped[]): Cue[] {
  return events.map((emit) => ({emit}))
}

const begin = success.slice(0, 3).map((event) => ({emit: {...event, time: Date.now()}}))
const say = (line: string): Cue => now({type: 'output', line, stream: 'stdout'}, 'build')

drawing('a success reads well when it is over', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...cues(success), {close: true})
  t.is(await screen.ended(), 0)
  t.is(await screen.text(), `
demo  2 of 4 stages to run
✔ clone               fresh: nothing changed
✔ build       46.0 s  compile the image
✔ convert      0.8 s  write the formats
- boot                skipped: no checks
warning: build: no ccache: this takes long
note: build: 3 jobs
demo is done in 47.0 s
  /p/images/demo/demo.qcow2   12.4 MiB
  /p/images/demo/SHA256SUMS      167 B
log in: with your key`.slice(1))
  t.true(await screen.cursor())
})

drawing('a running stage shows its time, the last line of its program, and a bar', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...begin, say('first'), say('\u001B[31mchecking\u001B[0m\tfor gcc\u0007'), say(''))
  await screen.sees(/ {2}› checking {2}for gcc$/m)
  await screen.sees(/^. build +\d+ s {2}compile the image \(config\.GRUB_TIMEOUT changed\)$/m)
  t.regex(await screen.text(), /^· convert +write the formats\n· boot +skip: no checks$/m)
  t.false(await screen.cursor())
  await player.play(now({type: 'progress', label: 'sources', done: 30, total: 120, unit: 'items'}, 'build'))
  await screen.sees(/ {2}› sources {2}██████░{18} {3}25 % {2}30 of 120$/m)
  await player.play(say('last'))
  await screen.sees(/ {2}› last$/m)
  t.false((await screen.text()).includes('sources'))
})

drawing('a failed stage ends the list, and the reason stands below', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...begin, now({type: 'stage-end', stage: 'build', outcome: 'failed', ms: 3000, why: ''}, 'build'))
  await player.play(now({type: 'problem', problem: new Problem('program-failed', 'make failed with exit code 2', {tail: ['no compiler'], hint: 'Install gcc.'})}), {close: true})
  t.is(await screen.ended(), 0)
  t.is(await screen.text(), `
demo  2 of 4 stages to run
✔ clone               fresh: nothing changed
✖ build        3.0 s  failed
· convert             write the formats
· boot                skip: no checks
error: make failed with exit code 2
  | no compiler
  hint: Install gcc.`.slice(1))
  t.true(await screen.cursor())
})

drawing('an interruption is said, and is no error', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...cues(interruption), {close: true})
  await screen.ended()
  t.regex(await screen.text(), /^✖ build {7}46\.0 s {2}interrupted\n[^]*\ninterrupted in build$/m)
})

drawing('Ctrl-C is left to whoever runs the stages', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...begin, say('working'))
  await screen.sees(/› working/)
  await screen.press('C-c')
  await screen.sees(/› heard Ctrl-C/)
  await player.play(say('cleaning up'))
  await screen.sees(/› cleaning up/)
  await player.play(...cues(interruption.slice(-2)), {close: true})
  t.is(await screen.ended(), 0)
  t.regex(await screen.text(), /^✖ build.*interrupted$/m)
})

drawing('a list that nobody ends is given up when the reporter closes', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...begin.slice(0, 1), {close: true})
  await screen.ended()
  t.regex(await screen.text(), /^- clone.*\n- build.*\n- convert.*\n- boot/m)
})

drawing('40 columns hold every line', async (t) => {
  const {screen, player} = await open(t, {columns: 40})
  await player.play(...begin, say(`${'日本語'.repeat(20)}\t${'x'.repeat(500)}`))
  await screen.sees(/ {2}› 日本語.*…$/m)
  t.regex(await screen.text(), /^demo.*\n✔ clone {15}fresh: nothing …\n. build +\d+ s {2}compile the ima…\n {2}› (日本語)+日?…\n· convert.*\n· boot/)
  await player.play(now({type: 'progress', label: 'sources', done: 30, total: 120, unit: 'items'}, 'build'))
  await screen.sees(/ {2}› sources {2}█+░+ {3}25 %/m)
  for (const line of (await screen.text()).split('\n')) t.true(line.length <= 40, line)
})

drawing('a terminal that becomes narrower, wider or low keeps one list, whole, at the end', async (t) => {
  const {screen, player} = await open(t, {columns: 100})
  await player.play(...begin, say('x'.repeat(300)))
  await screen.sees(/x{80}…$/m)
  await screen.resize(45, 24)
  await screen.sees(/^ {2}› x{20,38}…$/m)
  t.regex(await screen.visible(), /^✔ clone.*\n. build.*\n {2}› x+…\n· convert.*\n· boot.*$/)
  await screen.resize(120, 4)
  await screen.sees(/x{100}…$/m)
  await screen.resize(80, 24)
  await player.play(...cues(success.slice(-8)), {close: true})
  await screen.ended()
  t.regex(await screen.text(), /\n✔ clone.*\n✔ build.*\n✔ convert.*\n- boot.*\ndemo is done in 47\.0 s\n {2}\/p\/images.*\n {2}\/p\/images.*\nlog in: with your key$/)
})

drawing('NO_COLOR takes colours away and nothing else', async (t) => {
  const texts = await Promise.all(['', '1'].map(async (value) => {
    const {screen, player} = await open(t, {env: value === '' ? {} : {NO_COLOR: value}})
    await player.play(...cues(success), {close: true})
    await screen.ended()
    return {text: await screen.text(), colored: await screen.colored()}
  }))
  const [plain, without] = [texts[0], texts[1]]
  t.is(plain?.text, without?.text)
  t.true(plain?.colored.includes('\u001B['))
  t.false(without?.colored.includes('\u001B['))
})

drawing('what goes into a pipe is only the results', async (t) => {
  const file = join(await tempDir(t), 'out')
  const player = await makePlayer(t)
  const screen = await openScreen(t, ['sh', '-c', 'out=$1; shift; "$@" > "$out"', 'sh', file, ...player.argv])
  await player.play(...cues(success), {close: true})
  await screen.ended()
  t.is(await readFile(file, 'utf8'), '/p/images/demo/demo.qcow2\n/p/images/demo/SHA256SUMS\n')
  t.regex(await screen.text(), /^✔ build/m)
})

drawing('a process that ends in the middle gives the cursor back', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...begin, say('working'))
  await screen.sees(/› working/)
  t.false(await screen.cursor())
  await player.play({exit: 3})
  t.is(await screen.ended(), 3)
  t.true(await screen.cursor())
})

drawing('no secret is drawn', async (t) => {
  const {screen, player} = await open(t)
  await player.play(...begin, say('the password is hunter22'))
  await screen.sees(/the password is/)
  t.regex(await screen.text(), /› the password is \*\*\*$/m)
})
