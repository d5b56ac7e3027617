import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** Files by name; a name that ends in `!` is executable, null takes a file or folder away. */
export type Files = Readonly<Record<string, string | null>>

export function writeFiles(root: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name.replace(/!$/, ''))
    rmSync(path, {recursive: true, force: true})
    if (text === null) continue
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, text, {mode: name.endsWith('!') ? 0o755 : 0o644})
  }
}
