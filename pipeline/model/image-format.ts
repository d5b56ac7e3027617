import {isGzip} from './gzip.ts'

/** What a file holds, by its first bytes. `other` has a name for people. */
export type Content = 'gzip' | 'zstd' | 'qcow2' | 'raw' | {readonly other: string}

/** First bytes of what people take for disk images and we cannot edit. */
const others: readonly (readonly [name: string, magic: string])[] = [
  ['an xz archive', 'fd377a585a00'], ['a bzip2 archive', '425a68'], ['a zip archive', '504b0304'], ['a VMDK disk', '4b444d56'],
  ['a VMDK description', '23204469736b20'], ['a VHDX disk', '7668647866696c65'], ['a VHD disk', '636f6e6563746978'], ['a VDI disk', '3c3c3c20'],
  ['an ELF program', '7f454c46'], ['a bare squashfs file system', '68737173'],
]

/** @param head the first 512 bytes, or all where there are fewer */
export function contentOf(head: Uint8Array): Content {
  const hex = Buffer.from(head.subarray(0, 16)).toString('hex')
  if (isGzip(head)) return 'gzip'
  if (hex.startsWith('28b52ffd')) return 'zstd'
  if (hex.startsWith('514649fb')) return 'qcow2'
  // a disk's boot sector wins over what its first bytes look like
  if (head[510] === 0x55 && head[511] === 0xaa) return 'raw'
  const other = others.find(([, magic]) => hex.startsWith(magic))
  return other === undefined ? 'raw' : {other: other[0]}
}

/** What a qcow2 file says that would make QEMU read other files; undefined where it is closed in itself. Bytes: at least the first 104, or all. */
export function complainOfQcow2(head: Buffer): string | undefined {
  if (head.length < 72) return 'ends within its header'
  const version = head.readUInt32BE(4)
  if (version !== 2 && version !== 3) return `is of version ${version}, not 2 or 3`
  if (head.readBigUInt64BE(8) !== 0n) return 'rests on a backing file: flatten it with qemu-img convert'
  if (head.readUInt32BE(32) !== 0) return 'is encrypted'
  const incompatible = version === 3 && head.length >= 80 ? head.readBigUInt64BE(72) : 0n
  if ((incompatible & 4n) !== 0n) return 'keeps its data in another file: flatten it with qemu-img convert'
  return (incompatible & 3n) === 0n ? undefined : 'was not closed properly: mend it with qemu-img check -r all'
}
