import test, {type ExecutionContext} from 'ava'
import {demoRoot, noDemoRoot} from '../helpers/demo-root.ts'
import {libraries, networkRoot} from '../helpers/network-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** What the demo's netifd makes of the document, with two cables: addresses, MTUs, routes. */
async function broughtUp(t: ExecutionContext, document: unknown): Promise<string> {
  const writer = await networkRoot(t, document)
  writer.run(`${libraries} network_apply /tmp/data`)
  const root = await demoRoot(t)
  root.write({'etc/config/network': writer.read('etc/config/network'), 'etc/hotplug.d/iface/20-firewall': null})
  const {stdout, stderr} = root.run(`ip link set lo up; for n in 0 1; do ip link add eth$n type veth; ip link set veth0 name far$n; ip link set far$n up; done
    /etc/init.d/network start; sleep 0.7
    ip -o link | sed -n 's/^[0-9]*: \\(eth[^:@]*\\|br[^:@]*\\)[@:].* mtu \\([0-9]*\\).*/\\1 \\2/p' | sort
    ip -o addr | grep -v ' fe80\\| ::1\\|127.0' | sed 's/.*: \\([^ ]*\\) *inet6* \\([^ ]*\\) .*/\\1 \\2/' | sort
    ip route | sed 's/ *$//' | sort; ip -6 route | grep via | sed 's/ *$//' | sort; cat /tmp/resolv.conf.d/resolv.conf.auto`)
  return stdout + stderr
}

inRoot(`gateways that are on no network of an address, IPv6 through a link-local one, MTU, DNS${why}`, async (t) => {
  t.is(await broughtUp(t, {version: 2, ethernets: {
    eth0: {addresses: ['203.0.113.5/32', '2001:db8:2::5/64'], gateway4: '172.31.1.1', gateway6: 'fe80::1', nameservers: {addresses: ['9.9.9.9']}},
    eth1: {mtu: 1400, addresses: ['10.0.0.2/32'], routes: [{to: '10.0.0.1/32'}, {to: '10.0.0.0/16', via: '10.0.0.1'}]},
  }}), `eth0 1500
eth1 1400
eth0 2001:db8:2::5/64
eth0 203.0.113.5/32
eth1 10.0.0.2/32
10.0.0.0/16 via 10.0.0.1 dev eth1  metric 10 onlink
10.0.0.1 dev eth1 scope link  metric 10
default via 172.31.1.1 dev eth0 onlink
default via fe80::1 dev eth0  metric 1024 onlink
# Interface wan
nameserver 9.9.9.9
`)
})

inRoot(`OpenStack: two networks of which one has the default route, routes${why}`, async (t) => {
  t.is(await broughtUp(t, {
    links: [{id: 'a', type: 'ovs', ethernet_mac_address: '52:54:00:00:00:01', mtu: 1450}, {id: 'b', type: 'phy', ethernet_mac_address: '52:54:00:00:00:02', mtu: null}],
    networks: [
      {link: 'a', type: 'ipv4', ip_address: '10.1.0.5', netmask: '255.255.255.0', routes: [{network: '10.50.0.0', netmask: '255.255.0.0', gateway: '10.1.0.9'}]},
      {link: 'b', type: 'ipv4', ip_address: '192.0.2.5', netmask: '255.255.255.192', routes: [{network: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.0.2.1'}]},
      {link: 'b', type: 'ipv6', ip_address: '2001:db8::5', netmask: 'ffff:ffff:ffff:ffff::', routes: [{network: '::', netmask: '::', gateway: '2001:db8::1'}]},
    ],
    services: [{type: 'dns', address: '9.9.9.9'}],
  }), `eth0 1450
eth1 1500
eth0 10.1.0.5/24
eth1 192.0.2.5/26
eth1 2001:db8::5/64
10.1.0.0/24 dev eth0 scope link  src 10.1.0.5
10.50.0.0/16 via 10.1.0.9 dev eth0  metric 10 onlink
192.0.2.0/26 dev eth1 scope link  src 192.0.2.5
default via 192.0.2.1 dev eth1 onlink
default via 2001:db8::1 dev eth1  metric 1024 onlink
# Interface wan
nameserver 9.9.9.9
`)
})

inRoot(`version 1: two default routes, of which the first one's counts; a bridge of one card, which stands for it${why}`, async (t) => {
  t.is(await broughtUp(t, {version: 1, config: [
    {type: 'physical', name: 'eth0', mac_address: '52:54:00:00:00:01', subnets: [{type: 'static', address: '10.1.0.7/24', gateway: '10.1.0.1'}]},
    {type: 'physical', name: 'eth1', mac_address: '52:54:00:00:00:02'},
    {type: 'bridge', name: 'br0', bridge_interfaces: ['eth1'], subnets: [{type: 'static', address: '10.2.0.7/24', gateway: '10.2.0.1'}, {type: 'static', address: '10.3.0.7', netmask: '255.255.0.0'}]},
    {type: 'route', destination: '10.99.0.0/16', gateway: '10.1.0.9'},
  ]}), `eth0 1500
eth1 1500
eth0 10.1.0.7/24
eth1 10.2.0.7/24
eth1 10.3.0.7/16
10.1.0.0/24 dev eth0 scope link  src 10.1.0.7
10.2.0.0/24 dev eth1 scope link  src 10.2.0.7
10.3.0.0/16 dev eth1 scope link  src 10.3.0.7
10.99.0.0/16 via 10.1.0.9 dev eth0 onlink
default via 10.1.0.1 dev eth0 onlink
default via 10.2.0.1 dev eth1  metric 10 onlink
`)
})
