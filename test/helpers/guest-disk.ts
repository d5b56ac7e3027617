import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {program, type Disk} from './disk.ts'

/** A disk that is an image at first, and as large as asked: the image is never written to. */
export function diskOf(image: string, folder: string, size: string): string {
  const path = join(folder, `disk-${size}.qcow2`)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, path, size])
  return path
}

/** The disk as the programs of this machine read it, and where its root lies. */
export function asRaw(disk: string): Disk & {readonly sectors: number} {
  const path = disk.replace(/qcow2$/, 'raw')
  execFileSync('qemu-img', ['convert', '-O', 'raw', disk, path])
  const {partitiontable} = JSON.parse(execFileSync(program('sfdisk'), ['--json', path], {encoding: 'utf8'})) as {partitiontable: {partitions: readonly {start: number; size: number}[]}}
  const root = partitiontable.partitions[1]
  if (root === undefined) throw new Error('the disk has no second partition')
  return {path, offset: root.start * 512, sectors: root.size}
}

/** What sfdisk says of the table. */
export function verifyTable(path: string): string {
  return execFileSync(program('sfdisk'), ['--verify', path], {encoding: 'utf8'})
}
