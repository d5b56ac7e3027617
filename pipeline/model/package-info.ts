/** One package as the scan of a tree or of a feed knows it: an entry of `tmp/.packageinfo` or of `feeds/NAME.index`. */
export interface PackageInfo {
  readonly name: string
  /** Relative to the tree: `package/feeds/cloud/rc.cloud/Makefile`. */
  readonly makefile: string
  readonly depends: readonly Dependency[]
  readonly provides: readonly string[]
}

/** `+SELINUX:procd-selinux`: needs the package, under a condition. */
export interface Dependency {
  readonly name: string
  /** A Kconfig expression; undefined: always. */
  readonly condition: string | undefined
}

export function parsePackageInfo(text: string): PackageInfo[] {
  const packages: PackageInfo[] = []
  let makefile = ''
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^([\w-]+): ?(.*)$/.exec(line) ?? []
    if (key === 'Source-Makefile') makefile = value
    else if (key === 'Package') packages.push({name: value, makefile, depends: [], provides: []})
    else if (key === 'Depends' || key === 'Provides') packages.push({...packages.pop() ?? nobody, ...(key === 'Depends' ? {depends: parseDepends(value)} : {provides: parseProvides(value)})})
  }
  return packages
}

const nobody: PackageInfo = {name: '', makefile: '', depends: [], provides: []}

/** `@SYMBOL` are conditions on the configuration, not packages. */
function parseDepends(value: string): Dependency[] {
  return words(value).filter((word) => !/^\+?@/.test(word)).map((word) => {
    const [, condition, name = ''] = /^\+?(?:(.*):)?([^:]+?)(?:[<>=].*)?$/.exec(word) ?? []
    return {name, condition}
  })
}

/** apk's trees mark what they provide virtually by a `@`. */
function parseProvides(value: string): string[] {
  return words(value).map((word) => word.replace(/^@/, '').replace(/=.*$/, ''))
}

function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== '')
}
