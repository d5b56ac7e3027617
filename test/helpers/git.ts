import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {writeFiles, type Files} from './files.ts'

const when = '2026-01-02T03:04:05Z'

/** git as nobody in particular, so that commits are the same each time. */
export function git(folder: string, ...args: readonly string[]): string {
  return gitWith('', folder, ...args)
}

function gitWith(input: string, folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], {encoding: 'utf8', input, env: {
    PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_AUTHOR_DATE: when,
    GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org', GIT_COMMITTER_DATE: when,
  }}).trim()
}

/** Makes a repository with a first commit on the branch `main`, as a server of today would have it. Gives that commit. */
export function makeRepository(folder: string, files: Files): string {
  mkdirSync(folder, {recursive: true})
  git(folder, 'init', '--quiet', '--initial-branch=main')
  git(folder, 'config', 'uploadpack.allowFilter', 'true')
  return commit(folder, files, 'first')
}

/** Changes files and commits all that changed. */
export function commit(folder: string, files: Files, message: string): string {
  writeFiles(folder, files)
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message)
  return git(folder, 'rev-parse', 'HEAD')
}

/** Makes a repository of so many commits in a moment; the last one has the files. */
export function makeLongHistory(folder: string, commits: number, files: Files): string {
  makeRepository(folder, {})
  const committer = 'committer A <a@example.org> 1767323045 +0000'
  const stream = Array.from({length: commits - 2}, (_, index) =>
    `commit refs/heads/main\n${committer}\ndata 1\nx\n${index === 0 ? 'from refs/heads/main^0\n' : ''}M 644 inline counter\ndata ${String(index).length}\n${index}\n`)
  gitWith(stream.join(''), folder, 'fast-import', '--quiet')
  git(folder, 'reset', '--quiet', '--hard')
  return commit(folder, files, 'last')
}
