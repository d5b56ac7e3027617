import {execFileSync} from 'node:child_process'
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** git as nobody in particular, so that commits are the same each time. */
export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: {
    PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
  }}).trim()
}

/** Makes a repository with a first commit on the branch `main`. Gives that commit. */
export function makeRepository(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, {recursive: true})
  git(folder, 'init', '--quiet', '--initial-branch=main')
  // what a server of today allows
  git(folder, 'config', 'uploadpack.allowFilter', 'true')
  return commit(folder, files, 'first')
}

/** Writes files, null taking one away, and commits them. A name that ends in `!` is executable. */
export function commit(folder: string, files: Readonly<Record<string, string | null>>, message: string): string {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name.replace(/!$/, ''))
    mkdirSync(dirname(path), {recursive: true})
    if (text === null) rmSync(path, {recursive: true})
    else writeFileSync(path, text, {mode: name.endsWith('!') ? 0o755 : 0o644})
  }
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message)
  return git(folder, 'rev-parse', 'HEAD')
}
