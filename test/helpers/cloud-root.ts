import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {demoRoot, type DemoRoot, type RootOptions} from './demo-root.ts'
import {openwrtApplets} from './openwrt-applets.ts'
import type {Scope} from './temp.ts'

export const rcCloud = join(packageRoot, 'feeds', 'cloud', 'rc.cloud')

/** What `rc.cloud` finds of the machine that it wakes up on. */
export interface Machine extends Omit<RootOptions, 'sys'> {
  /** Files of /sys/class/dmi/id, each a line: `{sys_vendor: 'Hetzner'}`. */
  readonly dmi?: Readonly<Record<string, string>>
  /** MAC addresses of the network cards, by name: `{eth0: '52:54:00:00:00:01'}`. */
  readonly nics?: Readonly<Record<string, string>>
  /** More files of /sys. */
  readonly sys?: Readonly<Record<string, string>>
}

/** A root with the demo's scripts, the applets that every OpenWrt has, and rc.cloud as its package installs it. */
export async function cloudRoot(t: Scope, {dmi = {}, nics = {}, sys = {}, ...options}: Machine = {}): Promise<DemoRoot> {
  const root = await demoRoot(t, {
    packages: ['base-files', 'uci', 'netifd', 'firewall', 'dropbear'],
    applets: openwrtApplets,
    cmdline: 'root=/dev/vda2 console=ttyS0',
    ...options,
    sys: {
      ...Object.fromEntries(Object.entries(dmi).map(([name, text]) => [`class/dmi/id/${name}`, `${text}\n`])),
      // a card on a bus has a device, which bridges and VLANs have not
      ...Object.fromEntries(Object.entries(nics).flatMap(([name, mac]) => [[`class/net/${name}/address`, `${mac}\n`], [`class/net/${name}/device/uevent`, '']])),
      ...sys,
    },
  })
  // dropbear's package makes it; git keeps no empty folder
  mkdirSync(join(root.folder, 'etc', 'dropbear'), {recursive: true})
  installRcCloud(root.folder)
  return root
}

/** As the package's Makefile does. */
export function installRcCloud(folder: string): void {
  execFileSync('sh', ['-ec', `
    umask 022
    cp -R "$1"/files/. "$2"
    mkdir -p "$2/usr/lib/rc.cloud"
    cp "$1"/lib/*.awk "$2/usr/lib/rc.cloud"
    cat "$1"/lib/*.sh > "$2/usr/lib/rc.cloud/lib.sh"
    cd "$2"
    chmod 0755 etc/init.d/rc.cloud* usr/sbin/rc.cloud
    sed -i -f "$1/strip.sed" etc/init.d/rc.cloud* usr/sbin/rc.cloud usr/lib/rc.cloud/* lib/preinit/79_rc_cloud_grow
  `, 'sh', rcCloud, folder])
}
