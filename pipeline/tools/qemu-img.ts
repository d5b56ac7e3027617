import {isRecord} from '../base/json.ts'
import type {Run} from '../model/program.ts'

/** Disk formats that `qemu-img` reads and writes, by its own names: those that clouds take. */
export type QemuFormat = 'raw' | 'qcow2' | 'vdi' | 'vhdx' | 'vmdk' | 'vpc'

export interface ConvertOptions {
  readonly from: QemuFormat
  readonly to: QemuFormat
  /** Deflate the clusters of a qcow2: every QEMU reads that. */
  readonly compress?: boolean
}

/** Converts a disk. Equal disks give equal bytes (measured with QEMU 7.2); holes stay holes. */
export async function convertDisk(run: Run, source: string, target: string, {from, to, compress = false}: ConvertOptions): Promise<void> {
  await run(['qemu-img', 'convert', '-f', from, '-O', to, ...(compress ? ['-c'] : []), source, target], {quiet: true})
}

/** What a guest sees of a disk, in bytes. */
export async function virtualSize(run: Run, path: string, format: QemuFormat): Promise<number> {
  const {stdout} = await run(['qemu-img', 'info', '--output', 'json', '-f', format, path], {quiet: true, log: false})
  const info: unknown = JSON.parse(stdout)
  if (!isRecord(info) || typeof info['virtual-size'] !== 'number') throw new Error(`qemu-img info says no virtual-size: ${stdout}`)
  return info['virtual-size']
}

/** Whether two disks hold the same, in whatever formats. */
export async function sameDisk(run: Run, a: readonly [path: string, format: QemuFormat], b: readonly [path: string, format: QemuFormat]): Promise<boolean> {
  const {exitCode} = await run(['qemu-img', 'compare', '-f', a[1], '-F', b[1], a[0], b[0]], {quiet: true, ok: [0, 1]})
  return exitCode === 0
}
