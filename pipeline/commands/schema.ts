import type {Command} from 'commander'
import type {Services} from './services.ts'

export function addSchema(program: Command, _services: Services): void {
  program
    .command('schema')
    .description('print the JSON schema of a target, by which an editor completes and checks one')
    .addHelpText('after', '\nThe schema of the shipped targets is targets/schema.json; a target names it in its first line:\n  # yaml-language-server: $schema=./schema.json')
    .action(async () => {
      const {targetSchema} = await import('../model/target.ts')
      process.stdout.write(`${JSON.stringify(targetSchema(), undefined, 2)}\n`)
    })
}
