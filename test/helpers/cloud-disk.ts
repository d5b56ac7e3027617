import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {writeFiles, type Files} from './files.ts'
import {program} from './disk.ts'

/** The programs that make the drives below. */
export const drivePrograms = ['genisoimage', 'mkfs.vfat', 'mcopy'] as const

/** A CD with these files, as clouds make it: ISO 9660 with long names. */
export function isoDrive(folder: string, label: string, files: Files): string {
  const path = join(folder, `${label}.iso`)
  withTree(folder, files, (tree) => execFileSync('genisoimage', ['-quiet', '-J', '-r', '-V', label, '-o', path, tree], {stdio: 'pipe'}))
  return path
}

/** A disk with these files in one vfat, without partitions. */
export function vfatDrive(folder: string, label: string, files: Files): string {
  const path = join(folder, `${label}.vfat`)
  writeFileSync(path, '')
  truncateSync(path, 4 * 2 ** 20)
  execFileSync(program('mkfs.vfat'), ['-n', label, path], {stdio: 'pipe'})
  withTree(folder, files, (tree) => execFileSync('mcopy', ['-s', '-i', path, ...readdirSync(tree).map((name) => join(tree, name)), '::'], {stdio: 'pipe'}))
  return path
}

function withTree(folder: string, files: Files, work: (tree: string) => void): void {
  const tree = mkdtempSync(join(folder, 'drive-'))
  writeFiles(tree, files)
  work(tree)
  rmSync(tree, {recursive: true})
}
