import type {Command} from 'commander'
import type {BuildOptions} from './build.ts'
import {withBuildOptions} from './build.ts'
import {globalOptions, type Services} from './services.ts'

export function addPlan(program: Command, services: Services): void {
  withBuildOptions(program.command('plan').description('say what `build` would do with each stage, and why'))
    .action(async (target: string, options: BuildOptions, command: Command) => plan(target, options, command, services))
}

async function plan(name: string, options: BuildOptions, command: Command, services: Services): Promise<void> {
  const [{makePlan}, {stages}, {openRecipe, openTarget}, {withPassword}, {Workspace}, {planText}, {createStyle}] = await Promise.all([
    import('../engine/execute.ts'), import('../stages/index.ts'), import('./recipe.ts'), import('./password.ts'), import('../model/workspace.ts'),
    import('../report/plan.ts'), import('../report/style.ts'),
  ])
  // a plan changes nothing, the lock neither
  const recipe = await openRecipe(await openTarget(name, services), services, {emit: () => {}, hide: () => {}}, {...options, locked: true})
  const asked = await withPassword(recipe, {hide: () => {}}, services.signal)
  const made = await makePlan(stages, asked, new Workspace(services.project, recipe), options)
  const {json, color} = globalOptions(command)
  if (json) process.stdout.write(`${JSON.stringify(made)}\n`)
  else process.stdout.write(`${planText(made, {style: createStyle(color && process.stdout.isTTY), width: process.stdout.columns ?? 100})}\n`)
}
