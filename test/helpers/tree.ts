import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

/** What the goals of a tree's make do: lines for /bin/sh. */
export interface TreeScripts {
  readonly defconfig?: string
  readonly download?: string
  readonly world?: string
  /** Other goals, by name. */
  readonly goals?: Readonly<Record<string, string>>
}

/**
 * The smallest tree that our stages take for a tree of OpenWrt's: its `make` really runs, and does what a test says. Without a
 * script `defconfig` leaves the seed as the configuration, `download` does nothing and `world` makes an image.
 */
export async function makeTree(tree: string, scripts: TreeScripts = {}, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const goals = {defconfig: scripts.defconfig ?? asAsked, download: scripts.download ?? '', world: scripts.world ?? makesImage, ...scripts.goals}
  const all = {
    Makefile: `${Object.keys(goals).map((goal) => `${goal}:\n\t@sh -e scripts/${goal.replaceAll('/', '-')}.sh\n`).join('')}.PHONY: ${Object.keys(goals).join(' ')}\n`,
    'include/version.mk': versionMk('24.10.5'),
    ...Object.fromEntries(Object.entries(goals).map(([goal, script]) => [`scripts/${goal.replaceAll('/', '-')}.sh`, script])),
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(tree, name)), {recursive: true})
    await writeFile(join(tree, name), text)
  }
}

export function versionMk(release: string): string {
  return `VERSION_NUMBER:=$(call qstrip,$(CONFIG_VERSION_NUMBER))\nVERSION_NUMBER:=$(if $(VERSION_NUMBER),$(VERSION_NUMBER),${release})\n`
}

/** kconfig that grants every wish, and adds what it always adds. */
export const asAsked = `printf '%s\\n' 'CONFIG_TARGET_BOARD="x86"' 'CONFIG_TARGET_SUBTARGET="64"' >> .config\n`

export const binaries = 'bin/targets/x86/64'
export const imageName = 'openwrt-x86-64-generic-ext4-combined.img.gz'

/** An image, and what OpenWrt lays beside it. */
export const makesImage = `
mkdir -p ${binaries}
printf 'an image' > ${binaries}/${imageName}
printf '%s\\n' 'base-files - 1~abc' 'kernel - 6.6.119~9f-r1' > ${binaries}/openwrt-x86-64-generic.manifest
echo r28739-d9340319c6 > ${binaries}/version.buildinfo
rm -f ${binaries}/sha256sums
(cd ${binaries} && sums=$(sha256sum -b *) && echo "$sums" > sha256sums)
`
