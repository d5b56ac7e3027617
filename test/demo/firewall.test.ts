import test, {type ExecutionContext} from 'ava'
import {demoRoot, isolated, noDemoRoot, type Output} from '../helpers/demo-root.ts'
import {sendPackets, type Probe} from '../helpers/packets.ts'

const unable = noDemoRoot ?? (isolated(['nft', 'list', 'ruleset']).status === 0 ? undefined : 'no nftables')
const withNft = test.runIf(unable === undefined)
const why = unable === undefined ? '' : ` (skipped: ${unable})`

const network = "config interface 'lan'\n\toption device 'eth1'\n\toption proto 'static'\n\nconfig interface 'wan'\n\toption device 'eth0'\n\toption proto 'dhcp'\n"

const lan = "\nconfig zone\n\toption name 'lan'\n\tlist network 'lan'\n\toption input 'ACCEPT'\n\toption output 'ACCEPT'\n\toption forward 'ACCEPT'\n"
const wan = "\nconfig zone\n\toption name 'wan'\n\tlist network 'wan'\n\toption input 'REJECT'\n\toption output 'ACCEPT'\n\toption forward 'REJECT'\n\toption masq '1'\n\toption mtu_fix '1'\n"
const strict = "config defaults\n\toption input 'REJECT'\n\toption output 'ACCEPT'\n\toption forward 'REJECT'\n"
const lanToWan = "\nconfig forwarding\n\toption src 'lan'\n\toption dest 'wan'\n"

/** A section as UCI writes it; lists as arrays. */
function section(type: string, options: Readonly<Record<string, string | readonly string[]>>): string {
  const lines = Object.entries(options).map(([key, value]) => (typeof value === 'string' ? `\toption ${key} '${value}'\n` : value.map((item) => `\tlist ${key} '${item}'\n`).join('')))
  return `\nconfig ${type}\n${lines.join('')}`
}

async function print(t: ExecutionContext, firewall: string): Promise<Output & {folder: string}> {
  const root = await demoRoot(t)
  root.write({'etc/config/network': network, 'etc/config/firewall': firewall, 'tmp/run/network/lan/ipv4': '192.168.1.1/24\n', 'tmp/run/network/wan/ipv4': '198.51.100.1/24\n'})
  const output = root.run('fw4 print')
  const {status, stderr} = isolated(['nft', '-c', '-f', '-'], output.stdout)
  t.is(status, 0, `${stderr}\n${output.stderr}\n${output.stdout}`)
  return {...output, folder: root.folder}
}

/** A test that sends packets through a configuration; what is expected stands beside each probe. */
function packets(title: string, firewall: string, expected: Readonly<Partial<Record<Probe, string>>>): void {
  withNft(`firewall: ${title}${why}`, async (t) => {
    const {stdout, stderr, folder} = await print(t, firewall)
    t.is(stderr, '')
    const probes = Object.keys(expected) as Probe[]
    const answers = sendPackets(folder, stdout, probes)
    t.deepEqual(Object.fromEntries(probes.map((probe, index) => [probe, answers[index]])), expected)
  })
}

packets("OpenWrt's defaults: the lan goes out with the router's address, nobody comes in", strict + lan + wan + lanToWan, {
  'client 198.51.100.2 80': 'server sees 198.51.100.1',
  'client 198.51.100.2 80 udp': 'server sees 198.51.100.1',
  'client ping 198.51.100.2': 'answered',
  'client 192.168.1.1 22': 'router sees 192.168.1.2',
  'client fd00::1 22': 'router sees fd00::2',
  'server 198.51.100.1 22': 'refused',
  'server 198.51.100.1 22 udp': 'rejected',
  'server ping 198.51.100.1': 'silent',
  'router 198.51.100.2 80': 'server sees 198.51.100.1',
  'router 192.168.1.2 80': 'client sees 192.168.1.1',
})

packets('without a forwarding the lan stays inside; drop is silent', strict + lan + wan.replace("input 'REJECT'", "input 'DROP'"), {
  'client 198.51.100.2 80': 'refused',
  'client 192.168.1.1 80': 'router sees 192.168.1.2',
  'server 198.51.100.1 22': 'silent',
  'server 198.51.100.1 22 udp': 'silent',
})

packets('an interface in no zone gets the defaults', strict + lan, {
  'server 198.51.100.1 22': 'refused',
  'client 198.51.100.2 80': 'refused',
  'client 192.168.1.1 22': 'router sees 192.168.1.2',
})

packets('rules open and close ports, by protocol, port, address and order', strict + lan + wan + lanToWan + section('rule', {name: 'Allow-SSH', src: 'wan', proto: 'tcp', dest_port: '22', target: 'ACCEPT'})
  + section('rule', {name: 'Allow-Ping', src: 'wan', proto: 'icmp', icmp_type: ['echo-request'], family: 'ipv4', target: 'ACCEPT'})
  + section('rule', {name: 'not everyone', src: 'wan', proto: 'udp', src_ip: '203.0.113.0/255.255.255.0', target: 'ACCEPT'})
  + section('rule', {src: 'lan', dest: 'wan', proto: 'tcp', dest_port: '8000:8100', target: 'REJECT'})
  + section('rule', {src: 'lan', proto: 'udp', src_mac: '02:00:00:00:00:01', target: 'ACCEPT'})
  + section('rule', {src: 'lan', proto: 'tcp', dest_port: '80 443', target: 'DROP', enabled: '0'})
  + section('rule', {dest: 'wan', proto: 'udp', dest_port: '!80', target: 'DROP'}), {
  'server 198.51.100.1 22': 'router sees 198.51.100.2',
  'server 198.51.100.1 22 udp': 'rejected',
  'server 198.51.100.1 80': 'refused',
  'server ping 198.51.100.1': 'answered',
  'client 198.51.100.2 8080': 'refused',
  'client 198.51.100.2 80': 'server sees 198.51.100.1',
  'client 192.168.1.1 80': 'router sees 192.168.1.2',
  'router 198.51.100.2 80 udp': 'server sees 198.51.100.1',
  'router 198.51.100.2 22 udp': 'silent',
})

packets('a rule may forward where zones do not', strict + lan + wan + section('rule', {src: 'lan', dest: 'wan', proto: 'tcp', dest_ip: '198.51.100.2', dest_port: '80', target: 'ACCEPT'})
  + section('rule', {src: 'wan', dest: '*', proto: 'icmp', target: 'ACCEPT'}), {
  'client 198.51.100.2 80': 'server sees 198.51.100.1',
  'client 198.51.100.2 22': 'refused',
})

packets('redirects: to a machine inside, to the router itself, seen from inside too', strict + lan + wan + lanToWan + section('redirect', {name: 'web', src: 'wan', src_dport: '80', dest: 'lan', dest_ip: '192.168.1.2', proto: 'tcp'})
  + section('redirect', {name: 'ssh elsewhere', src: 'wan', src_dport: '2222', dest: 'lan', dest_ip: '192.168.1.2', dest_port: '22', proto: 'tcp udp', target: 'DNAT'})
  + section('redirect', {src: 'wan', src_dport: '9000', dest_port: '8080', proto: 'tcp'}), {
  'server 198.51.100.1 80': 'client sees 198.51.100.2',
  'server 198.51.100.1 80 udp': 'rejected',
  'server 198.51.100.1 2222': 'client sees 198.51.100.2',
  'server 198.51.100.1 2222 udp': 'client sees 198.51.100.2',
  'server 198.51.100.1 9000': 'router sees 198.51.100.2',
  'server 198.51.100.1 8080': 'refused',
  'client 198.51.100.1 80': 'client sees 192.168.1.1',
  'client 198.51.100.1 2222': 'client sees 192.168.1.1',
})

packets('masquerading for some only; SNAT to an address of choice', strict + lan + wan.replace("masq '1'", "masq '1'\n\tlist masq_src '10.0.0.0/8'") + lanToWan
  + section('redirect', {target: 'SNAT', src: 'lan', dest: 'wan', src_ip: '192.168.1.2', src_dip: '198.51.100.1', dest_port: '80', proto: 'tcp'}), {
  'client 198.51.100.2 80': 'server sees 198.51.100.1',
  'client 198.51.100.2 8080': 'silent',
})

packets('no configuration at all lets nothing through but what is inside', '', {
  'client 192.168.1.1 22': 'silent',
  'router 127.0.0.1 22': 'router sees 127.0.0.1',
})

withNft(`firewall: everything that OpenWrt's own configuration has can be written${why}`, async (t) => {
  const {stdout, stderr} = await print(t, strict.replace('\n', "\n\toption syn_flood '1'\n\toption drop_invalid '1'\n") + lan + wan + lanToWan
    + section('rule', {name: 'Allow-DHCPv6', src: 'wan', proto: 'udp', dest_port: '546', family: 'ipv6', target: 'ACCEPT'})
    + section('rule', {name: 'Allow-MLD', src: 'wan', proto: 'icmp', src_ip: 'fe80::/10', icmp_type: ['130/0', '143/0'], family: 'ipv6', target: 'ACCEPT'})
    + section('rule', {name: 'ICMP', src: 'wan', dest: '*', proto: 'icmp', icmp_type: ['echo-request', 'packet-too-big', 'bad-header'], limit: '1000/sec', limit_burst: '20', target: 'ACCEPT'})
    + section('rule', {name: 'Allow-IGMP', src: 'wan', proto: 'igmp', family: 'ipv4', target: 'ACCEPT'}) + section('rule', {src: 'wan', dest: 'lan', proto: 'esp', target: 'ACCEPT'})
    + section('rule', {name: 'marked', src: 'lan', proto: 'all', target: 'MARK', set_mark: '0x10/0xff'}) + section('rule', {src: 'lan', mark: '!0x1/0xf', log: '1', name: 'a "b" \\', target: 'REJECT'})
    + section('zone', {name: 'guest', subnet: ['10.9.0.0/16', 'fd09::/16'], input: 'DROP', log: '1', log_limit: '10/minute'}) + section('zone', {name: 'vpn', device: ['tun+'], masq6: '1'})
    + section('forwarding', {src: 'guest', dest: 'wan', family: 'ipv4'}))
  t.is(stderr, '')
  for (const line of [
    'meta nfproto ipv6 udp dport 546 counter accept comment "Allow-DHCPv6"',
    'ip6 saddr fe80::/10 icmpv6 type . icmpv6 code { 130 . 0, 143 . 0 } counter accept comment "Allow-MLD"',
    'meta nfproto ipv4 icmp type 8 limit rate 1000/second burst 20 packets counter accept comment "ICMP"',
    'meta nfproto ipv6 icmpv6 type { 128, 2 } limit rate 1000/second burst 20 packets counter accept comment "ICMP"',
    'meta nfproto ipv6 icmpv6 type . icmpv6 code { 4 . 0 } limit rate 1000/second burst 20 packets counter accept comment "ICMP"',
    'meta nfproto ipv4 meta l4proto 2 counter accept comment "Allow-IGMP"',
    'meta l4proto esp counter jump accept_to_lan',
    'iifname "eth1" counter meta mark set mark and 0xffffff00 or 0x10 comment "marked"',
    'meta mark and 0xf != 0x1 meta l4proto tcp counter log prefix "a \'b\' \': " jump handle_reject',
    'ct state vmap { established : accept, related : accept, invalid : drop }',
    'tcp flags & (fin | syn | rst | ack) == syn jump syn_flood',
    'ip saddr { 10.9.0.0/16 } jump input_guest', 'ip6 saddr { fd09::/16 } jump input_guest', 'iifname "tun*" jump input_vpn',
    'limit rate 10/minute log prefix "drop guest in: "', 'meta nfproto ipv6 masquerade', 'meta nfproto ipv4 jump accept_to_wan comment "from guest to wan"',
    'oifname "eth0" tcp flags syn / syn,fin,rst tcp option maxseg size set rt mtu',
  ]) t.true(stdout.includes(line.replace(/\{ ([^,]*) \} jump/, '$1 jump')), `${line}\n${stdout}`)
})

withNft(`firewall: what cannot be read is left out and named, and stays text${why}`, async (t) => {
  const {stdout, stderr} = await print(t, strict + lan + wan
    + section('rule', {name: 'no zone', src: 'dmz', target: 'ACCEPT'}) + section('rule', {name: 'no port', src: 'wan', proto: 'tcp', dest_port: '22; accept', target: 'ACCEPT'})
    + section('rule', {name: 'no address', src: 'wan', src_ip: '1.2.3.4 } accept', target: 'ACCEPT'}) + section('rule', {name: 'no proto', src: 'wan', proto: 'tcp accept', target: 'ACCEPT'})
    + section('rule', {name: 'set', src: 'wan', ipset: 'x', target: 'ACCEPT'}) + section('rule', {name: 'x" accept comment "y', src: 'wan', proto: 'tcp', dest_port: '1', target: 'DROP'})
    + section('rule', {name: 'no target', src: 'wan', target: 'EXPLODE'}) + section('redirect', {name: 'nowhere', dest_ip: '1.2.3.4'}) + section('zone', {name: 'a b'}) + section('zone', {name: 'lan'})
    + section('forwarding', {src: 'lan', dest: 'moon'}) + section('include', {path: '/etc/firewall.user'}) + section('zone', {name: 'odd', input: 'MAYBE'}))
  for (const name of ['no zone', 'no port', 'no address', 'no proto', 'set', 'no target', 'nowhere', 'a b', 'odd']) t.regex(stderr, new RegExp(`'${name}'\\) is left out`))
  t.regex(stderr, /forwarding\) is left out: dest 'moon' is no zone/)
  t.regex(stderr, /include\) is left out/)
  t.regex(stdout, /tcp dport 1 counter drop comment "x' accept comment 'y"/)
  t.notRegex(stdout, /dport 22|1\.2\.3\.4/)
})

withNft(`firewall: fw4 tells zones and devices${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write({'etc/config/network': network, 'etc/config/firewall': strict + lan + wan})
  t.is(root.run('fw4 network wan; fw4 device eth1; fw4 zone wan; fw4 zone moon || echo none; fw4 network moon || echo none').stdout, 'wan\nlan\neth0\nnone\nnone\n')
})
