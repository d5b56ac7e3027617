import type {Command, Option} from 'commander'
import type {Draft} from '../model/draft.ts'
import {editorNames, type EditorName} from '../model/recipe.ts'
import {Problem} from '../model/problem.ts'
import type {Report} from './reported.ts'
import type {Services} from './services.ts'

interface EditOptions {
  readonly target: string
  readonly output: string
  readonly key?: readonly string[]
  readonly editor?: EditorName
  readonly partition?: string
  readonly mendGpt?: boolean
}

export function addEdit(program: Command, services: Services): void {
  program
    .command('edit')
    .description('edit any OpenWrt ext4 image as a target says, without building')
    .argument('<image>', 'raw, qcow2, .gz or .zst; it is only read')
    .requiredOption('-t, --target <target>', 'whose root, overlays and size of the root to take')
    .requiredOption('-o, --output <file>', 'the finished image; its ending says the format: .qcow2, .img or .raw, each alone or with .gz or .zst')
    .option('--key <file...>', 'public keys that may log in as root, beside those of the target')
    .addOption(editorOption(program))
    .option('--partition <number>', 'the partition with the root, where it cannot be told')
    .option('--mend-gpt', 'write the copy of a GPT at the end of the disk anew where it is broken')
    .action(async (image: string, options: EditOptions, command: Command) => {
      const {reported} = await import('./reported.ts')
      await reported(command, {}, (report) => editAny(image, options, services, report))
    })
}

/** A flag that `build` has as well. */
export function editorOption(command: Command): Option {
  return command.createOption('--editor <name>', 'what edits the image').choices(editorNames)
}

async function editAny(image: string, options: EditOptions, services: Services, report: Report): Promise<void> {
  const [{resolve}, {stat}, {formatOfName}, {openTarget}, {withPassword}, {createRun}, {rootHash}, {writeEdited}] = await Promise.all([
    import('node:path'), import('node:fs/promises'), import('../model/image-format.ts'), import('./recipe.ts'), import('./password.ts'),
    import('../tools/run.ts'), import('../stages/edit/password.ts'), import('../stages/edit/write-edited.ts'),
  ])
  const began = performance.now()
  const [source, output] = [image, options.output].map((path) => resolve(services.project.root, path)) as [string, string]
  const format = formatOfName(output)
  if (format === undefined) throw new Problem('usage', `${options.output}: its ending names no format`, {hint: 'Take .qcow2, .img or .raw, each alone or with .gz or .zst.'})
  const [there, target] = await Promise.all([stat(source).catch(() => undefined), openTarget(options.target, services)])
  const same = await stat(output).catch(() => undefined)
  if (there !== undefined && there.ino === same?.ino && there.dev === same.dev) throw new Problem('usage', `${options.output} is the image itself, which is only read`)
  const draft = await withKeys(await withPassword(target.draft, report, services.signal), options.key ?? [], services)
  const emit: typeof report.emit = (event) => report.emit(event, 'edit')
  const tools = {run: createRun({...services, emit}), signal: services.signal, emit}
  const hash = await rootHash(draft.root.password, tools.run)
  const artifact = await writeEdited({
    image: source, output, format, hash, keys: draft.root.keys, overlays: draft.root.overlays, size: draft.image.root,
    ...(options.editor === undefined ? {} : {editor: options.editor}),
    ...(options.partition === undefined ? {} : {partition: numberOf(options.partition)}),
    mendGpt: options.mendGpt ?? false,
  }, tools)
  report.emit({type: 'artifact', ...artifact})
  report.emit({type: 'done', target: draft.target, ms: Math.round(performance.now() - began)})
}

async function withKeys(draft: Draft, files: readonly string[], {project}: Services): Promise<Draft> {
  if (files.length === 0) return draft
  const {readKeyFiles} = await import('../config/key-files.ts')
  return {...draft, root: {...draft.root, keys: [...new Set([...draft.root.keys, ...await readKeyFiles(files, project.root)])]}}
}

function numberOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new Problem('usage', `--partition ${text}: expected a number`)
}
