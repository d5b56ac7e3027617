import {Option, type Command} from 'commander'
import {packageRoot} from '../base/package-root.ts'
import {pad} from '../base/text.ts'
import type {HostCheck} from '../model/host-check.ts'
import {undertakings, type Purpose} from '../model/prerequisites.ts'
import type {Run} from '../model/program.ts'
import {createStyle} from '../report/style.ts'
import {globalOptions, type Services} from './services.ts'
import {Told} from './told.ts'

type Undertaking = keyof typeof undertakings

interface DoctorOptions {
  readonly for?: Undertaking
  readonly install?: true
}

export function addDoctor(program: Command, services: Services): void {
  program
    .command('doctor')
    .description('look whether this machine has all it takes, and install what is missing')
    .argument('[target]', 'the target that is to be built; without one, all that any target takes')
    .addOption(new Option('--for <what>', 'look at what this takes instead').choices(Object.keys(undertakings)))
    .option('--install', "install what is missing by Debian's apt-get, as root or by sudo")
    .action(async (target: string | undefined, options: DoctorOptions, command: Command) => {
      await doctor(target, options, services, command)
    })
}

async function doctor(target: string | undefined, options: DoctorOptions, services: Services, command: Command): Promise<void> {
  const {createRun} = await import('../tools/run.ts')
  const look = async (run: Run): Promise<HostCheck[]> => checksFor(target, options.for, services, run)
  let checks = await look(createRun({signal: services.signal, emit: () => {}}))
  if (options.install === true && checks.some(isInstallable)) {
    const {reported} = await import('./reported.ts')
    await reported(command, {}, async ({emit}) => {
      const run = createRun({signal: services.signal, emit})
      await installMissing(checks, run)
      checks = await look(run)
    })
  }
  const fit = checks.every(({ok}) => ok)
  const {json, color, quiet} = globalOptions(command)
  if (json) process.stdout.write(`${JSON.stringify({fit, install: await lineFor(checks), checks})}\n`)
  else process.stdout.write(await report(checks, {color: color && process.stdout.isTTY, brief: quiet || (fit && options.install === true)}))
  if (!fit) throw new Told(1, undefined)
}

async function checksFor(target: string | undefined, undertaking: Undertaking | undefined, {project}: Services, run: Run): Promise<HostCheck[]> {
  const {checkPrograms} = await import('../stages/host/programs.ts')
  if (undertaking !== undefined) return checkPrograms(undertakings[undertaking], run)
  if (target === undefined) return checkPrograms(everyTarget, run)
  const [{loadTarget}, {Workspace}, {checkHost}] = await Promise.all([import('../config/load-target.ts'), import('../model/workspace.ts'), import('../stages/host/host.ts')])
  const {draft} = await loadTarget(target, {project: project.root, package: packageRoot})
  return checkHost(draft, new Workspace(project, draft), run)
}

const everyTarget: readonly Purpose[] = [...undertakings.openwrt, ...undertakings.demo]

async function installMissing(checks: readonly HostCheck[], run: Run): Promise<void> {
  const [{Problem}, {findProgram}, {install, rootPrefix}, {mendingLine, missingPackages}] = await Promise.all([
    import('../model/problem.ts'), import('../tools/run.ts'), import('../tools/apt.ts'), import('../stages/host/programs.ts'),
  ])
  const line = mendingLine(checks) ?? ''
  if (findProgram('apt-get') === undefined) throw new Problem('host-unfit', 'there is no apt-get: this is not Debian', {hint: `On Debian it would be: ${line}`})
  const prefix = await rootPrefix(run)
  if (prefix === undefined) throw new Problem('host-unfit', 'installing takes root, and sudo does not give it without a password', {hint: `Type: ${line}`})
  await install(run, prefix, missingPackages(checks))
}

function isInstallable({ok, package: name}: HostCheck): boolean {
  return !ok && name !== undefined
}

async function lineFor(checks: readonly HostCheck[]): Promise<string | undefined> {
  const {mendingLine} = await import('../stages/host/programs.ts')
  return mendingLine(checks)
}

/** A line a check, those that will not do with what to do about them, and the one command that mends what can be installed. */
async function report(checks: readonly HostCheck[], {color, brief}: {readonly color: boolean; readonly brief: boolean}): Promise<string> {
  const style = createStyle(color)
  const width = Math.max(...checks.map(({name}) => name.length))
  const lines = checks.filter(({ok}) => !ok || !brief).flatMap(({name, ok, says, hint}) => [
    `${ok ? style.green('✓') : style.red('✗')} ${pad(name, width)}  ${says}`,
    ...(hint === undefined ? [] : [`  ${pad('', width)}  ${hint}`]),
  ])
  const install = await lineFor(checks)
  const last = install !== undefined ? ['', 'To install what is missing:', `  ${install}`] : checks.every(({ok}) => ok) ? ['everything is there'] : []
  return `${[...lines, ...last].join('\n')}\n`
}
