import {execFileSync} from 'node:child_process'
import {chmodSync, closeSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import type {ReadAt} from '../../pipeline/base/read-at.ts'
import {loop} from '../../pipeline/stages/edit/loop.ts'
import {findProgram} from '../../pipeline/tools/run.ts'
import {writeFiles, type Files} from './files.ts'

export const sector = 512
const MiB = 2 ** 20

/** As make_ext4fs sets them. */
export const openwrtFeatures = ['-O', 'none,has_journal,ext_attr,resize_inode,filetype,extent,sparse_super,large_file,uninit_bg', '-I', '256', '-b', '4096']

export interface DiskOptions {
  readonly table?: 'mbr' | 'gpt'
  /** Of the root, in MiB. */
  readonly size?: number
  /** Options of mke2fs for the root. */
  readonly features?: readonly string[]
  readonly label?: string
  /** Put into the root besides what is always there; null takes away. */
  readonly files?: Files
  /** Does more to the tree before the root is made of it. */
  readonly dress?: (tree: string) => void
  /** Done to the root's file system before it is put into the disk. */
  readonly spoil?: (root: string) => void
}

export interface Disk {
  readonly path: string
  /** Bytes from the disk's start to the root's. */
  readonly offset: number
}

/** The sectors where the partitions of an OpenWrt disk with a boot partition of 2 MiB begin. */
const places = {mbr: {boot: 512, root: 512 + 4096 + 512}, gpt: {boot: 512, root: 512 + 4096}} as const

/** What every root has. */
const tree: Files = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/ash\ndaemon:*:1:1:daemon:/var:/bin/false\n',
  'etc/shadow': 'root:::0:99999:7:::\ndaemon:*:0:0:99999:7:::\n',
  'etc/config/system': "config system\n\toption ttylogin '0'\n",
  'etc/motd': 'welcome\n',
  'bin/busybox!': '#!/bin/sh\n',
  'lib/preinit/30_failsafe_wait': 'wait\n',
}

/** Makes a disk with the layout of OpenWrt's: a boot file system without journal, and a root. */
export function makeDisk(folder: string, name: string, {table = 'mbr', size = 16, features = openwrtFeatures, label = 'rootfs', files = {}, dress, spoil}: DiskOptions = {}): Disk {
  const work = mkdtempSync(join(folder, 'disk-'))
  const [root, boot, path] = [join(work, 'tree'), join(work, 'boot'), join(folder, name)]
  writeFiles(root, {...tree, ...files})
  for (const empty of ['tmp', 'root', 'etc/dropbear', 'dev']) mkdirSync(join(root, empty), {recursive: true})
  for (const [target, link] of [['tmp', 'var'], ['/tmp/resolv.conf', 'etc/resolv.conf']] as const) symlinkSync(target, join(root, link))
  if (files['etc/shadow'] !== null) chmodSync(join(root, 'etc/shadow'), 0o600)
  chmodSync(join(root, 'etc/dropbear'), 0o700)
  dress?.(root)
  writeFiles(boot, {'boot/grub/grub.cfg': 'linux /boot/vmlinuz root=PARTUUID=0badc0de-02 rootwait\n'})
  makeExt4(join(work, 'root.img'), root, size, label, features)
  makeExt4(join(work, 'boot.img'), boot, 2, 'kernel', ['-O', 'none,ext_attr,filetype,extent,sparse_super', '-b', '1024'])
  spoil?.(join(work, 'root.img'))
  const start = places[table]
  writeFileSync(path, '')
  truncateSync(path, start.root * sector + size * MiB + (table === 'gpt' ? 63 * sector : 0))
  partition(path, table, size)
  for (const [part, at] of [['boot.img', start.boot], ['root.img', start.root]] as const) {
    execFileSync('dd', [`if=${join(work, part)}`, `of=${path}`, `bs=${sector}`, `seek=${at}`, 'conv=notrunc,sparse', 'status=none'])
  }
  rmSync(work, {recursive: true})
  return {path, offset: start.root * sector}
}

function partition(path: string, table: 'mbr' | 'gpt', size: number): void {
  const rows = table === 'mbr'
    ? ['label: dos', 'label-id: 0x0badc0de', `start=${places.mbr.boot}, size=4096, type=83, bootable`, `start=${places.mbr.root}, size=${size * 2048}, type=83`]
    : ['label: gpt', 'first-lba: 34', 'label-id: 11111111-2222-3333-4444-555555555500', `start=${places.gpt.boot}, size=4096, type=L, uuid=11111111-2222-3333-4444-555555555501`, `start=${places.gpt.root}, size=${size * 2048}, type=L, uuid=11111111-2222-3333-4444-555555555502`]
  execFileSync(program('sfdisk'), ['-q', path], {input: `${rows.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe']})
}

function makeExt4(path: string, from: string, size: number, label: string, features: readonly string[]): void {
  const options = ['-q', '-F', '-t', 'ext4', '-m', '0', '-L', label, '-U', 'ff313567-e9f1-5a5d-9895-3ba130b4a864', '-E', 'root_owner=0:0', ...features, '-d', from, path, `${size}M`]
  execFileSync(program('mke2fs'), options, {stdio: 'pipe', env: {...process.env, E2FSPROGS_FAKE_TIME: '1700000000'}})
}

/** A program of sbin, which is not on everybody's PATH. */
export function program(name: string): string {
  return findProgram(name) ?? name
}

/** Gives a file system the two flaws of those that make_ext4fs makes: bits behind the end of the bitmap of inodes, and the last block that is kept for growing is not listed. */
export function flawAsMakeExt4fs(root: string): void {
  const text = execFileSync(program('dumpe2fs'), [root], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1])
  const [block, reserved, inodes, bitmap] = [number(/Block size: +(\d+)/), number(/Reserved GDT blocks: +(\d+)/), number(/Inodes per group: +(\d+)/), number(/Inode bitmap at (\d+)/)]
  const list = Number(/\(DIND\):(\d+)/.exec(debugfs(root, 'stat <7>'))?.[1])
  patch(root, list * block + 4 * reserved, Buffer.alloc(4))
  patch(root, bitmap * block + inodes / 8, Buffer.alloc(8))
}

/** What debugfs answers to a question. */
export function debugfs(image: string, question: string, offset = 0): string {
  return execFileSync(program('debugfs'), ['-R', question, `${basename(image)}?offset=${offset}`], {cwd: dirname(image), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
}

/** Writes bytes into a file at an offset. */
export function patch(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, offset)
  closeSync(file)
}

export function readAtOf(path: string): ReadAt {
  return (offset, length) => {
    const file = openSync(path, 'r')
    const bytes = Buffer.alloc(length)
    const got = readSync(file, bytes, 0, length, offset)
    closeSync(file)
    return bytes.subarray(0, got)
  }
}

/** What e2fsck says of a root without changing it: its exit code. */
export function fsckCode({path, offset}: Disk): number {
  try {
    execFileSync(program('e2fsck'), ['-fn', `${basename(path)}?offset=${offset}`], {cwd: dirname(path), stdio: 'ignore'})
    return 0
  } catch (error) {
    return (error as {readonly status: number}).status
  }
}

/**
 * All that is in a root, by path: kind, mode, owner, content or target. Read by the kernel where it can be mounted, else by debugfs, which
 * loses set-id bits and owners on the way: neither has a line in common with our reader.
 */
export function treeOf({path, offset}: Disk, folder: string): Record<string, string> {
  const to = mkdtempSync(join(folder, 'tree-'))
  const mounted = loop.unavailable() === undefined
  if (mounted) execFileSync('mount', ['-t', 'ext4', '-o', `loop,ro,noload,offset=${offset}`, path, to])
  else debugfs(path, `rdump / ${to}`, offset)
  const found: Record<string, string> = {}
  const walk = (at: string): void => {
    for (const name of readdirSync(join(to, at))) {
      const here = `${at}/${name}`
      const stat = lstatSync(join(to, here))
      const content = stat.isSymbolicLink() ? `-> ${readlinkSync(join(to, here))}` : stat.isFile() ? readFileSync(join(to, here)).toString('base64') : stat.isDirectory() ? '' : String(stat.rdev)
      found[here] = `${(stat.mode).toString(8)} ${stat.uid}:${stat.gid} ${content}`
      if (stat.isDirectory()) walk(here)
    }
  }
  try {
    walk('')
  } finally {
    if (mounted) execFileSync('umount', [to])
    else execFileSync('chmod', ['-R', 'u+rwX', to])
    rmSync(to, {recursive: true})
  }
  return found
}
