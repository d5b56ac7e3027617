/** One dependency of a package, as `DEPENDS` of its Makefile says it. */
export interface Dependency {
  /** A package, or what some package provides. */
  readonly name: string
  /** A Kconfig expression under which it counts; undefined: always. */
  readonly condition: string | undefined
}

/** A package that a tree or a feed has. */
export interface Package {
  readonly name: string
  /** The name of its source's folder: what `scripts/feeds install` and `package/feeds/FEED/` go by. */
  readonly source: string
  /** The folder with its Makefile, relative to the tree. */
  readonly folder: string
  /** Undefined for OpenWrt's own. */
  readonly feed: string | undefined
  readonly depends: readonly Dependency[]
  /** Other names that it answers to. */
  readonly provides: readonly string[]
  /** Nobody can select it: something to build, not to install. */
  readonly buildOnly: boolean
  /** The one of several variants that is meant when none is named. */
  readonly isDefault: boolean
}

/** The folder of one Makefile: what is built in one go. */
export interface SourcePackage {
  readonly name: string
  readonly folder: string
  readonly feed: string | undefined
  /** Sources that are built before, `NAME` or `NAME/host`; only what is needed under no condition. */
  readonly buildDepends: readonly string[]
}

export interface PackageInfo {
  readonly packages: readonly Package[]
  readonly sources: readonly SourcePackage[]
}

/**
 * Reads what `make prepare-tmpinfo` writes to tmp/.packageinfo, and `scripts/feeds update` to feeds/NAME.index. The same
 * format in all releases: `Source-Makefile:` begins a source, `Package:` a package, `@@` ends texts of many lines.
 *
 * @param feed the feed whose index it is; without it, packages of feeds that are linked into the tree are left out
 */
export function parsePackageInfo(text: string, feed?: string): PackageInfo {
  const packages: Draft[] = []
  const sources: {-readonly [Key in keyof SourcePackage]: SourcePackage[Key]}[] = []
  let inText = false
  for (const line of text.split('\n')) {
    if (inText) {
      inText = line !== '@@'
      continue
    }
    const [, key = '', value = ''] = /^([\w/-]+):\s*(.*?)\s*$/.exec(line) ?? []
    if (key === 'Source-Makefile') {
      const folder = value.replace(/\/?Makefile$/, '')
      sources.push({name: folder.replace(/^.*\//, ''), folder, feed, buildDepends: []})
    }
    const source = sources.at(-1)
    const current = packages.at(-1)
    if (source === undefined || key === '') continue
    if (key === 'Build-Depends') source.buildDepends = words(value).filter((word) => !/[:@]/.test(word))
    if (key === 'Package') packages.push({name: value, source: source.name, folder: source.folder, feed, depends: [], provides: [], buildOnly: false, isDefault: false})
    if (current !== undefined) readField(current, key, value)
    inText = key === 'Description' || key === 'Config'
  }
  const isOwn = ({folder}: {folder: string}): boolean => feed !== undefined || !folder.startsWith('package/feeds/')
  return {packages: packages.filter(isOwn), sources: sources.filter(isOwn)}
}

type Draft = {-readonly [Key in keyof Package]: Package[Key]}

function readField(draft: Draft, key: string, value: string): void {
  switch (key) {
    case 'Depends':
      draft.depends = words(value).flatMap((word) => dependencyOf(word) ?? [])
      break
    case 'Provides':
      draft.provides = words(value).map((word) => word.replace(/^@/, ''))
      break
    case 'Build-Only':
      draft.buildOnly = true
      break
    case 'Default-Variant':
      draft.isDefault = true
      break
    default:
  }
}

/** `+name`, `name`, `+CONDITION:name`; `@SYMBOL` is a condition on a symbol, not on a package. */
function dependencyOf(word: string): Dependency | undefined {
  const [, flags = '', rest = ''] = /^([@+]*)(.*)$/.exec(word) ?? []
  if (flags.includes('@') || rest === '') return undefined
  const [, condition, name = rest] = /^(.+):(.+)$/.exec(rest) ?? []
  return {name, condition}
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean)
}

/** All packages of a tree and its feeds, by the names that they answer to. */
export class PackageIndex {
  readonly #byName = new Map<string, Package>()
  readonly #providers = new Map<string, Package[]>()
  readonly #sources = new Map<string, SourcePackage>()

  /** @param infos OpenWrt's own first, then those of the feeds in the order of feeds.conf: the first package of a name counts */
  constructor(infos: readonly PackageInfo[]) {
    for (const {packages, sources} of infos) {
      for (const source of sources) if (!this.#sources.has(source.name)) this.#sources.set(source.name, source)
      for (const one of packages) this.#add(one)
    }
  }

  get names(): Iterable<string> { return this.#byName.keys() }

  get(name: string): Package | undefined { return this.#byName.get(name) }

  source(name: string): SourcePackage | undefined { return this.#sources.get(name) }

  /** Packages that answer to a name, the one that OpenWrt would choose first. */
  providers(name: string): readonly Package[] {
    const all = (this.#providers.get(name) ?? []).filter(({buildOnly}) => !buildOnly)
    return [...all.filter(({isDefault}) => isDefault), ...all.filter(({isDefault}) => !isDefault)]
  }

  #add(one: Package): void {
    // that of a later feed is not installed
    if (this.#byName.has(one.name)) return
    this.#byName.set(one.name, one)
    for (const name of new Set([one.name, ...one.provides])) {
      const others = this.#providers.get(name) ?? []
      this.#providers.set(name, name === one.name ? [one, ...others] : [...others, one])
    }
  }
}
