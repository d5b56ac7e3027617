import {execFileSync} from 'node:child_process'
import {createHash, randomBytes} from 'node:crypto'
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import fc from 'fast-check'
import {readerOf} from '../../pipeline/base/read-at.ts'
import {deviceOf} from '../../pipeline/model/ext4-inode.ts'
import {Ext4Reader} from '../../pipeline/model/ext4-reader.ts'
import {Problem} from '../../pipeline/model/problem.ts'
import {debugfs, flawAsMakeExt4fs, openwrtFeatures, program} from '../helpers/disk.ts'
import {tempDir} from '../helpers/temp.ts'

/** File systems as different ones make them. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'as make_ext4fs makes it': openwrtFeatures,
  'as mke2fs makes it today': ['-t', 'ext4', '-O', '64bit,metadata_csum,dir_index,huge_file,orphan_file,metadata_csum_seed', '-b', '1024'],
  'ext2, with a map of blocks': ['-t', 'ext2', '-b', '1024'],
  'with descriptors in the groups': ['-t', 'ext4', '-O', '^resize_inode,meta_bg', '-b', '1024', '-g', '256'],
}

const big = randomBytes(700_000)

function tree(folder: string): string {
  const root = join(folder, 'tree')
  mkdirSync(join(root, 'etc', 'many'), {recursive: true})
  writeFileSync(join(root, 'etc', 'big'), big)
  writeFileSync(join(root, 'etc', 'sparse'), Buffer.concat([Buffer.from('begin'), Buffer.alloc(300_000), Buffer.from('end')]))
  writeFileSync(join(root, 'etc', 'empty'), '')
  for (let index = 0; index < 400; index += 1) writeFileSync(join(root, 'etc', 'many', `a file with a rather long name, number ${index}`), String(index))
  symlinkSync('short', join(root, 'link'))
  symlinkSync('x'.repeat(200), join(root, 'long-link'))
  writeFileSync(join(root, 'größer "als"'), 'ü')
  return root
}

async function make(t: ExecutionContext, options: readonly string[], size = '16M'): Promise<string> {
  const folder = await tempDir(t)
  const path = join(folder, 'fs')
  execFileSync(program('mke2fs'), ['-q', '-F', ...options, '-d', tree(folder), path, size], {stdio: 'pipe'})
  return path
}

function open(path: string): Ext4Reader {
  const bytes = readFileSync(path)
  return new Ext4Reader(readerOf(bytes), bytes.length)
}

for (const [kind, options] of Object.entries(kinds)) {
  test(`reads a file system ${kind}`, async (t) => {
    const path = await make(t, options)
    const reader = open(path)
    const digest = (name: string): string => {
      const hash = createHash('sha256')
      const inode = reader.find(name)
      if (inode !== undefined) for (const piece of reader.contents(inode)) hash.update(piece)
      return hash.digest('hex')
    }
    t.is(digest('/etc/big'), createHash('sha256').update(big).digest('hex'))
    t.is(digest('/etc/sparse'), createHash('sha256').update('begin').update(Buffer.alloc(300_000)).update('end').digest('hex'))
    t.is(reader.find('/etc/empty')?.size, 0)
    const many = reader.find('/etc/many')
    t.is(many === undefined ? 0 : reader.names(many).size, 400)
    for (const [name, target] of [['/link', 'short'], ['/long-link', 'x'.repeat(200)]] as const) {
      const link = reader.find(name)
      t.is(link?.kind, 'link')
      t.is(link === undefined ? '' : reader.target(link).toString(), target)
    }
    t.is(reader.find('/größer "als"')?.size, 2)
    t.is(reader.find('/nothing'), undefined)
    t.is(reader.find('/link/below'), undefined)
    t.is(reader.find('/etc/../etc/empty'), undefined, 'a path has no ..')
    t.true(reader.canGrowMounted())
  })
}

test('modes, owners, times and numbers are what debugfs says', async (t) => {
  const path = await make(t, openwrtFeatures)
  const commands = ['sif /etc/empty mode 0104711', 'sif /etc/empty uid 70000', 'sif /etc/empty gid 131072', 'mknod device c 300 60000', 'mknod old b 8 1', 'mknod pipe p']
  execFileSync(program('debugfs'), ['-w', '-f', '-', path], {input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'ignore']})
  const reader = open(path)
  const {mode, uid, gid} = reader.find('/etc/empty') ?? {}
  t.deepEqual([mode, uid, gid], [0o4711, 70000, 131072])
  const kindAndNumbers = (name: string): unknown[] => {
    const inode = reader.find(name)
    return inode === undefined ? [] : [inode.kind, deviceOf(inode)]
  }
  t.deepEqual(kindAndNumbers('/device'), ['character', {major: 300, minor: 60000}])
  t.deepEqual(kindAndNumbers('/old'), ['block', {major: 8, minor: 1}])
  t.is(reader.find('/pipe')?.kind, 'fifo')
  const said = debugfs(path, 'stats')
  t.is(reader.superblock.freeBlocks, Number(/Free blocks: +(\d+)/.exec(said)?.[1]))
  t.is(reader.superblock.freeInodes, Number(/Free inodes: +(\d+)/.exec(said)?.[1]))
  t.true(said.includes(reader.superblock.uuid))
})

test('a file system with the flaws of make_ext4fs cannot grow while it is mounted', async (t) => {
  const path = await make(t, openwrtFeatures, '200M')
  t.true(open(path).canGrowMounted())
  flawAsMakeExt4fs(path)
  t.false(open(path).canGrowMounted())
})

/** Bytes of a superblock that say something else. */
const lies: Readonly<Record<string, readonly [offset: number, bytes: readonly number[], pattern: RegExp]>> = {
  'no magic': [56, [0, 0], /no ext4/],
  'a block size of 2^42': [24, [32, 0, 0, 0], /block size/],
  'more blocks than the partition': [4, [255, 255, 255, 127], /larger than its partition/],
  'no blocks a group': [32, [0, 0, 0, 0], /blocks a group/],
  'no inodes a group': [40, [0, 0, 0, 0], /inodes a group/],
  'inodes of 3 bytes': [88, [3, 0], /inodes have 3 bytes/],
  'inodes that do not add up': [0, [1, 0, 0, 0], /inodes in/],
  'more free blocks than blocks': [12, [255, 255, 255, 127], /more of it is free/],
  'revision 0': [76, [0, 0, 0, 0], /revision/],
}

for (const [lie, [offset, bytes, pattern]] of Object.entries(lies)) {
  test(`a superblock with ${lie} is refused`, async (t) => {
    const path = await make(t, openwrtFeatures)
    const image = readFileSync(path)
    image.set(bytes, 1024 + offset)
    const error = t.throws(() => new Ext4Reader(readerOf(image), image.length), {instanceOf: Problem})
    t.is(error.code, 'image-filesystem')
    t.regex(error.message, pattern)
  })
}

test('whatever is changed, reading ends, in an answer or in a Problem', async (t) => {
  const image = readFileSync(await make(t, kinds['as make_ext4fs makes it'] ?? []))
  const reader = new Ext4Reader(readerOf(image), image.length)
  const places = inodePlaces(image, reader)
  const place = fc.oneof(fc.integer({min: 1024, max: 2047}), fc.integer({min: 4096, max: 4160}), fc.constantFrom(...places).chain((start) => fc.integer({min: start, max: start + 127})))
  fc.assert(fc.property(fc.array(fc.tuple(place, fc.nat(255)), {minLength: 1, maxLength: 12}), (changes) => {
    const before = changes.map(([offset]) => [offset, image[offset] ?? 0] as const)
    for (const [offset, value] of changes) image[offset] = value
    try {
      const other = new Ext4Reader(readerOf(image), image.length)
      const folder = other.find('/etc/many')
      if (folder?.kind === 'directory') other.names(folder)
      const link = other.find('/long-link')
      if (link?.kind === 'link') other.target(link)
      const file = other.find('/etc/big')
      if (file !== undefined && file.size < 2 ** 24) for (const piece of other.contents(file)) if (piece.length > 1 << 20) return false
      other.canGrowMounted()
      return true
    } catch (error) {
      return error instanceof Problem
    } finally {
      for (const [offset, value] of before.toReversed()) image[offset] = value
    }
  }), {numRuns: 2000})
  t.pass()
})

/** Where the inodes of some files and of the root lie, and the first blocks of their folders. */
function inodePlaces(image: Buffer, reader: Ext4Reader): number[] {
  const table = image.readUInt32LE(4096 + 8) * 4096
  return ['/', '/etc', '/etc/many', '/etc/big', '/long-link'].flatMap((path) => {
    const inode = reader.find(path)
    return inode === undefined ? [] : [table + (inode.number - 1) * 256, inode.block.readUInt32LE(20) * 4096]
  })
}

test('a tree of extents whose branches meet again ends', async (t) => {
  const path = await make(t, openwrtFeatures)
  const image = readFileSync(path)
  const reader = new Ext4Reader(readerOf(image), image.length)
  const file = reader.find('/etc/big')
  const place = image.readUInt32LE(4096 + 8) * 4096 + ((file?.number ?? 0) - 1) * 256 + 40
  // four levels, each entry of each leads to the one block below, which has no entries
  const blocks = [3000, 3001, 3002, 3003]
  const node = (offset: number, entries: number, depth: number, below: number): void => {
    image.writeUInt16LE(0xf30a, offset)
    image.writeUInt16LE(entries, offset + 2)
    image.writeUInt16LE(depth, offset + 6)
    for (let index = 1; index <= entries; index += 1) {
      image.writeUInt32LE(index * 1000, offset + 12 * index)
      image.writeUInt32LE(below, offset + 12 * index + 4)
      image.writeUInt16LE(0, offset + 12 * index + 8)
    }
  }
  node(place, 4, 4, blocks[0] ?? 0)
  blocks.forEach((block, level) => node(block * 4096, level === 3 ? 0 : 340, 3 - level, blocks[level + 1] ?? 0))
  const broken = new Ext4Reader(readerOf(image), image.length)
  const inode = broken.find('/etc/big')
  t.throws(() => [...(inode === undefined ? [] : broken.contents(inode))], {instanceOf: Problem})
})
