import {readdirSync} from 'node:fs'
import {join} from 'node:path'

/**
 * Paths of everything below a folder that is not itself a folder, relative to it, sorted. `.git` is no content.
 * Synchronous: that is three times as quick, 40 ms for OpenWrt's 10 000 files.
 *
 * @param except paths that are left out with all below them, and `*END` for every name of that ending
 */
export function filesBelow(folder: string, except: readonly string[] = []): string[] {
  const endings = except.filter((pattern) => pattern.startsWith('*')).map((pattern) => pattern.slice(1))
  const paths = new Set(except)
  const found: string[] = []
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), {withFileTypes: true})) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.name === '.git' || paths.has(path) || endings.some((ending) => path.endsWith(ending))) continue
      if (entry.isDirectory()) walk(path)
      else found.push(path)
    }
  }
  walk('')
  return found.sort()
}
