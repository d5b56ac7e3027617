import test, {type ExecutionContext} from 'ava'
import {demoRoot, noDemoRoot, type DemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** Two pairs of devices; the other ends, far0 and far1, stand for what is plugged in. */
const cables = 'ip link set lo up; for n in 0 1; do ip link add eth$n type veth; ip link set veth0 name far$n; ip link set far$n up; done\n'

const hotplug = 'echo "$ACTION $INTERFACE $DEVICE" >> /tmp/events\n'

async function rootWith(t: ExecutionContext, network: string): Promise<DemoRoot> {
  const root = await demoRoot(t)
  root.write({'etc/config/network': network, 'etc/hotplug.d/iface/50-test': hotplug, 'etc/hotplug.d/iface/20-firewall': null})
  return root
}

inRoot(`static addresses, gateways, name servers, routes; what goes down leaves nothing${why}`, async (t) => {
  const root = await rootWith(t, `
config interface 'wan'
	option device 'eth0'
	option proto 'static'
	option ipaddr '10.0.0.2'
	option netmask '255.255.255.0'
	option gateway '10.0.0.1'
	option metric '5'
	list dns '10.0.0.53'
	list dns '2001:db8::53'

config interface 'net'
	option device 'eth1'
	option proto 'static'
	list ipaddr '192.0.2.2/32'
	list ip6addr '2001:db8:1::2/64'
	option gateway '203.0.113.1'
	option ip6gw '2001:db8:1::1'
	option metric '9'

config route
	option interface 'wan'
	option target '10.9.0.0'
	option netmask '255.255.0.0'
	option gateway '10.0.0.9'

config route6
	option interface 'net'
	option target '2001:db8:9::/48'
	option gateway '2001:db8:1::9'
`)
  const {stdout, stderr} = root.run(`${cables}
    /etc/init.d/network start; sleep 0.5
    ip -4 -o addr show dev eth0 | sed 's/.*inet \\([^ ]*\\) .*/\\1/'
    ip -o addr show dev eth1 | grep -v fe80 | sed 's/.*inet6* \\([^ ]*\\) .*/\\1/'
    ip route | sed 's/ *$//'; ip -6 route | grep via | sed 's/ *$//'
    cat /tmp/resolv.conf.d/resolv.conf.auto
    . /lib/functions/network.sh
    network_find_wan name; network_get_device device wan; network_get_ipaddr address wan; network_get_subnet subnet wan
    network_get_gateway gateway wan; network_get_ipaddrs_all all net; network_get_dnsserver dns wan; network_is_up wan && up=up
    network_get_ipaddr none nobody || none=none
    echo $name $device $address $subnet $gateway $all $dns $up $none
    ifdown wan; sleep 0.3; network_is_up wan || echo down; ip route | grep -c eth0; ip -o addr show dev eth0 | grep -c ' 10\\.'; grep -c 10.0.0.53 /tmp/resolv.conf.d/resolv.conf.auto
    cat /tmp/events`)
  t.is(stdout, `10.0.0.2/24
192.0.2.2/32
2001:db8:1::2/64
default via 10.0.0.1 dev eth0  metric 5
default via 203.0.113.1 dev eth1  metric 9
10.0.0.0/24 dev eth0 scope link  src 10.0.0.2
10.9.0.0/16 via 10.0.0.9 dev eth0
203.0.113.1 dev eth1 scope link
2001:db8:9::/48 via 2001:db8:1::9 dev eth1  metric 1024
default via 2001:db8:1::1 dev eth1  metric 9
# Interface wan
nameserver 10.0.0.53
nameserver 2001:db8::53
wan eth0 10.0.0.2 10.0.0.2/24 10.0.0.1 192.0.2.2 2001:db8:1::2 10.0.0.53 2001:db8::53 up none
down
0
0
0
ifup wan eth0
ifup net eth1
ifdown wan eth0
`, stderr)
})

inRoot(`bridges, MTU, MAC addresses, and none${why}`, async (t) => {
  const root = await rootWith(t, `
config device
	option name 'br-lan'
	option type 'bridge'
	list ports 'eth0'
	list ports 'eth1'

config device
	option name 'eth1'
	option mtu '1400'
	option macaddr '02:00:00:00:00:09'

config interface 'lan'
	option device 'br-lan'
	option proto 'static'
	option ipaddr '192.168.1.1'
	option netmask '255.255.255.0'
	option ip6assign '60'

config globals 'globals'
	option ula_prefix 'fd12:3456:789a::/48'

config interface 'alias'
	option device '@lan'
	option proto 'static'
	list ipaddr '192.168.2.1/24'

config interface 'bare'
	option device 'eth1'
	option proto 'none'

config interface 'off'
	option device 'eth9'
	option auto '0'

config interface 'missing'
	option device 'eth9'
	option proto 'dhcp'
`)
  const {stdout, stderr} = root.run(`${cables}
    /etc/init.d/network start; sleep 0.3
    ls /sys/class/net/br-lan/brif 2>/dev/null || brctl show br-lan | sed -n '2,$s/.*\\t//p'
    ip -o addr show dev br-lan | grep -v fe80 | sed 's/.*inet6* \\([^ ]*\\) .*/\\1/'
    ip link show eth1 | grep -o 'mtu [0-9]*\\|02:00:00:00:00:09'; . /lib/functions/network.sh
    for name in lan alias bare off missing; do network_is_up $name && echo $name up || echo $name down; done
    ifup nobody || echo refused
    ifstatus lan | grep -A 4 ipv4-address`)
  t.is(stdout, `eth0
eth1
192.168.1.1/24
192.168.2.1/24
fd12:3456:789a:0::1/60
mtu 1400
02:00:00:00:00:09
lan up
alias up
bare up
off down
missing down
Interface nobody not found
refused
	"ipv4-address": [
		{
			"address": "192.168.1.1",
			"mask": 24
		}
`.replace('789a:0::1', '789a::1'), stderr)
})

inRoot(`a reload touches what has changed and nothing else${why}`, async (t) => {
  const root = await rootWith(t, "config interface 'a'\n\toption device 'eth0'\n\toption proto 'static'\n\tlist ipaddr '10.0.0.1/24'\n\nconfig interface 'b'\n\toption device 'eth1'\n\toption proto 'static'\n\tlist ipaddr '10.1.0.1/24'\n")
  const {stdout, stderr} = root.run(`${cables}
    reload_config; /etc/init.d/network start; sleep 0.5; : > /tmp/events
    uci set network.b.ipaddr=10.1.0.9/24; uci set network.c=interface; uci set network.c.device=eth0; uci set network.c.proto=static; uci set network.c.ipaddr=10.2.0.1/24; uci commit
    reload_config; sleep 0.5; cat /tmp/events; : > /tmp/events
    uci delete network.c; uci set network.a.metric=3; uci commit; reload_config; sleep 0.5; cat /tmp/events
    ip -4 -o addr | sed -n 's/.*inet \\(10[^ ]*\\) .*/\\1/p'
    /etc/init.d/network stop; sleep 0.3; ip -4 -o addr | grep -c ' 10\\.'; ls /var/run/network`)
  t.is(stdout, 'ifdown b eth1\nifup b eth1\nifup c eth0\nifdown a eth0\nifdown c eth0\nifup a eth0\n10.0.0.1/24\n10.1.0.9/24\n0\n', stderr)
})

/** A DHCP server at the far end of eth0, in a network of its own. */
const dhcpServer = (options: string): string => `
    unshare -n sleep 1000 & server=$!; sleep 0.3
    ip link set far0 netns $server
    in_server() { nsenter -t $server -n "$@"; }
    in_server ip addr add 10.5.0.1/24 dev far0; in_server ip link set far0 up; ip link set eth0 up
    printf 'start 10.5.0.20\\nend 10.5.0.20\\ninterface far0\\nlease_file /tmp/leases\\npidfile /tmp/udhcpd.pid\\n${options}' > /tmp/udhcpd.conf; : > /tmp/leases
    in_server udhcpd -f /tmp/udhcpd.conf 2>/dev/null &
`

inRoot(`an address by DHCP: gateway, name servers, classless routes, hooks; words of the server are data${why}`, async (t) => {
  const root = await rootWith(t, "config interface 'wan'\n\toption device 'eth0'\n\toption proto 'dhcp'\n\toption hostname 'router7'\n\tlist dns '9.9.9.9'\n")
  root.write({'etc/udhcpc.user.d/50-test': 'echo "hook $1 $interface" >> /tmp/hooks\n'})
  const {stdout, stderr} = root.run(`${cables}${dhcpServer('option subnet 255.255.255.0\\nopt router 10.5.0.1\\nopt dns 10.5.0.53\\nopt domain $(reboot);x\\nopt lease 60\\nopt staticroutes 10.77.0.0/16 10.5.0.7\\n')}
    /etc/init.d/network start; . /lib/functions/network.sh
    for i in 1 2 3 4 5 6 7 8 9 10; do network_is_up wan && break; sleep 0.5; done; sleep 0.5
    network_get_subnet subnet wan; network_get_gateway gateway wan; echo $subnet $gateway
    ip route | sed 's/ *$//'; cat /tmp/resolv.conf.d/resolv.conf.auto; cat /tmp/events; cat /tmp/hooks
    ifdown wan; sleep 0.5; ip -4 -o addr show dev eth0; ip route; pidof udhcpc || echo no client; tail -n 1 /tmp/events`)
  t.is(stdout, `10.5.0.20/24 10.5.0.1
default via 10.5.0.1 dev eth0
10.5.0.0/24 dev eth0 scope link  src 10.5.0.20
10.77.0.0/16 via 10.5.0.7 dev eth0
# Interface wan
nameserver 9.9.9.9
nameserver 10.5.0.53
search bad
ifup wan eth0
hook deconfig eth0
hook bound eth0
no client
ifdown wan eth0
`, stderr)
})

inRoot(`a gateway outside of the address's network is reached, and options of the interface are heeded${why}`, async (t) => {
  const root = await rootWith(t, "config interface 'wan'\n\toption device 'eth0'\n\toption proto 'dhcp'\n\toption peerdns '0'\n\toption metric '7'\n")
  const options = 'option subnet 255.255.255.255\\nopt router 172.31.1.1\\nopt dns 10.5.0.53\\nopt lease 60\\n'
  const {stdout, stderr} = root.run(`${cables}${dhcpServer(options)}
    /etc/init.d/network start; . /lib/functions/network.sh
    for i in 1 2 3 4 5 6 7 8 9 10; do network_is_up wan && break; sleep 0.5; done
    ip route | sed 's/ *$//'; cat /tmp/resolv.conf.d/resolv.conf.auto
    uci set network.wan.defaultroute=0; uci commit; /etc/init.d/network reload; sleep 0.5
    for i in 1 2 3 4 5 6 7 8 9 10; do network_is_up wan && break; sleep 0.5; done
    network_is_up wan && ip route`)
  t.is(stdout, 'default via 172.31.1.1 dev eth0  metric 7\n172.31.1.1 dev eth0 scope link\n', stderr)
})

inRoot(`cards that are plugged in and pulled out${why}`, async (t) => {
  const root = await rootWith(t, "config interface 'a'\n\toption device 'eth0'\n\toption proto 'static'\n\tlist ipaddr '10.0.0.1/24'\n\nconfig device\n\toption name 'br-x'\n\toption type 'bridge'\n\tlist ports 'eth1'\n\nconfig interface 'b'\n\toption device 'br-x'\n\toption proto 'static'\n\tlist ipaddr '10.1.0.1/24'\n")
  const {stdout, stderr} = root.run(`ip link set lo up
    /etc/init.d/hotplug start; /etc/init.d/network start; sleep 0.5; cat /tmp/events; : > /tmp/events
    ip link add eth0 type veth; ip link add eth1 type veth; sleep 1.5; cat /tmp/events; : > /tmp/events; ls /sys/class/net/br-x/brif
    ip -4 -o addr | sed -n 's/.*inet \\(10[^ ]*\\) .*/\\1/p'
    ip link del eth0; sleep 1; cat /tmp/events; ls /var/run/network`)
  t.is(stdout, 'ifup b br-x\nifup a eth0\neth1\n10.1.0.1/24\n10.0.0.1/24\nifdown a eth0\nb\n', stderr)
})
