/** What one line of OpenWrt's quiet make says. */
export type BuildLine =
  /** `make[3] -C package/libs/zlib compile`: a part was begun. */
  | {readonly kind: 'part'; readonly part: string; readonly goal: string}
  /** `make[2] package/install`: the build as a whole came to this. */
  | {readonly kind: 'phase'; readonly goal: string}
  /** `ERROR: package/libs/zlib failed to build.` */
  | ({readonly kind: 'failure'} & FailedPart)

/** A part of the tree that could not be built. */
export interface FailedPart {
  /** Its folder: `package/libs/zlib`, `target/linux`, `toolchain/gcc/final`. */
  readonly part: string
  /** It was to become a program of the building machine. */
  readonly host: boolean
  readonly variant: string | undefined
}

/** The grammar is that of `include/verbose.mk` and `include/subdir.mk`, the same from 18.06 to main. */
export function parseBuildLine(line: string): BuildLine | undefined {
  const [, part, goal] = /^\s*make\[\d+\](?: -C (\S+))? (\S+)$/.exec(line) ?? []
  if (part !== undefined && goal !== undefined) return {kind: 'part', part, goal}
  if (goal !== undefined) return /^(?:tools|toolchain|target|package)\/[\w-]+$/.test(goal) ? {kind: 'phase', goal} : undefined
  const [, failed, type, variant] = /^\s*ERROR: (\S+)(?: \[(\w+)\])? failed to build(?: \(build variant: (.*)\))?\.$/.exec(line) ?? []
  return failed === undefined ? undefined : {kind: 'failure', part: failed, host: type === 'host', variant}
}

/** Of what failed each part once: with many jobs several fail, and each is told by every make above it. */
export function distinct(failures: readonly FailedPart[]): FailedPart[] {
  return [...new Map(failures.map((failure) => [`${failure.part} ${failure.host} ${failure.variant ?? ''}`, failure])).values()]
}

/** How a line that tells of an error looks, whoever prints it. Anchored, since shell commands are printed too before they run. */
const errors: readonly RegExp[] = [
  /(?:^|[\w)\]]:\s*)(?:fatal )?error:\s|^fatal: /i,
  /^(?:configure|meson\.build\S*|CMake|autoreconf|aclocal|automake|opkg|apk)\b.*\bERROR\b|^CMake Error|^ERROR: (?!.*failed to build)/,
  /undefined reference to |cannot find -l|multiple definition of |relocation truncated/,
  /No space left on device|^Killed$|Killed signal|Segmentation fault|[Oo]ut of memory|Cannot allocate memory|Disk quota exceeded/,
  /^(?:\/\S+|sh|bash): (?:\d+: |line \d+: )?\S+: (?:command )?not found|: Permission denied$/,
  /^Hunk #\d+ FAILED|^Patch failed!|^\d+ out of \d+ hunks? FAILED/,
  /^Hash mismatch for file |^Hash of the (?:downloaded|local) file .* does not match/,
  /^\w*(?:Error|Exception): \S/,
  /No rule to make target|No targets specified and no makefile found|missing separator/,
  /cannot find dependency|^ERROR: unable to select packages|Collected errors:/,
]

/** Lines of a make that only say that another failed. */
const consequence = /^make(?:\[\d+\])?: (?:\*\*\* |Leaving|Target .* not remade)/
const failure = /^make(?:\[\d+\])?: \*\*\* /

/** How far above the first failure of make its reason may stand: many jobs print among each other. */
const reach = 400
/** How far above it the words stand that tell a usual cause. */
const closeBy = 60
const shown = 6

/**
 * The first error in the log of one part: up to six lines, without what follows from it. An error is looked for near the first
 * failure of make, since configure scripts try many things that may fail. Empty where the log tells nothing.
 */
export function firstError(log: string): string[] {
  const {lines, failed} = upToFailure(log, reach)
  const start = lines.findIndex((line) => errors.some((pattern) => pattern.test(line)))
  if (start !== -1) return block(lines.slice(start))
  if (!failed) return []
  return lines.filter((line) => line !== '' && !isProgress(line) && !consequence.test(line)).slice(-3).concat(lines.at(-1) ?? '')
}

/** The end of a log where it failed, for telling the cause; of what went well before it nothing. */
export function scene(log: string): string {
  return upToFailure(log, closeBy).lines.join('\n')
}

function upToFailure(log: string, count: number): {lines: string[]; failed: boolean} {
  const lines = log.split('\n').map((line) => line.trimEnd())
  const end = lines.findIndex((line) => failure.test(line) && !line.endsWith('(ignored)'))
  const near = end === -1 ? lines : lines.slice(0, end + 1)
  return {lines: near.slice(-count - 1), failed: end !== -1}
}

/** The line, and what belongs to it: more errors, and the indented lines with which compilers show the place. */
function block(lines: readonly string[]): string[] {
  const [first = '', ...rest] = lines
  const until = rest.findIndex((line) => line === '' || consequence.test(line) || isProgress(line))
  return [first, ...rest.slice(0, until === -1 ? undefined : until)].slice(0, shown)
}

/** `  CC      net/socket.o`, and other lines that say what is being done. */
function isProgress(line: string): boolean {
  return /^\s+[A-Z][A-Z_]+(?: \[M\])?\s+\S/.test(line) || /^(?:checking|config\.status|libtool|mkdir|install|touch|cp|rm) |^\[\s*\d+%\]|^\+ /.test(line)
}
