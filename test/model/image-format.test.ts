import {zstdCompressSync} from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import {readerOf} from '../../pipeline/base/read-at.ts'
import {appendedBytes} from '../../pipeline/model/fwtool.ts'
import {formatOfName} from '../../pipeline/model/formats.ts'
import {complainOfQcow2, contentOf} from '../../pipeline/model/image-format.ts'
import {zstdFrame} from '../../pipeline/model/zstd.ts'

const bytes = (hex: string): Buffer => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(512)])

test('what a file holds, by its first bytes', (t) => {
  t.is(contentOf(bytes('1f8b08')), 'gzip')
  t.is(contentOf(bytes('28b52ffd')), 'zstd')
  t.is(contentOf(bytes('514649fb')), 'qcow2')
  t.is(contentOf(Buffer.alloc(512)), 'raw')
  t.is(contentOf(Buffer.alloc(0)), 'raw')
  t.deepEqual(contentOf(bytes('4b444d56')), {other: 'a VMDK disk'})
  t.deepEqual(contentOf(bytes('fd377a585a0000')), {other: 'an xz archive'})
})

test('a boot sector wins over what its first bytes look like', (t) => {
  const sector = bytes('425a68').subarray(0, 512)
  sector.writeUInt16LE(0xaa55, 510)
  t.is(contentOf(sector), 'raw')
})

test('the format that a name asks for', (t) => {
  for (const [name, format] of [['x.qcow2', 'qcow2'], ['x.img', 'raw'], ['x.raw', 'raw'], ['a.b.img.gz', 'raw.gz'], ['x.qcow2.zst', 'qcow2.zst'], ['x.vmdk', undefined], ['qcow2', undefined], ['x.gz', undefined]] as const) {
    t.is(formatOfName(name), format, name)
  }
})

test('what fwtool appended: nothing, one, two, and footers that lie', (t) => {
  const part = (content: string, length = content.length + 16): Buffer => {
    const footer = Buffer.alloc(16)
    footer.write('FWx0', 0, 'latin1')
    footer.writeUInt32BE(length, 12)
    return Buffer.concat([Buffer.from(content), footer])
  }
  const appended = (...parts: readonly Buffer[]): number => {
    const file = Buffer.concat([Buffer.alloc(100), ...parts])
    return appendedBytes(readerOf(file), file.length)
  }
  t.is(appended(), 0)
  t.is(appended(part('one')), 19)
  t.is(appended(part('one'), part('another')), 42)
  t.is(appended(part('x', 1000)), 0)
  t.is(appended(part('x', 3)), 0)
  t.is(appended(part('', 116)), 116)
})

test('qcow2 headers that name other files', (t) => {
  const header = (change: (bytes: Buffer) => void): Buffer => {
    const head = Buffer.alloc(104)
    head.writeUInt32BE(0x514649fb, 0)
    head.writeUInt32BE(3, 4)
    change(head)
    return head
  }
  t.is(complainOfQcow2(header(() => {})), undefined)
  t.regex(complainOfQcow2(header((head) => head.writeBigUInt64BE(104n, 8))) ?? '', /backing file/)
  t.regex(complainOfQcow2(header((head) => head.writeUInt32BE(1, 32))) ?? '', /encrypted/)
  t.regex(complainOfQcow2(header((head) => head.writeBigUInt64BE(4n, 72))) ?? '', /another file/)
  t.regex(complainOfQcow2(header((head) => head.writeBigUInt64BE(1n, 72))) ?? '', /closed properly/)
  t.regex(complainOfQcow2(header((head) => head.writeUInt32BE(9, 4))) ?? '', /version 9/)
  t.regex(complainOfQcow2(Buffer.alloc(20)) ?? '', /ends within/)
})

test('the length of a zstd frame, of every shape that Node makes', (t) => {
  for (const content of ['', 'x', 'x'.repeat(300), 'abc'.repeat(100_000), Array.from({length: 60_000}, (_, index) => index).join('')]) {
    const frame = zstdCompressSync(content)
    t.deepEqual(zstdFrame(readerOf(Buffer.concat([frame, Buffer.from('more')])), 0), {length: frame.length, data: true})
    for (const short of [5, frame.length - 1]) t.is(zstdFrame(readerOf(frame.subarray(0, short)), 0), 'cut-off')
  }
})

test('no bytes make the length of a frame throw, or take forever', (t) => {
  fc.assert(fc.property(fc.uint8Array({maxLength: 200}), (tail) => {
    const file = Buffer.concat([Buffer.from('28b52ffd', 'hex'), tail])
    const frame = zstdFrame(readerOf(file), 0)
    return frame === 'cut-off' || (frame !== undefined && frame.length <= file.length)
  }), {numRuns: 5000})
  t.pass()
})
