import type {Command} from 'commander'
import type {LoadedTarget} from '../config/load-target.ts'
import type {Lock} from '../model/lock.ts'
import type {Report} from './reported.ts'
import type {Services} from './services.ts'

interface LockOptions {
  /** true: all of it. Else the names: `source`, or a feed's. */
  readonly update?: true | readonly string[]
}

export function addLock(program: Command, services: Services): void {
  program
    .command('lock')
    .description('find the commits that the refs of a target stand for, and keep them in its lock')
    .argument('[target...]', 'names of targets, or paths of their files; without one, all of the project')
    .option('--update [name...]', 'move to what the refs stand for today: everything, or what is named: source, or feeds')
    .addHelpText('after', '\nWithout --update only what is not locked yet is looked up. What moved is shown with the commits between.')
    .action(async (targets: readonly string[], options: LockOptions, command: Command) => lockAll(targets, options, command, services))
}

async function lockAll(names: readonly string[], {update}: LockOptions, command: Command, services: Services): Promise<void> {
  const [{reported}, {openTarget}] = await Promise.all([import('./reported.ts'), import('./recipe.ts')])
  await reported(command, {}, async (report) => {
    const targets = names.length > 0 ? await Promise.all(names.map((name) => openTarget(name, services))) : await ownTargets(services)
    for (const target of targets) {
      if (targets.length > 1) report.emit({type: 'note', text: `${target.draft.target}:`})
      const {written, lock} = await refresh(target, services, report, update)
      if (!written) report.emit({type: 'note', text: pinsNothing(lock) ? 'nothing to lock: it is made of folders only' : 'everything is locked already, and where it was'})
    }
  })
}

/** Every target of the project's own; what only others extend need not be whole, and pins nothing. */
async function ownTargets(services: Services): Promise<readonly LoadedTarget[]> {
  const [{targetNames}, {openTarget}, {Problem}] = await Promise.all([import('../config/project-files.ts'), import('./recipe.ts'), import('../model/problem.ts')])
  const {root} = services.project
  const names = await targetNames({project: root, package: root})
  if (names.length === 0) throw new Problem('usage', `${root} has no targets of its own: say which one is meant`, {hint: 'cloudwrt lock x86-64'})
  const opened = await Promise.allSettled(names.map((name) => openTarget(name, services)))
  const targets = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const parents = new Set(targets.flatMap(({chain}) => chain.slice(1)))
  for (const [index, result] of opened.entries()) {
    if (result.status === 'rejected' && !parents.has(`targets/${names[index]}.yaml`)) throw result.reason
  }
  return targets
}

/** Makes the lock of a target, or brings it up to date: what it pins already stays. Tells what is new. */
export async function lockTarget(target: LoadedTarget, services: Services, report: Report): Promise<Lock> {
  return (await refresh(target, services, report, [])).lock
}

interface Refreshed {
  readonly lock: Lock
  /** A lock that is as it was, or would pin nothing, is not written. */
  readonly written: boolean
}

async function refresh(target: LoadedTarget, services: Services, report: Report, update: LockOptions['update'] = []): Promise<Refreshed> {
  const [{readLock, writeLock}, {resolveLock}, {movesBetween, tellMove}, {createRun}, {canonicalJson}, {Workspace}] = await Promise.all([
    import('../config/lock-file.ts'), import('./resolve-lock.ts'), import('./lock-moves.ts'), import('../tools/run.ts'), import('../base/json.ts'), import('../model/workspace.ts'),
  ])
  const {draft} = target
  const {project, signal, kill} = services
  const run = createRun({signal, kill, emit: report.emit})
  const fetching = {run, emit: report.emit, signal, cache: new Workspace(project, draft).gitCache, holder: `cloudwrt lock ${draft.target}`}
  const before = (await readLock(target))?.lock
  const lock = await resolveLock(fetching, draft, before, update)
  if (before === undefined ? pinsNothing(lock) : canonicalJson(before) === canonicalJson(lock)) return {lock, written: false}
  for (const move of await movesBetween(fetching, draft, before, lock)) tellMove(move, report.emit)
  report.emit({type: 'note', text: `wrote ${await writeLock(target, lock)}`})
  return {lock, written: true}
}

function pinsNothing({source, feeds}: Lock): boolean {
  return source === undefined && Object.keys(feeds).length === 0
}
