import type {Command} from 'commander'
import type {Range} from '../engine/execute.ts'
import type {Recipe} from '../model/recipe.ts'
import {editorOption} from './edit.ts'
import type {RecipeOptions} from './recipe.ts'
import type {Report} from './reported.ts'
import type {Services} from './services.ts'

export interface BuildOptions extends Range, RecipeOptions {}

export function addBuild(program: Command, services: Services): void {
  withBuildOptions(program.command('build').description('build the image of a target, doing only what is not fresh'))
    .action(async (target: string, options: BuildOptions, command: Command) => build(target, options, command, services))
}

/** What `build` and `plan` both take. */
export function withBuildOptions(command: Command): Command {
  return command
    .argument('<target>', 'name of a target, or path of its file')
    .option('--locked', 'refuse to make or move the lock')
    .option('--until <stage>', 'stop behind this stage')
    .option('--from <stage>', 'begin with this stage; those before must have succeeded')
    .option('--force <stage...>', 'run these stages whether they are fresh or not')
    .option('--key <file...>', 'public keys that may log in as root, beside those of the target')
    .addOption(editorOption(command))
}

async function build(name: string, options: BuildOptions, command: Command, services: Services): Promise<void> {
  const [{reported}, {openRecipe, openTarget}, {Workspace}] = await Promise.all([import('./reported.ts'), import('./recipe.ts'), import('../model/workspace.ts')])
  const began = performance.now()
  const target = await openTarget(name, services)
  const {journal} = new Workspace(services.project, target.draft)
  await reported(command, {journal}, async (report) => {
    const recipe = await openRecipe(target, services, report, options)
    await runStages(recipe, options, services, report)
    report.emit({type: 'done', target: recipe.target, ms: Math.round(performance.now() - began)})
  })
}

async function runStages(recipe: Recipe, range: Range, services: Services, report: Report): Promise<void> {
  const [{execute}, {createLocalExecutor}, {holdWorkspace}, {stages}, {createRun}, {endOrphans, runMark}, {requireSecret, withPassword}, {Workspace}] = await Promise.all([
    import('../engine/execute.ts'), import('../engine/executor.ts'), import('../engine/lock.ts'), import('../stages/index.ts'),
    import('../tools/run.ts'), import('../tools/orphans.ts'), import('./password.ts'), import('../model/workspace.ts'),
  ])
  const {project, signal, kill} = services
  const workspace = new Workspace(project, recipe)
  await using _held = await holdWorkspace(workspace, {holder: `cloudwrt build ${recipe.target}`, signal, endOrphans})
  const asked = await withPassword(recipe, report, signal)
  const executor = createLocalExecutor(stages, ({workspace: mark, ...binding}) => createRun({...binding, kill, env: {[runMark]: mark}}))
  const plan = await execute(stages, asked, workspace, executor, {
    range, signal, emit: report.emit,
    // what would fail hours later is looked at before the first byte is fetched
    onPlan: async ({decisions}) => {
      const runs = (name: string): boolean => decisions.some(({stage, action}) => stage === name && action === 'run')
      if (runs('edit')) await requireSecret(asked)
      if (!runs('build')) return
      const {checkHost, requireFit} = await import('../stages/host/host.ts')
      requireFit(await checkHost(asked, workspace, createRun({signal, kill, emit: () => {}})))
    },
  })
  if (plan.decisions.some(({stage, action}) => stage === 'convert' && action !== 'skip')) {
    const {tellImages} = await import('./images.ts')
    await tellImages(asked, workspace, report)
  }
}
