import type {Run} from '../model/program.ts'

/** Disk formats by qemu-img's own names. */
export type QemuFormat = 'raw' | 'qcow2'

/** Converts a disk; holes stay holes. Our own qcow2 is written by `stages/convert/qcow2.ts`. */
export async function convertDisk(run: Run, source: string, target: string, {from, to}: {readonly from: QemuFormat; readonly to: QemuFormat}): Promise<void> {
  await run(['qemu-img', 'convert', '-f', from, '-O', to, source, target], {quiet: true})
}
