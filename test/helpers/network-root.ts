import type {ExecutionContext} from 'ava'
import {cloudRoot, type Machine} from './cloud-root.ts'
import type {DemoRoot} from './demo-root.ts'
import {toFlat} from './flat-lines.ts'

/** /etc/config/network as OpenWrt makes it for one card, and what a user has put there. */
export const stockNetwork = `
config interface 'loopback'
	option device 'lo'
	option proto 'static'
	list ipaddr '127.0.0.1/8'

config globals 'globals'
	option ula_prefix 'fd00:1:2::/48'

config device
	option name 'br-lan'
	option type 'bridge'
	list ports 'eth0'

config interface 'lan'
	option device 'br-lan'
	option proto 'static'
	option ipaddr '192.168.1.1'
	option netmask '255.255.255.0'
	option ip6assign '60'

config interface 'vpn'
	option proto 'wireguard'
	option private_key 'secret'
`

/** What is left of it where a cloud's network takes the place of the lan. */
export const kept = `
config interface 'loopback'
	option device 'lo'
	option proto 'static'
	list ipaddr '127.0.0.1/8'

config globals 'globals'
	option ula_prefix 'fd00:1:2::/48'

config interface 'vpn'
	option proto 'wireguard'
	option private_key 'secret'
`

const stockDhcp = `
config dnsmasq
	option domainneeded '1'

config dhcp 'lan'
	option interface 'lan'
	option start '100'
	option dhcpv4 'server'

config dhcp 'wan'
	option interface 'wan'
	option ignore '1'
`

export const cards = {eth0: '52:54:00:00:00:01', eth1: '52:54:00:00:00:02'}

export const libraries = '. /usr/lib/rc.cloud/lib.sh; mkdir -p $RUN $STATE ${LOG%/*}; : > $LOG\n'

/** A machine fresh from its image, with a document about its network in /tmp/data. */
export async function networkRoot(t: ExecutionContext, document: unknown, machine: Machine = {}): Promise<DemoRoot> {
  const root = await cloudRoot(t, {nics: cards, ...machine})
  root.write({'etc/config/network': stockNetwork, 'etc/config/dhcp': stockDhcp, 'tmp/data': typeof document === 'string' ? document : toFlat(document)})
  return root
}

/** What rc.cloud logged, without the times. */
export function logged(root: DemoRoot): string {
  return root.read('tmp/log/rc.cloud.log').replace(/^\[[\d.]+\] /gm, '')
}
