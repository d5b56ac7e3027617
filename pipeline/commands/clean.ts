import {rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Command} from 'commander'
import type {Project} from '../model/workspace.ts'
import type {Services} from './services.ts'

/** What can be removed, from what is made again in a second to what takes hours. */
const layers = {
  edit: 'the edited image: about a second',
  build: 'the workspace with its tree and all that was built in it: hours',
  images: 'the finished images with their manifest and journal',
  downloads: 'source archives and packages, of all targets',
  git: 'git repositories, of all targets',
  ccache: 'compiled objects, of all targets',
} as const

type Layer = keyof typeof layers

export function addClean(program: Command, services: Services): void {
  program
    .command('clean')
    .description('remove what was made, by layer; what is kept stays usable')
    .argument('[target]', 'the target whose layers are meant; not for downloads, git, ccache')
    .requiredOption('--layer <layer...>', `what to remove: ${Object.keys(layers).join(', ')}`)
    .addHelpText('after', `\nLayers:\n${Object.entries(layers).map(([name, what]) => `  ${name.padEnd(10)} ${what}`).join('\n')}`)
    .action(async (target: string | undefined, options: {readonly layer: readonly string[]}) => clean(target, options.layer, services))
}

async function clean(target: string | undefined, asked: readonly string[], {project, signal}: Services): Promise<void> {
  const [{Problem}, {namePattern}, {isThere}] = await Promise.all([import('../model/problem.ts'), import('../model/grammar.ts'), import('../base/if-there.ts')])
  for (const name of asked) {
    if (!(name in layers)) throw new Problem('usage', `there is no layer ${name}`, {hint: `The layers are: ${Object.keys(layers).join(', ')}.`})
  }
  const paths = (asked as readonly Layer[]).flatMap((layer) => pathsOf(layer, target, project))
  if (target === undefined ? paths.some(({target: needed}) => needed) : !namePattern.test(target)) {
    const what = target === undefined ? 'these layers belong to a target: say which' : `"${target}" is not the name of a target`
    throw new Problem('usage', what, {hint: `cloudwrt clean TARGET --layer ${asked.join(' ')}`})
  }
  const there = []
  for (const {path} of paths) if (await isThere(path)) there.push(path)
  if (there.length === 0) return
  await using _held = await holdFor(target, {project, signal})
  for (const path of there) {
    await rm(path, {recursive: true, force: true})
    process.stdout.write(`${path}\n`)
  }
}

/** Nobody may be building in what goes away. */
async function holdFor(target: string | undefined, {project, signal}: Pick<Services, 'project' | 'signal'>): Promise<AsyncDisposable | undefined> {
  if (target === undefined) return undefined
  const [{holdWorkspace}, {Workspace}, {endOrphans}] = await Promise.all([import('../engine/lock.ts'), import('../model/workspace.ts'), import('../tools/orphans.ts')])
  const workspace = new Workspace(project, {target, source: {kind: 'path', path: ''}})
  return holdWorkspace(workspace, {holder: `cloudwrt clean ${target}`, signal, endOrphans})
}

/** A tree of the user's own lies outside the workspace and is never touched. */
function pathsOf(layer: Layer, target: string | undefined, project: Project): {path: string; target: boolean}[] {
  const build = join(project.root, 'build', target ?? '')
  switch (layer) {
    case 'edit': return ['edited.img', 'edited.json', 'unpacked', 'stamps/edit.json', 'stamps/convert.json'].map((name) => ({path: join(build, name), target: true}))
    case 'build': return [{path: build, target: true}]
    case 'images': return [{path: join(project.root, 'images', target ?? ''), target: true}]
    case 'downloads': return [{path: join(project.cache, 'dl'), target: false}]
    case 'git': return [{path: join(project.cache, 'git'), target: false}]
    case 'ccache': return [{path: join(project.cache, 'ccache'), target: false}]
  }
}
