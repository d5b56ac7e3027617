import {resolve} from 'node:path'
import type {Command, Option} from 'commander'
import {endings, formatOfName} from '../model/formats.ts'
import {Problem} from '../model/problem.ts'
import {editorNames} from '../stages/edit/editors.ts'
import type {RecipeOptions} from './recipe.ts'
import type {Report} from './reported.ts'
import type {Services} from './services.ts'

interface EditOptions extends Pick<RecipeOptions, 'key' | 'editor'> {
  readonly target: string
  readonly output: string
  readonly partition?: string
  readonly mendGpt?: boolean
}

export function addEdit(program: Command, services: Services): void {
  program
    .command('edit')
    .description('edit any OpenWrt ext4 image as a target says, without building')
    .argument('<image>', 'raw, qcow2, .gz or .zst; it is only read')
    .requiredOption('-t, --target <target>', 'whose root, overlays and size of the root to take')
    .requiredOption('-o, --output <file>', `the finished image; its ending says the format: ${endings}`)
    .option('--key <file...>', 'public keys that may log in as root, beside those of the target')
    .addOption(editorOption(program))
    .option('--partition <number>', 'the partition with the root, where it cannot be told')
    .option('--mend-gpt', 'write the copy of a GPT at the end of the disk anew where it is broken')
    .action(async (image: string, options: EditOptions, command: Command) => {
      const {reported} = await import('./reported.ts')
      await reported(command, {}, (report) => editAny(image, options, services, report))
    })
}

/** A flag that `build` and `plan` have as well. */
export function editorOption(command: Command): Option {
  return command.createOption('--editor <name>', 'what edits the image; loop needs root').choices(editorNames)
}

async function editAny(image: string, options: EditOptions, services: Services, report: Report): Promise<void> {
  const [{stat}, {openTarget, withRootOptions}, {withPassword}, {createRun}, {rootHash}, {writeEdited}] = await Promise.all([
    import('node:fs/promises'), import('./recipe.ts'), import('./password.ts'),
    import('../tools/run.ts'), import('../stages/edit/password.ts'), import('../stages/edit/write-edited.ts'),
  ])
  const began = performance.now()
  const [source, output] = [image, options.output].map((path) => resolve(services.project.root, path)) as [string, string]
  const format = formatOfName(output)
  if (format === undefined) throw new Problem('usage', `${options.output}: its ending names no format`, {hint: `Take ${endings}.`})
  const [there, target] = await Promise.all([stat(source).catch(() => undefined), openTarget(options.target, services)])
  const same = await stat(output).catch(() => undefined)
  if (there !== undefined && there.ino === same?.ino && there.dev === same.dev) throw new Problem('usage', `${options.output} is the image itself, which is only read`)
  if (same?.isDirectory()) throw new Problem('usage', `${options.output} is a folder`)
  const {target: name, root, image: {root: size}} = await withPassword(await withRootOptions(target.draft, services, options), report, services.signal)
  const emit: typeof report.emit = (event) => report.emit(event, 'edit')
  const tools = {run: createRun({...services, emit}), signal: services.signal, emit}
  const {password, ...wishes} = root
  const artifact = await writeEdited({
    image: source, output, format, size, hash: await rootHash(password, tools.run), ...wishes,
    ...(options.partition === undefined ? {} : {partition: numberOf(options.partition)}),
    mendGpt: options.mendGpt ?? false,
  }, tools)
  report.emit({type: 'artifact', ...artifact})
  report.emit({type: 'done', target: name, ms: Math.round(performance.now() - began)})
}

function numberOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new Problem('usage', `--partition ${text}: expected a number`)
}
