import {covers, type Release, type Span} from './release.ts'
import type {Platform, Recipe} from './recipe.ts'

type Firmware = Recipe['image']['firmware']

/** How releases call the disk image with the ext4 root, `.gz` left off. */
export const imageNames: readonly (Span & {readonly platform: Platform; readonly names: Readonly<Partial<Record<Firmware, string>>>})[] = [
  {platform: 'x86/64', until: '17.01', names: {bios: 'lede-x86-64-combined-ext4.img'}},
  {platform: 'x86/64', since: '18.06', until: '19.07', names: {bios: 'openwrt-x86-64-combined-ext4.img'}},
  {platform: 'x86/64', since: '21.02', names: {bios: 'openwrt-x86-64-generic-ext4-combined.img', efi: 'openwrt-x86-64-generic-ext4-combined-efi.img'}},
]

/** The types that `profiles.json` gives those images. */
export const imageTypes: Readonly<Record<Firmware, string>> = {bios: 'combined', efi: 'combined-efi'}

/** The names that the image may have where no `profiles.json` tells: plain and compressed. */
export function namesOf(platform: Platform, firmware: Firmware, release: Release): string[] {
  const name = imageNames.find((row) => row.platform === platform && covers(row, release))?.names[firmware]
  return name === undefined ? [] : [`${name}.gz`, name]
}
