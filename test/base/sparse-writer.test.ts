import {closeSync, openSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import {SparseWriter} from '../../pipeline/base/sparse-writer.ts'
import {tempDir} from '../helpers/temp.ts'

test('whatever is written, however it is split, is what is read', async (t) => {
  const path = join(await tempDir(t), 'file')
  const piece = fc.tuple(fc.integer({min: 0, max: 9000}), fc.constantFrom(0, 7)).map(([length, value]) => Buffer.alloc(length, value))
  fc.assert(fc.property(fc.array(piece, {maxLength: 8}), (pieces) => {
    const file = openSync(path, 'w+')
    const writer = new SparseWriter(file)
    for (const bytes of pieces) writer.write(bytes)
    writer.end()
    closeSync(file)
    return readFileSync(path).equals(Buffer.concat(pieces)) && writer.size === Buffer.concat(pieces).length
  }), {numRuns: 300})
  t.pass()
})

test('zeros take no room, also where the pieces are no whole blocks', async (t) => {
  const path = join(await tempDir(t), 'file')
  const file = openSync(path, 'w+')
  const writer = new SparseWriter(file)
  writer.write(Buffer.from('begin'))
  for (let index = 0; index < 100; index += 1) writer.write(Buffer.alloc(99_999))
  writer.write(Buffer.from('end'))
  writer.end()
  closeSync(file)
  t.is(statSync(path).size, 5 + 100 * 99_999 + 3)
  t.true(statSync(path).blocks * 512 <= 4 * 4096)
})
