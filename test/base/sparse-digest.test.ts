import {truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {sparseDigest} from '../../pipeline/base/sparse-digest.ts'
import {tempDir} from '../helpers/temp.ts'

const MiB = 1 << 20

test('equal bytes give equal digests, with holes or without; any other bytes, places or lengths another', async (t) => {
  const folder = await tempDir(t)
  const digest = async (name: string, bytes: Uint8Array, length = bytes.length): Promise<string> => {
    writeFileSync(join(folder, name), bytes)
    truncateSync(join(folder, name), length)
    return sparseDigest(join(folder, name))
  }
  const data = Buffer.concat([Buffer.alloc(2 * MiB), Buffer.from('data'), Buffer.alloc(3 * MiB)])
  const first = await digest('first', data)
  t.is(await digest('holes', data.subarray(0, 2 * MiB + 4), data.length), first)
  const others = [
    await digest('longer', data, data.length + 1),
    await digest('later', Buffer.concat([Buffer.alloc(1), data.subarray(0, -1)])),
    await digest('one piece later', Buffer.concat([Buffer.alloc(1 << 16), data.subarray(0, -(1 << 16))])),
    await digest('changed', Buffer.concat([data.subarray(0, -1), Buffer.from('x')])),
    await digest('empty', Buffer.alloc(0)),
    await digest('zeros', Buffer.alloc(0), data.length),
  ]
  t.is(new Set([first, ...others]).size, others.length + 1)
})
