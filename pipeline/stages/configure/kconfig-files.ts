import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {isMissing} from '../../base/errors.ts'
import {parseDeclarations, type Declarations, type KconfigFile} from '../../model/kconfig-declaration.ts'

/**
 * All that a tree declares, from `Config.in` down: about 11 000 symbols in 13 MB and half a second. Targets and packages are
 * among them once something (`scripts/feeds`, `make defconfig`) has written `tmp/.config-*.in`.
 */
export function readDeclarations(tree: string): Declarations {
  const [top] = filesOf(tree, 'Config.in')
  if (top === undefined) return new Map()
  return parseDeclarations(top, (pattern, from) => {
    const files = filesOf(tree, pattern)
    // OpenWrt's kconfig looks beside the file that sources as well; busybox needs it
    return files.length > 0 ? files : filesOf(dirname(from), pattern)
  })
}

function filesOf(folder: string, pattern: string): KconfigFile[] {
  return expand(folder, pattern.split('/')).flatMap((path) => {
    const text = readIfThere(path)
    return text === undefined ? [] : [{path, text}]
  })
}

/** The paths that a pattern may mean, `*` standing for any part of a name, in the order of names. */
function expand(folder: string, [name, ...rest]: readonly string[]): string[] {
  if (name === undefined) return [folder]
  const names = name.includes('*') ? namesIn(folder).filter((candidate) => matches(candidate, name)).sort() : [name]
  return names.flatMap((found) => expand(join(folder, found), rest))
}

function matches(name: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
