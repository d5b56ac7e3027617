import {compareSeries, covers, main, spanInWords, type Release, type Span} from './release.ts'
import type {Platform} from './recipe.ts'

/** What a recipe may want of OpenWrt's configuration, whatever the release calls it. Their values are in `seed.ts`. */
export type Want =
  | 'target' | 'subtarget' | 'profile'
  | 'ext4' | 'ext4-journal' | 'squashfs' | 'tarball' | 'gzip' | 'bios' | 'efi' | 'iso' | 'vdi' | 'vmdk' | 'vhdx'
  | 'boot-size' | 'root-size'
  | 'grub-timeout' | 'console' | 'serial' | 'baud'
  | 'developer' | 'ccache' | 'ccache-folder' | 'downloads' | 'build-log' | 'autoremove'
  | 'overview' | 'reproducible' | 'kernel-user' | 'kernel-host'

/** How some releases spell a want. */
export interface Spelling extends Span {
  readonly want: Want
  readonly symbol: string
  /** Only there. */
  readonly platform?: Platform
  /** Trees without it do as well: the want is passed over there. */
  readonly optional?: true
}

/**
 * Every symbol that we set, with the releases that have it. One that a new release renames: give the row an `until` and add
 * one with a `since`. (Read in 17.01, 18.06, 19.07, 21.02, 22.03, 23.05, 24.10, 25.12 and main.)
 */
export const spellings: readonly Spelling[] = [
  {want: 'target', symbol: 'TARGET_x86', platform: 'x86/64'},
  {want: 'subtarget', symbol: 'TARGET_x86_64', platform: 'x86/64'},
  {want: 'profile', symbol: 'TARGET_x86_64_Generic', platform: 'x86/64', until: '19.07'},
  {want: 'profile', symbol: 'TARGET_x86_64_DEVICE_generic', platform: 'x86/64', since: '21.02'},

  {want: 'ext4', symbol: 'TARGET_ROOTFS_EXT4FS'},
  {want: 'ext4-journal', symbol: 'TARGET_EXT4_JOURNAL'},
  {want: 'squashfs', symbol: 'TARGET_ROOTFS_SQUASHFS'},
  {want: 'tarball', symbol: 'TARGET_ROOTFS_TARGZ'},
  {want: 'gzip', symbol: 'TARGET_IMAGES_GZIP'},
  {want: 'bios', symbol: 'GRUB_IMAGES'},
  {want: 'efi', symbol: 'GRUB_EFI_IMAGES', since: '21.02'},
  {want: 'iso', symbol: 'ISO_IMAGES', since: '21.02'},
  {want: 'vdi', symbol: 'VDI_IMAGES'},
  {want: 'vmdk', symbol: 'VMDK_IMAGES'},
  {want: 'vhdx', symbol: 'VHDX_IMAGES', since: '22.03'},
  {want: 'boot-size', symbol: 'TARGET_KERNEL_PARTSIZE'},
  {want: 'root-size', symbol: 'TARGET_ROOTFS_PARTSIZE'},

  {want: 'grub-timeout', symbol: 'GRUB_TIMEOUT'},
  {want: 'console', symbol: 'GRUB_CONSOLE'},
  {want: 'serial', symbol: 'GRUB_SERIAL', until: '23.05'},
  {want: 'serial', symbol: 'TARGET_SERIAL', since: '24.10'},
  {want: 'baud', symbol: 'GRUB_BAUDRATE'},

  {want: 'developer', symbol: 'DEVEL'},
  {want: 'ccache', symbol: 'CCACHE'},
  {want: 'ccache-folder', symbol: 'CCACHE_DIR', since: '21.02', optional: true},
  {want: 'downloads', symbol: 'DOWNLOAD_FOLDER'},
  {want: 'build-log', symbol: 'BUILD_LOG'},
  {want: 'autoremove', symbol: 'AUTOREMOVE', since: '18.06', optional: true},

  {want: 'overview', symbol: 'JSON_OVERVIEW_IMAGE_INFO', since: '19.07', optional: true},
  {want: 'reproducible', symbol: 'REPRODUCIBLE_DEBUG_INFO', since: '21.02', optional: true},
  {want: 'kernel-user', symbol: 'KERNEL_BUILD_USER', optional: true},
  {want: 'kernel-host', symbol: 'KERNEL_BUILD_DOMAIN', optional: true},
]

/** Symbols that are asked for in good faith, do not exist (any more), and what serves instead. */
export const departed: readonly (Span & {readonly symbol: RegExp; readonly instead: string})[] = [
  {symbol: /^QCOW2_IMAGES$/, instead: 'OpenWrt never made qcow2 images; image.formats does'},
  {symbol: /^TARGET_x86_(?:kvm_guest|xen_domu)$/, since: '17.01', instead: 'its drivers are part of x86/64 since 17.01'},
  {symbol: /^TARGET_IMAGES_PAD$/, since: '21.02', instead: 'images are padded always since 21.02'},
  {symbol: /^TARGET_EXT4_MAXINODE$/, since: '17.01', instead: 'the number of inodes follows the size since 17.01'},
  {symbol: /^PACKAGE_kmod-virtio-/, since: '17.01', instead: 'the kernel of x86/64 has virtio built in since 17.01'},
  {symbol: /^VIRTIO_/, instead: 'it is a symbol of the kernel, not of OpenWrt; the kernel of x86/64 has virtio built in'},
]

/**
 * The spelling of a want in one tree. A main of some years ago calls itself SNAPSHOT like today's: there what the tree declares
 * decides.
 */
export function spellingOf(want: Want, platform: Platform, release: Release, declared: (symbol: string) => boolean): Spelling | undefined {
  const candidates = spellings.filter((row) => row.want === want && (row.platform === undefined || row.platform === platform))
  const usual = candidates.find((row) => covers(row, release))
  if (usual !== undefined && declared(usual.symbol)) return usual
  const other = release.series === main.series ? candidates.find(({symbol}) => declared(symbol)) : undefined
  return other ?? (usual?.optional === true ? undefined : usual)
}

/** What a symbol stands for in some release; undefined for one that we never set. */
export function wantOf(symbol: string): Want | undefined {
  return spellings.find((row) => row.symbol === symbol)?.want
}

/** Whether a tree without any spelling of a want does as well. */
export function isOptional(want: Want): boolean {
  return spellings.some((row) => row.want === want && row.optional === true)
}

/** The releases that know a want at all, for people: `from 21.02 on`. */
export function spanOf(want: Want): string {
  const rows = spellings.filter((row) => row.want === want)
  const sinces = rows.map(({since}) => since)
  const since = sinces.includes(undefined) ? undefined : sinces.sort((a, b) => compareSeries(a ?? '', b ?? ''))[0]
  return since === undefined ? 'in every release' : spanInWords({since})
}

/** What another release calls a symbol, or what came in its place; undefined where we know nothing of it. */
export function knownOtherwise(symbol: string, platform: Platform, release: Release): string | undefined {
  const row = spellings.find((spelling) => spelling.symbol === symbol)
  if (row !== undefined && !covers(row, release)) {
    const here = spellingOf(row.want, platform, release, () => true)
    const there = `${symbol} is there ${spanInWords(row)}`
    return here === undefined ? there : `it is called ${here.symbol} ${spanInWords(here)}`
  }
  return departed.find((entry) => entry.symbol.test(symbol) && covers(entry, release))?.instead
}
