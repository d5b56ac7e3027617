import {existsSync, mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {startCli} from '../helpers/cli.ts'
import {editors, key, makeBench, testWithLoop, type Bench} from '../helpers/edit-bench.ts'
import {writeTarget} from '../helpers/target.ts'

/** Mounts of an edit that lie about, and loop devices that hold one of its files. */
function leftovers({folder}: Bench): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => line.includes(folder))
}

const files = Object.fromEntries(Array.from({length: 300}, (_, index) => [`srv/${index}`, 'x'.repeat(index * 20)]))

for (const {editor, tested} of editors) {
  tested(`${editor}: interrupted at any moment, nothing is left, and the next run makes the same`, async (t) => {
    const bench = await makeBench(t, {size: 24}, {editor, password: {kind: 'locked'}, keys: [key]})
    bench.set({overlays: [bench.overlay('many', files)]})
    const {ms} = await timed(async () => { await bench.done(t) })
    const tree = bench.tree
    let before = readFileSync(bench.workspace.edited)
    for (const share of [0.05, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9]) {
      const controller = new AbortController()
      const running = bench.run(undefined, controller.signal)
      await sleep(ms * share)
      controller.abort()
      const {problems} = await running
      t.true(problems.every(({code}) => code === 'interrupted'), problems[0]?.message)
      t.deepEqual(leftovers(bench), [])
      t.false(existsSync(bench.workspace.editFolder))
      const after = readFileSync(bench.workspace.edited)
      if (problems.length > 0) t.true(after.equals(before), 'the former image stays until there is another')
      before = after
    }
    await bench.done(t)
    t.deepEqual(bench.tree, tree)
  })
}

async function timed(work: () => Promise<void>): Promise<{readonly ms: number}> {
  const began = performance.now()
  await work()
  return {ms: performance.now() - began}
}

testWithLoop('killed with an image mounted, the next run unmounts and removes what was left', async (t) => {
  const bench = await makeBench(t, {size: 24}, {})
  const {name} = bench.overlay('many', files)
  const project = join(bench.folder, 'killed')
  mkdirSync(project)
  await writeTarget(project, 'x', `extends: base\nsource: {path: /}\nimage: {root: 24 MiB}\nroot: {overlays: [-cloud, ../../overlays/${name}]}\n`)
  const args = ['edit', bench.disk.path, '-t', 'x', '-o', 'out.img', '--editor', 'loop']
  let mounted = 0
  for (let attempt = 0; attempt < 40 && mounted < 3; attempt += 1) {
    const {child, result} = startCli(args, {cwd: project})
    while (child.exitCode === null && leftovers(bench).length === 0) await sleep(2)
    child.kill('SIGKILL')
    await result
    mounted += leftovers(bench).length
  }
  t.true(mounted > 0, 'it was never killed while mounted')
  const {code, stderr} = await startCli(args, {cwd: project}).result
  t.is(code, 0, stderr)
  t.deepEqual(leftovers(bench), [])
  t.false(existsSync(join(project, '.out.img.edit')))
  t.true(existsSync(join(project, 'out.img')))
})
