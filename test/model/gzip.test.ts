import {deflateRawSync, gzipSync} from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import {gzipHeaderLength, gzipTrailer, isGzip} from '../../pipeline/model/gzip.ts'

const head = (flags: number): number[] => [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]

test('the plainest header', (t) => t.is(gzipHeaderLength(gzipSync('x')), 10))

test('a header with all that one can have', (t) => {
  const header = Buffer.from([...head(2 | 4 | 8 | 16), 3, 0, 9, 9, 9, ...Buffer.from('name\0comment\0'), 1, 2])
  t.is(gzipHeaderLength(Buffer.concat([header, deflateRawSync('x')])), header.length)
})

test('a header that ends within each of its parts', (t) => {
  const whole = Buffer.from([...head(2 | 4 | 8 | 16), 3, 0, 9, 9, 9, ...Buffer.from('name\0comment\0'), 1, 2])
  for (let length = 0; length < whole.length; length += 1) t.is(gzipHeaderLength(whole.subarray(0, length)), undefined, `${length} bytes`)
  t.is(gzipHeaderLength(whole), whole.length)
})

test('what is no gzip', (t) => {
  t.false(isGzip(Buffer.from([0x1f, 0x8b, 0])))
  t.is(gzipHeaderLength(Buffer.from(head(0xe0))), undefined)
})

test('a trailer says CRC and length, a short one nothing', (t) => {
  const packed = gzipSync('hello')
  t.deepEqual(gzipTrailer(packed.subarray(-8)), {crc32: 0x3610a686, size: 5})
  t.is(gzipTrailer(packed.subarray(-7)), undefined)
})

test('no bytes make it throw', (t) => {
  fc.assert(fc.property(fc.uint8Array({maxLength: 64}), (tail) => {
    const length = gzipHeaderLength(Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), tail]))
    return length === undefined || (length >= 10 && length <= tail.length + 3)
  }), {numRuns: 5000})
  t.pass()
})
