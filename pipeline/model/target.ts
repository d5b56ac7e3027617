import {z} from 'zod'
import {parseSize, sizePattern, units} from '../base/size.ts'
import {complainOfKey} from './authorized-key.ts'
import {formats} from './formats.ts'
import {
  complainOfLine, complainOfOverlay, complainOfPackage, complainOfPath, complainOfRef, complainOfRepository, complainOfSymbol, complainOfSymbolText,
  feedNamePattern, namePattern, variablePattern,
} from './grammar.ts'
import {platforms} from './recipe.ts'
import {strict, text} from './schema-parts.ts'

/** Bytes, written as `256 MiB`. Partitions and QEMU's memory are whole MiB. */
function size(smallest: number): z.ZodType<number, string> {
  return z.string().meta({pattern: sizePattern.source, examples: ['256 MiB']}).transform((value, context) => {
    const bytes = parseSize(value)
    const complaint = bytes === undefined ? 'expected a size such as 256 MiB'
      : bytes % units.MiB !== 0 ? 'expected whole MiB'
      : bytes < smallest * units.MiB ? `expected at least ${smallest} MiB`
      : bytes > 2 * units.TiB - units.MiB ? 'expected less than 2 TiB, the end of what a partition table of the MBR kind can say' : undefined
    if (bytes !== undefined && complaint === undefined) return bytes
    context.addIssue({code: 'custom', message: complaint ?? ''})
    return z.NEVER
  })
}

const path = text(complainOfPath)
const repository = text(complainOfRepository)
const ref = text(complainOfRef)
const symbol = text(complainOfSymbol)
const name = z.string().regex(namePattern, 'expected a name: letters, digits and . _ -')
const feedName = z.string().regex(feedNamePattern, 'a feed has letters, digits and _ in its name: scripts/feeds breaks on anything else')
const line = text(complainOfLine)

const source = strict({
  repository: repository.optional().describe('Repository of OpenWrt: https:, ssh:, git:, file:, user@host:path, or a folder.'),
  mirrors: z.array(repository).optional().describe('Tried in this order when the repository does not answer. The commit is checked whoever gave it.'),
  ref: ref.optional().describe('Tag, branch or full commit (40 digits) of the repository. The lock says which commit that was.'),
  path: path.optional().describe('Instead of a repository: a folder with an OpenWrt tree, which is copied.'),
  tree: path.optional().describe('Instead of a repository: a folder with an OpenWrt tree, which is used in place and keeps its build state.'),
}).describe('OpenWrt itself: `repository` with `ref`, or `path`, or `tree`.')

const addedFeed = strict({
  path: path.optional().describe('A folder with packages in it.'),
  git: repository.optional().describe('A repository with packages in it.'),
  ref: ref.optional().describe('Tag, branch or full commit; without it the repository\'s own default branch.'),
  mirrors: z.array(repository).optional().describe('Tried in this order when `git` does not answer.'),
}).describe('A feed of your own: `path`, or `git` with `ref`. null takes away what a parent added.')

const feeds = strict({
  prune: z.array(feedName).default([]).describe('Feeds of feeds.conf.default to leave out.'),
  add: z.record(feedName, addedFeed.nullable()).default({}).describe('Feeds to put before those of feeds.conf.default, by name.'),
  install: z.enum(['needed', 'all']).default('needed').describe('`needed`: make known to the build only what `packages` needs. `all`: every package of every feed.'),
}).describe('Where packages come from besides OpenWrt itself.')

const configValue = z.union([z.boolean(), z.int(), text(complainOfSymbolText), z.null()])

const image = strict({
  root: size(16).prefault('256 MiB').describe('Size of the root partition.'),
  boot: size(4).prefault('16 MiB').describe('Size of the boot partition, which holds GRUB and the kernel.'),
  firmware: z.enum(['bios', 'efi']).default('bios').describe('`bios`: MBR and GRUB for BIOS. `efi`: GPT, and GRUB for UEFI and BIOS.'),
  console: strict({
    serial: z.string().regex(/^tty\w+$/, 'expected a terminal such as ttyS0').default('ttyS0').describe('The serial terminal that GRUB and the kernel speak on.'),
    baud: z.int().positive().default(115200).describe('Its speed in bits a second.'),
  }).prefault({}).describe('The serial console.'),
  formats: z.array(z.enum(formats)).min(1, 'expected at least one format').default(['qcow2']).describe('What to make of the finished image.'),
}).describe('The disk image.')

const build = strict({
  jobs: z.int().min(1).max(1024).optional().describe('Parallel jobs of make; without it as many as cores and memory bear.'),
  ccache: z.boolean().default(false).describe('Keep what the compiler made, for the next build.'),
  keys: path.optional().describe('A folder with the key pair that signs packages; without it one is made once and kept in the cache.'),
}).describe('How to build.')

const password = z.union([
  z.enum(['locked', 'keep', 'prompt']),
  strict({
    env: z.string().regex(variablePattern, 'expected the name of an environment variable').optional().describe('The environment variable that holds the password.'),
    file: path.optional().describe('The file whose first line is the password.'),
    'hash-file': path.optional().describe('The file whose first line is the hash, `$5$…` or `$6$…`, as from `openssl passwd -6`.'),
  }),
], {
  error: ({input}) => (typeof input === 'object' && input !== null ? undefined
    : 'a password never stands in a target, which is committed, shown and logged: expected locked, keep, prompt, {env: NAME}, {file: PATH} or {hash-file: PATH}'),
})

const root = strict({
  password: password.default('locked').describe('Root\'s password. `locked`: none fits. `keep`: as OpenWrt has it. `prompt`: asked for. Else where it is.'),
  keys: z.array(z.union([text(complainOfKey), strict({file: path.describe('A file of such lines, as id_ed25519.pub is.')})])).default([])
    .describe('Who may log in as root by SSH: lines of authorized_keys, or `{file: PATH}`. Added to those of the parent.'),
  overlays: z.array(text(complainOfOverlay)).default([])
    .describe('Files laid over the root, in this order: names of folders in `overlays/`, or paths of folders or tar archives. Added to those of the parent; a - before a name takes it away.'),
}).describe('The root file system of the finished image.')

const check = strict({
  run: line.optional().describe('A command that must succeed.'),
  expect: line.optional().describe('A regular expression that its output, or without `run` the console, must match.'),
  file: text((file) => (file.startsWith('/') ? complainOfPath(file) : 'expected a path that begins with /')).optional().describe('A file that must be there.'),
  port: z.int().min(1).max(65535).optional().describe('A TCP port that must answer.'),
  package: z.string().regex(/^[A-Za-z0-9][\w.+-]*$/, 'expected the name of a package').optional().describe('A package that must be installed.'),
})

const boot = strict({
  memory: size(16).prefault('128 MiB').describe('Memory of the machine that the image is tried on.'),
  checks: z.array(check).default([]).describe('What must be so once it is up. Added to those of the parent.'),
}).describe('How the image is tried.')

const upload = strict({
  clouds: z.array(name).default([]).describe('Where to: names in clouds.yaml.'),
  name: line.optional().describe('What the image is called there; without it openwrt- and the name of the target.'),
  visibility: z.enum(['private', 'shared', 'community', 'public']).default('private').describe('Who may see it.'),
  keep: z.int().min(1).default(3).describe('How many older images of that name to leave there.'),
  properties: z.record(line, z.union([z.string(), z.boolean(), z.number(), z.null()])).default({}).describe('Properties of the image, such as hw_disk_bus. null takes away what a parent says.'),
}).describe('Glance, the image service of OpenStack.')

/**
 * What a person writes, after its parents were merged into it. One file by itself is valid by the same schema: nothing is required.
 * What does not fit together is found by `config/contradictions.ts`.
 */
export const Target = strict({
  description: line.default('').describe('What the image is for, in one line.'),
  extends: z.string().optional().describe('The parent: the name of a target, or the path of its file. Maps are merged key by key, what this file says wins.'),
  source: source.prefault({}),
  platform: z.enum(platforms).default('x86/64').describe('Target and subtarget of OpenWrt.'),
  feeds: feeds.prefault({}),
  packages: z.array(text(complainOfPackage)).default([]).describe('Packages to have, or, with a - before them, not to have. Added to those of the parent; the last word on a package counts.'),
  config: z.record(symbol, configValue).default({})
    .describe('Kconfig symbols, without CONFIG_: true, false, whole numbers, or text. null takes away what a parent says.'),
  'config-allow': z.array(symbol).default([]).describe('Symbols that may come out of `make defconfig` other than asked. Any other that does stops the build.'),
  image: image.prefault({}),
  build: build.prefault({}),
  root: root.prefault({}),
  boot: boot.prefault({}),
  upload: upload.prefault({}),
})

/** A target with its defaults: what `Target.parse` gives. */
export type Target = z.output<typeof Target>

/** The JSON schema of a target's file, for editors. */
export function targetSchema(): object {
  const {$schema, ...schema} = z.toJSONSchema(Target, {
    io: 'input',
    target: 'draft-7',
    // zod says of every whole number that JavaScript can hold it
    override: ({jsonSchema}) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  return {$schema, title: 'cloudwrt target', ...schema}
}
