import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {libraries, logged, networkRoot} from '../helpers/network-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** `MAC NAME` of the cards at this boot. */
const machine = (...lines: string[]): string => `rm -rf /sys/class/net/*; ${lines.map((line) => line.split(' ')).map(([mac, name]) => `mkdir -p /sys/class/net/${name}/device; echo 52:54:00:00:00:${mac} > /sys/class/net/${name}/address`).join('; ')}\n`
const byMac = (mac: string, address: string): unknown => ({match: {macaddress: `52:54:00:00:00:${mac}`}, addresses: [address]})

/** The cards at the second boot, and what each interface has then: `name device`. */
const cases: readonly (readonly [name: string, cards: string, devices: string])[] = [
  ['nothing new', machine('01 eth0', '02 eth1'), 'wan eth0, cloud1 eth1, lan eth2, v eth0.5'],
  ['a swap', machine('02 eth0', '01 eth1'), 'wan eth1, cloud1 eth0, lan eth2, v eth1.5'],
  ['a new card in front', machine('09 eth0', '01 eth1', '02 eth2', '03 eth3'), 'wan eth1, cloud1 eth2, lan eth3, v eth1.5'],
  ['the lan and a card of the cloud change places', machine('03 eth0', '02 eth1', '01 eth2'), 'wan eth2, cloud1 eth1, lan eth0, v eth2.5'],
  ['the first is gone', machine('02 eth0', '03 eth2'), 'wan eth0, lan eth2'],
  ['one is late', machine('01 eth0'), 'wan eth0, cloud1 eth1, lan eth2, v eth0.5'],
  ['none is there yet', 'rm -rf /sys/class/net/*\n', 'wan eth0, cloud1 eth1, lan eth2, v eth0.5'],
  ['all are others: a copy', machine('07 eth0', '08 eth1', '09 eth2'), 'wan eth0, cloud1 eth1, lan eth2, v eth0.5'],
  ['no card: bridges have a MAC too', `${machine('01 eth0', '02 eth1')}mkdir /sys/class/net/br-lan; echo 52:54:00:00:00:02 > /sys/class/net/br-lan/address\n`, 'wan eth0, cloud1 eth1, lan eth2, v eth0.5'],
]

inRoot(`what is said of a card follows its MAC${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {a: byMac('01', '10.0.0.2/24'), b: byMac('02', '10.1.0.2/24')}, vlans: {v: {id: 5, link: 'a'}}}, {nics: {eth0: '52:54:00:00:00:01', eth1: '52:54:00:00:00:02', eth2: '52:54:00:00:00:03'}})
  const {stdout, stderr} = root.run(`${libraries} network_apply /tmp/data; uci set network.lan=interface; uci set network.lan.device=eth2; uci commit
    mkdir /tmp/first; cp -r /etc/config /etc/rc.cloud/network /etc/rc.cloud/nics /tmp/first
    ${cases.map(([, cards]) => `cp /tmp/first/config/* /etc/config; cp /tmp/first/n* /etc/rc.cloud; ${cards} network_remap
      show() { uci -q get network.$1.device && echo $1; }
      echo $(show wan; show cloud1; show lan; uci show network | sed -n "s/.*name='\\(.*\\..*\\)'/\\1 v/p")
      cp /etc/config/network /tmp/before; network_remap; cmp /etc/config/network /tmp/before`).join('\n')}`)
  const got = stdout.trim().split('\n').map((line) => line.split(' ')).map((words) => words.flatMap((word, at) => at % 2 === 0 ? [`${words[at + 1]} ${word}`] : []).join(', '))
  t.deepEqual(cases.map(([name], index) => [name, got[index]]), cases.map(([name, , devices]) => [name, devices]), stderr)
})

inRoot(`without network data wan stays on the card that it was given${why}`, async (t) => {
  const root = await networkRoot(t, {})
  const {stdout, stderr} = root.run(`${libraries} network_default; ${machine('09 eth0', '01 eth1')} network_remap; uci get network.wan.device; uci get network.wan6.device
    ${machine('09 eth1', '08 eth0')} network_remap; uci get network.wan.device; ls -l /etc/rc.cloud | cut -c1-10`)
  t.is(stdout, 'eth1\neth1\neth0\ntotal 8\n-rw-------\n-rw-------\n', stderr)
  t.regex(logged(root), /other names\nnetwork: DHCP instead\n$/)
})

inRoot(`a boot without news starts no program${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {eth0: {dhcp4: true}}})
  const {stdout, stderr} = root.run(`${libraries} network_remap; network_apply /tmp/data
    read -r pid rest < /proc/self/stat; true & before=$!; wait
    network_remap; network_remap
    true & after=$!; wait; echo $((after - before))`)
  t.is(stdout, '1\n', stderr)
})
