import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {toFlat} from '../helpers/flat-lines.ts'
import {libraries, networkRoot} from '../helpers/network-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const mac = '52:54:00:00:00:01'
/** What would do something in a shell, in UCI, in awk, in a pattern or on a screen. */
const hostile: readonly string[] = [
  "x'; touch /tmp/owned; '", "x'\n\toption proto 'static", "'\n\nconfig interface 'lan'\n\toption device 'eth1'\n", '$(touch /tmp/owned)', '`touch /tmp/owned`',
  '"; touch /tmp/owned; "', "a\\'b", '%s%n', '-e', '--', '../../etc/passwd', '*', '[', '(', '\\', '\u001b[2J', '\u0000', '\u0001', "a\u001c4\u001cx'y\u001cz", 'é', ' ', '', 'a b', 'x'.repeat(100_000),
  '1'.repeat(5000), '1:'.repeat(20_000), 'commit', 'lan', 'loopback', 'globals', 'rc_cloud', 'eth1', 'lo', '-1', '1e9', '0x10', '99999999999999999999', 'true\n',
]

const numbers = (count: number): number[] => [...Array(count).keys()]
const address = (n: number): string => `10.${Math.floor(n / 250)}.${n % 250}.1/24`

/** Each value of the document in turn is each hostile text; each list and map too. */
function spoiled(value: unknown, text: string): unknown[] {
  if (value === null || typeof value !== 'object') return [text]
  const entries = Object.entries(value)
  const remake = (changed: readonly (readonly [string, unknown])[]): unknown => Array.isArray(value) ? changed.map(([, entry]) => entry) : Object.fromEntries(changed)
  return [text, [text], {[text]: text}, remake([...entries, [text, text]]), ...entries.flatMap(([key, entry], at) => spoiled(entry, text).map((bad) => remake(entries.with(at, [key, bad]))))]
}

const documents: readonly unknown[] = [
  {
    links: [{id: 'a', type: 'phy', ethernet_mac_address: mac, mtu: 1450}, {id: 'v', type: 'vlan', vlan_link: 'a', vlan_id: 5, vlan_mac_address: mac}, {id: 'b', type: 'bond', bond_links: ['a'], bond_mode: '802.3ad'}],
    networks: [{link: 'a', type: 'ipv4', ip_address: '10.0.0.2', netmask: '255.255.255.0', routes: [{network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.0.1'}]}, {link: 'v', type: 'ipv4_dhcp'}],
    services: [{type: 'dns', address: '9.9.9.9'}],
  },
  {version: 1, config: [
    {type: 'physical', name: 'eth0', mac_address: mac, mtu: 1450, subnets: [{type: 'static', address: '10.0.0.2/24', gateway: '10.0.0.1', dns_nameservers: ['9.9.9.9'], dns_search: ['a.example'], routes: [{network: '10.9.0.0', netmask: '255.255.0.0', gateway: '10.0.0.9', metric: 3}]}]},
    {type: 'bridge', name: 'br0', bridge_interfaces: ['eth1'], params: {bridge_stp: 'off'}}, {type: 'route', destination: '10.8.0.0/16', gateway: '10.0.0.8'}, {type: 'nameserver', address: ['1.1.1.1'], search: ['b.example']},
  ]},
  {network: {version: 2,
    ethernets: {e: {match: {name: 'eth0'}, macaddress: mac, mtu: 1450, dhcp4: true, 'dhcp4-overrides': {'route-metric': 9}, addresses: ['10.0.0.2/24'], gateway4: '10.0.0.1', nameservers: {addresses: ['9.9.9.9'], search: ['a.example']}, routes: [{to: '10.9.0.0/16', via: '10.0.0.9', metric: 3, 'on-link': true}]}},
    vlans: {v: {id: 5, link: 'e'}}, bonds: {b: {interfaces: ['e'], parameters: {mode: '802.3ad'}}},
  }},
]

/** Lines that may be there, all options known and their values of a kind. Nothing of what was put in can look like this and do harm. */
const lines = new RegExp(`^(?:${[
  '', `config (?:interface '(?:wan6?|wan_static|cloud\\d+(?:_6|_static)?)'|device|route6?)`,
  `\\t(?:option|list) (?:ipaddr|ip6addr|target) '[0-9a-f.:]+/\\d+'`, `\\toption (?:device|name|ifname|interface) '[A-Za-z0-9_.]{1,15}'`, `\\tlist ports '[a-z0-9.]{1,15}'`,
  // netifd takes none of these that makes no sense
  `\\t(?:list dns|option (?:gateway|metric|mtu|macaddr|policy|monitor_interval)) '[a-z0-9.:/_-]+'`,
  `\\toption (?:rc_cloud|onlink) '[01]'`, `\\toption vid '\\d{1,4}'`, `\\toption proto '(?:static|dhcp|dhcpv6)'`, `\\toption reqprefix 'no'`, `\\toption type '(?:8021q|bonding)'`,
].join('|')})$`)

for (const [index, document] of documents.entries()) {
  inRoot(`whatever stands in a document, what is written is UCI of ours: ${index}${why}`, async (t) => {
    const root = await networkRoot(t, {}, {sys: {'module/bonding/refcnt': '0\n'}})
    const all = hostile.flatMap((text) => spoiled(document, text).map((bad) => toFlat(bad))).filter((text) => text.length < 150_000)
    // a part of them: each takes some milliseconds
    const chosen = all.filter((text, at) => at % 29 === index || text.length > 60_000 && at % 400 === 0)
    root.write(Object.fromEntries(chosen.map((text, at) => [`tmp/d/${at}`, text])))
    t.log(`${chosen.length} of ${all.length} documents`)
    const {stdout, stderr} = root.run(`${libraries} cards; { printf '%s' "$CARDS"; echo bonding=1; printf 'show %s\\n' network firewall dhcp | uci -q -X batch; } > /tmp/machine
      for data in /tmp/d/*; do awk -f $LIB/network.awk /tmp/machine $data 2>> /tmp/said; code=$?; [ $code -lt 2 ] || echo "exit $code of $data"; done; ls /tmp/owned 2>/dev/null`)
    const written = [...new Set(stdout.split('\n'))]
    t.deepEqual(written.filter((line) => !lines.test(line) && !/^(?:delete network\.\w+|import network|set dhcp\.lan\.ignore=1|add_list firewall\.\w+\.network=(?:wan|cloud)\w*)$/.test(line)).map((line) => line.slice(0, 300)), [], stderr)
    t.true(written.length > 30)
    t.true(root.read('tmp/said').split('\n').every((line) => /^(?:network: ignored .*)?$/.test(line)))
  })
}

/** Documents that are just small enough to be looked at, each made for what takes time when there is much of it; and one that is not. */
const large: Readonly<Record<string, unknown>> = {
  cards: {ethernets: Object.fromEntries(numbers(1950).map((n) => [`x${n}`, {dhcp4: true}]))},
  chain: {ethernets: {eth0: {dhcp4: true}}, vlans: Object.fromEntries(numbers(950).map((n) => [`v${n}`, {id: 5, link: n === 0 ? 'eth0' : `v${n - 1}`, dhcp4: true}]))},
  ports: {ethernets: {eth0: {dhcp4: true}}, bonds: {b: {interfaces: numbers(3900).map((n) => `x${n}`)}}},
  addresses: {ethernets: {eth0: {addresses: numbers(3900).map(address)}}},
  names: {ethernets: {eth0: {dhcp4: true, nameservers: {addresses: numbers(3900).map(address)}}}},
  routes: {ethernets: {eth0: {dhcp4: true, routes: numbers(1300).map((n) => ({to: address(n), via: '10.0.0.9'}))}}},
  subnets: {version: 1, config: [{type: 'physical', name: 'eth0', subnets: numbers(950).map((n) => ({type: 'static', address: address(n), gateway: '10.0.0.9'}))}]},
  too: {ethernets: {eth0: {dhcp4: true, addresses: numbers(100_000).map(address)}}},
}

inRoot(`300 links and VLANs in circles go by in a moment, and a document that is an attack on our time in seconds${why}`, async (t) => {
  const root = await networkRoot(t, {
    links: [{id: 'l0', type: 'phy', ethernet_mac_address: mac}, ...numbers(299).map((n) => ({id: `l${n + 1}`, type: 'vlan', vlan_link: 'l0', vlan_id: n + 1, vlan_mac_address: mac})),
      ...numbers(30).map((n) => ({id: `c${n}`, type: 'vlan', vlan_link: `c${(n + 1) % 30}`, vlan_id: 7}))],
    networks: numbers(300).map((n) => ({link: `l${n}`, type: 'ipv4', ip_address: address(n), netmask: '255.255.255.0', gateway: '10.0.0.9'})), services: [],
  })
  root.write(Object.fromEntries(Object.entries(large).map(([name, document]) => [`tmp/large-${name}`, toFlat(document)])))
  const {stdout, stderr} = root.run(`${libraries} cards; printf '%s' "$CARDS" > /tmp/machine
    for data in /tmp/data /tmp/large-*; do
      time -f %e -o /tmp/time awk -f $LIB/network.awk /tmp/machine $data 2> /dev/null > /tmp/out
      echo "\${data##*/} $(grep -c 'config interface' /tmp/out) $(tail -n 1 /tmp/time)"
    done`)
  const took = stdout.trim().split('\n').map((line) => line.split(' '))
  t.deepEqual(took.map(([name, interfaces]) => `${name} ${interfaces}`), ['data 300', 'large-addresses 1', 'large-cards 0', 'large-chain 5', 'large-names 1', 'large-ports 1', 'large-routes 1', 'large-subnets 1', 'large-too 0'], stderr)
  for (const [name, , seconds] of took) t.true(Number(seconds) < 10, `${name}: ${seconds} s`)
})
