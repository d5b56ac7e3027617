import {Option, type Command} from 'commander'
import {undertakings, type Undertaking} from '../model/undertakings.ts'
import type {Services} from './services.ts'

export interface DoctorOptions {
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
      const {doctor} = await import('./host-report.ts')
      await doctor(target, options, services, command)
    })
}
