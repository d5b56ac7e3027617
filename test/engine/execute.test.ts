import {mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {execute, makePlan, type Range} from '../../pipeline/engine/execute.ts'
import type {Executor} from '../../pipeline/engine/executor.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import type {Inputs, Stage} from '../../pipeline/model/stage.ts'
import type {Workspace} from '../../pipeline/model/workspace.ts'
import {makeRecipe, makeWorkspace} from '../helpers/recipe.ts'
import {tempDir} from '../helpers/temp.ts'

/** Two stages that copy a text: `first` writes its length, `second` what `first` wrote. */
interface Bench {
  readonly workspace: Workspace
  readonly source: string
  readonly ran: string[]
  run(range?: Range): Promise<string[]>
  decisions(range?: Range): Promise<string[]>
  inputs: Inputs
  fail: boolean
}

async function bench(t: ExecutionContext): Promise<Bench> {
  const folder = await tempDir(t)
  const recipe = makeRecipe()
  const workspace = makeWorkspace(folder, recipe)
  const source = join(folder, 'source.txt')
  await writeFile(source, 'one')
  const output = (name: string): string => join(workspace.root, `${name}.out`)
  const stage = (name: string, needs: string[], make: () => Promise<string>): Stage => ({
    name, does: `makes ${name}`, needs, version: 1,
    inputs: () => (name === 'first' ? self.inputs : {}),
    outputs: () => [output(name)],
    run: async () => { await write(output(name), await make()) },
  })
  const stages = [
    stage('first', [], async () => String((await readFile(source)).length)),
    stage('second', ['first'], async () => `second of ${await readFile(output('first'), 'utf8')}`),
  ]
  const executor: Executor = {
    async execute(job, {signal, emit}) {
      if (self.fail && job.stage === 'second') throw new Problem('program-failed', 'no luck')
      self.ran.push(job.stage)
      await stages.find(({name}) => name === job.stage)?.run({recipe, workspace, signal, emit, run: () => Promise.reject(new Error('not here'))})
    },
  }
  const self: Bench = {
    workspace, source, ran: [], fail: false,
    inputs: {source: {$contents: source}, option: 1},
    async run(range = {}) {
      self.ran.length = 0
      await execute(stages, recipe, workspace, executor, {range, signal: new AbortController().signal, emit: () => {}})
      return [...self.ran]
    },
    async decisions(range = {}) {
      const plan = await makePlan(stages, recipe, workspace, range)
      return plan.decisions.map(({stage: name, action, why}) => `${name} ${action}: ${why}`)
    },
  }
  return self
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, text)
}

test('runs all the first time and nothing the second', async (t) => {
  const b = await bench(t)
  t.deepEqual(await b.decisions(), ['first run: first time', 'second run: after first'])
  t.deepEqual(await b.run(), ['first', 'second'])
  t.deepEqual(await b.run(), [])
  t.deepEqual(await b.decisions(), ['first fresh: nothing changed', 'second fresh: nothing changed'])
})

test('names the input that changed', async (t) => {
  const b = await bench(t)
  await b.run()
  b.inputs = {source: {$contents: b.source}, option: 2}
  t.deepEqual(await b.decisions(), ['first run: option changed', 'second run: after first'])
})

test('leaves later stages fresh when the same bytes are made again', async (t) => {
  const b = await bench(t)
  await b.run()
  await writeFile(b.source, 'two')
  t.deepEqual(await b.decisions(), ['first run: source changed', 'second run: after first'])
  t.deepEqual(await b.run(), ['first'])
  await writeFile(b.source, 'three')
  t.deepEqual(await b.run(), ['first', 'second'])
})

test('runs again when an output is gone or was changed', async (t) => {
  const b = await bench(t)
  await b.run()
  await writeFile(join(b.workspace.root, 'second.out'), 'not ours')
  t.deepEqual(await b.decisions(), ['first fresh: nothing changed', 'second run: build/test/second.out was changed by somebody else'])
  await rm(join(b.workspace.root, 'second.out'))
  t.deepEqual(await b.decisions(), ['first fresh: nothing changed', 'second run: build/test/second.out is gone'])
})

test('a stage that failed is not fresh, and says so', async (t) => {
  const b = await bench(t)
  b.fail = true
  await t.throwsAsync(b.run(), {instanceOf: Problem, message: 'no luck'})
  t.deepEqual(await b.decisions(), ['first fresh: nothing changed', 'second run: did not finish last time'])
  b.fail = false
  t.deepEqual(await b.run(), ['second'])
})

test('--until, --from and --force', async (t) => {
  const b = await bench(t)
  await t.throwsAsync(b.run({from: 'second'}), {message: '--from second leaves out first, which has never succeeded here'})
  t.deepEqual(await b.run({until: 'first'}), ['first'])
  t.deepEqual(await b.run({from: 'second'}), ['second'])
  t.deepEqual(await b.run({force: ['second']}), ['second'])
  await t.throwsAsync(b.run({until: 'third'}), {message: 'there is no stage third'})
  await t.throwsAsync(b.decisions({from: 'second', until: 'first'}), {message: '--from second lies behind --until first, which leaves nothing to do'})
})

test('a secret never stands in a stamp, and a change of it is seen', async (t) => {
  const b = await bench(t)
  const file = join(dirname(b.source), 'password')
  await writeFile(file, 'open sesame')
  b.inputs = {password: {$secret: {file}}}
  await b.run()
  const stamp = await readFile(join(b.workspace.stamps, 'first.json'), 'utf8')
  t.notRegex(stamp, /sesame/)
  t.deepEqual(await b.run(), [])
  await writeFile(file, 'open barley')
  t.deepEqual(await b.decisions(), ['first run: password changed', 'second run: after first'])
  await rm(file)
  await t.throwsAsync(b.decisions(), {instanceOf: Problem, message: /cannot be read/})
})

test('a torn stamp is no stamp', async (t) => {
  const b = await bench(t)
  await b.run()
  await writeFile(join(b.workspace.stamps, 'first.json'), '{"fingerpr')
  t.deepEqual(await b.decisions(), ['first run: first time', 'second run: after first'])
})
