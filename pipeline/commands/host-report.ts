import type {Command} from 'commander'
import {loadTarget} from '../config/load-target.ts'
import {packageRoot} from '../base/package-root.ts'
import {pad} from '../base/text.ts'
import type {HostCheck} from '../model/host-check.ts'
import {Problem} from '../model/problem.ts'
import type {Run} from '../model/program.ts'
import {undertakings, type Purpose, type Undertaking} from '../model/undertakings.ts'
import {Workspace} from '../model/workspace.ts'
import {createStyle} from '../report/style.ts'
import {checkHost} from '../stages/host/host.ts'
import {checkPrograms, mendingLine, missingPackages} from '../stages/host/programs.ts'
import {install, rootPrefix} from '../tools/apt.ts'
import {createRun, findProgram} from '../tools/run.ts'
import type {DoctorOptions} from './doctor.ts'
import {reported} from './reported.ts'
import {globalOptions, type Services} from './services.ts'
import {Told} from './told.ts'

/** Looks at this machine, installs what is missing if asked, and prints what was found. Ends as Told, 1, where something will not do. */
export async function doctor(target: string | undefined, options: DoctorOptions, services: Services, command: Command): Promise<void> {
  const look = async (run: Run): Promise<HostCheck[]> => checksFor(target, options.for, services, run)
  let checks = await look(createRun({signal: services.signal, emit: () => {}}))
  if (options.install === true && checks.some(isInstallable)) {
    await reported(command, {}, async ({emit}) => {
      const run = createRun({signal: services.signal, emit})
      await installMissing(checks, run)
      checks = await look(run)
    })
  }
  const fit = checks.every(({ok}) => ok)
  const {json, color, quiet} = globalOptions(command)
  if (json) process.stdout.write(`${JSON.stringify({fit, install: mendingLine(checks), checks})}\n`)
  else process.stdout.write(report(checks, {color: color && process.stdout.isTTY, brief: quiet || (fit && options.install === true)}))
  if (!fit) throw new Told(1, undefined)
}

async function checksFor(target: string | undefined, undertaking: Undertaking | undefined, {project}: Services, run: Run): Promise<HostCheck[]> {
  if (undertaking !== undefined) return checkPrograms(undertakings[undertaking], run)
  if (target === undefined) return checkPrograms(everyTarget, run)
  const {draft} = await loadTarget(target, {project: project.root, package: packageRoot})
  return checkHost(draft, new Workspace(project, draft), run)
}

const everyTarget: readonly Purpose[] = [...undertakings.openwrt, ...undertakings.demo]

async function installMissing(checks: readonly HostCheck[], run: Run): Promise<void> {
  const line = mendingLine(checks) ?? ''
  if (findProgram('apt-get') === undefined) throw new Problem('host-unfit', 'there is no apt-get: this is not Debian', {hint: `On Debian it would be: ${line}`})
  const prefix = await rootPrefix(run)
  if (prefix === undefined) throw new Problem('host-unfit', 'installing takes root, and sudo does not give it without a password', {hint: `Type: ${line}`})
  await install(run, prefix, missingPackages(checks))
}

function isInstallable({ok, package: name}: HostCheck): boolean {
  return !ok && name !== undefined
}

/** A line a check, those that will not do with what to do about them, and the one command that mends what can be installed. */
function report(checks: readonly HostCheck[], {color, brief}: {readonly color: boolean; readonly brief: boolean}): string {
  const style = createStyle(color)
  const width = Math.max(...checks.map(({name}) => name.length))
  const lines = checks.filter(({ok}) => !ok || !brief).flatMap(({name, ok, says, hint}) => [
    `${ok ? style.green('✓') : style.red('✗')} ${pad(name, width)}  ${says}`,
    ...(hint === undefined ? [] : [`  ${pad('', width)}  ${hint}`]),
  ])
  const install = mendingLine(checks)
  const last = install !== undefined ? ['', 'To install what is missing:', `  ${install}`] : checks.every(({ok}) => ok) ? ['everything is there'] : []
  return `${[...lines, ...last].join('\n')}\n`
}
