import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The folder that holds our own package.json, `targets/`, `overlays/` and `feeds/`: two levels up from `dist/pipeline/`, one from `pipeline/`. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)))

/** Our own version, as in package.json. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  return (manifest as {readonly version: string}).version
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder))
}
