import {Command} from 'commander'
import {packageVersion} from '../base/package-root.ts'
import {addBuild} from './build.ts'
import {addClean} from './clean.ts'
import {addDoctor} from './doctor.ts'
import {addEdit} from './edit.ts'
import {addLock} from './lock.ts'
import {addPlan} from './plan.ts'
import {addSchema} from './schema.ts'
import type {Services} from './services.ts'
import {addShow} from './show.ts'

/** In the order of the help. A verb's own file is light: what its work needs is imported when it is called. */
const verbs = [addBuild, addPlan, addShow, addLock, addEdit, addDoctor, addSchema, addClean]

/** The whole command line. */
export function createProgram(services: Services): Command {
  const program = new Command('cloudwrt')
    .description('One YAML file in, an OpenWrt image that is ready for a cloud out.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--json', 'one event a line on stdout, for programs')
    .option('-q, --quiet', 'only results and errors')
    .option('-v, --verbose', 'every line that a program prints')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .exitOverride()
    .configureHelp({showGlobalOptions: true})
    .addHelpText('after', '\nBegin with: cloudwrt build demo')
  for (const add of verbs) add(program, services)
  return program
}
