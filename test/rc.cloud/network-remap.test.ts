import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {libraries, logged, networkRoot} from '../helpers/network-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** What rc.cloud wrote, as if for these cards, and what people wrote beside it in the ways that UCI allows. */
const network = (a: string, b: string): string => `# by hand
config interface 'wan'
	option device '${a}'
	option hostname 'eth0'

config interface "own"
	option	ifname	"${b} ${a}.5 veth0"

config device
	option name "br-eth0"
	list ports ${a}
	list ports '${b}.7'

config bridge-vlan
	option device br-eth0
	option vlan 7
	list ports '${a}:u*'

config device 'v'
	option name '${a}.9'
	option ifname '${a}'
	option type '8021q'
`
const list = (...lines: string[]): string => `\nconfig rc_cloud 'rc_cloud'\n${lines.map((line) => `\tlist card '52:54:00:00:00:${line}'\n`).join('')}`

/** `MAC NAME` of the cards at this boot. */
const machine = (...lines: string[]): string => `rm -rf /sys/class/net/*; ${lines.map((line) => line.split(' ')).map(([mac, name]) => `mkdir -p /sys/class/net/${name}/device; echo 52:54:00:00:00:${mac} > /sys/class/net/${name}/address`).join('; ')}\n`

const cases: readonly (readonly [name: string, cards: string, before: string, after: string])[] = [
  ['a swap', machine('02 eth0', '01 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth1', 'eth0') + list('02 eth0', '01 eth1')],
  ['a new card in front', machine('09 eth0', '01 eth1', '02 eth2'), network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth1', 'eth2') + list('09 eth0', '01 eth1', '02 eth2')],
  ['the first is gone', machine('02 eth0'), network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth1', 'eth0') + list('02 eth0', '01 eth1')],
  ['the first is back', machine('01 eth0', '02 eth1'), network('eth1', 'eth0') + list('02 eth0', '01 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1')],
  ['another in the place of the first', machine('09 eth0', '02 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth0', 'eth1') + list('09 eth0', '02 eth1')],
  ['both are others: a copy', machine('08 eth0', '09 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth0', 'eth1') + list('08 eth0', '09 eth1')],
  ['one is late', machine('01 eth0'), network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1')],
  ['none is there yet', 'rm -rf /sys/class/net/*\n', network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1')],
  ['not of our making', machine('09 eth1'), network('eth0', 'eth1'), network('eth0', 'eth1')],
  ['no card: bridges and VLANs have a MAC too', `${machine('01 eth0', '02 eth1')}mkdir /sys/class/net/br-lan; echo 52:54:00:00:00:02 > /sys/class/net/br-lan/address\n`, network('eth0', 'eth1') + list('01 eth0', '02 eth1'), network('eth0', 'eth1') + list('01 eth0', '02 eth1')],
]

inRoot(`the names of cards follow their MAC addresses${why}`, async (t) => {
  const root = await networkRoot(t, {})
  root.write(Object.fromEntries(cases.map(([, , before], index) => [`tmp/${index}`, before])))
  const {stdout, stderr} = root.run(`${libraries} ${cases.map(([, cards], index) => `
    ${cards} cp /tmp/${index} /etc/config/network; network_remap || echo failed; cp /etc/config/network /tmp/${index}; ls -A /etc/config | grep '^\\.'
    network_remap; cmp /etc/config/network /tmp/${index} || echo again`).join('')}`)
  t.is(stdout, '', stderr)
  for (const [index, [name, , , after]] of cases.entries()) t.is(root.read(`tmp/${index}`), after, name)
})

inRoot(`what network_apply wrote is what network_remap reads; the mode stays${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {eth0: {dhcp4: true}}, vlans: {v: {id: 5, link: 'eth0', dhcp4: true}}})
  const {stdout, stderr} = root.run(`${libraries} network_apply /tmp/data; chmod 640 /etc/config/network; cp /etc/config/network /tmp/first; network_remap; cmp /etc/config/network /tmp/first
    ${machine('02 eth0', '01 eth1')} network_remap; ls -l /etc/config/network | cut -c1-10; uci get network.wan.device; uci get network.rc_device2.name; uci get network.rc_device2.ifname`)
  t.is(stdout, '-rw-r-----\neth1\neth1.5\neth1\n', stderr)
  t.regex(logged(root), /other names, their settings went with them\n$/)
})

inRoot(`a boot without news starts no program${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {eth0: {dhcp4: true}}})
  const {stdout, stderr} = root.run(`${libraries} network_apply /tmp/data
    read -r pid rest < /proc/self/stat; true & before=$!; wait
    network_remap; network_remap
    true & after=$!; wait; echo $((after - before))`)
  t.is(stdout, '1\n', stderr)
})

inRoot(`a file that would not be one for uci is not put in place${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {eth0: {dhcp4: true}}})
  const {stdout} = root.run(`${libraries} network_apply /tmp/data; printf "\\nconfig interface 'half\\n" >> /etc/config/network; cp /etc/config/network /tmp/before
    ${machine('02 eth0', '01 eth1')} network_remap || echo refused; cmp /etc/config/network /tmp/before; ls -A /etc/config`)
  t.is(stdout, 'refused\ndhcp\ndropbear\nfirewall\nnetwork\n')
})
