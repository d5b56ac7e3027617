import {cloudRoot, type Machine} from './cloud-root.ts'
import type {DemoRoot, Output} from './demo-root.ts'
import type {Scope} from './temp.ts'

/** A machine whose services of rc.cloud are started as at boot, as often as wanted. */
export interface CloudMachine {
  readonly root: DemoRoot
  /** Boots, waits for the end of rc.cloud's work, then runs a script, whose output it gives. What lies in /tmp is lost before it, as in a boot. */
  boot(script?: string): Output
}

/** The folder of a seed, of all ways to be told something the one without any device. */
export const seedFolder = 'etc/rc.cloud/seed'

export async function cloudMachine(t: Scope, machine: Machine = {}): Promise<CloudMachine> {
  const root = await cloudRoot(t, {nics: {eth0: '52:54:00:00:00:01'}, before: 'ip link set lo up; ip route add default dev lo', ...machine})
  root.write({
    // what would restart services of the machine, or end it
    'sbin/reload_config!': '#!/bin/sh\necho reload_config >> /root/calls\n',
    'etc/init.d/dropbear!': '#!/bin/sh\necho "dropbear $1" >> /root/calls\n',
    'etc/init.d/system!': '#!/bin/sh\necho "system $1" >> /root/calls\n',
    'etc/dropbear/authorized_keys': null,
    'etc/config/network': stockNetwork,
    'etc/config/system': "config system\n\toption hostname 'OpenWrt'\n",
  })
  return {root, boot: (script = ':') => root.run(`${start}\n${script}`)}
}

/** As OpenWrt's first boot leaves it on a machine of one card. */
export const stockNetwork = `config interface 'loopback'
	option device 'lo'
	option proto 'static'
	option ipaddr '127.0.0.1'
	option netmask '255.0.0.0'

config globals 'globals'
	option ula_prefix 'fd12:3456:789a::/48'
	option dhcp_default_duid '0004aabbccdd'

config device
	option name 'br-lan'
	option type 'bridge'
	list ports 'eth0'

config interface 'lan'
	option device 'br-lan'
	option proto 'static'
	option ipaddr '192.168.1.1'
	option netmask '255.255.255.0'
`

const start = `
rm -rf /tmp/*
mkdir -p /var/log /var/run /var/lock /tmp/.uci
/etc/init.d/rc.cloud boot || exit
/etc/init.d/rc.cloud-final boot || exit
rc.cloud status --wait > /dev/null
`
