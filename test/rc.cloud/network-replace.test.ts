import test from 'ava'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {kept, libraries, logged, networkRoot, stockNetwork} from '../helpers/network-root.ts'
import {toFlat} from '../helpers/flat-lines.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`
const dhcp = (name: string, v6 = ''): string => `
config interface '${name}'
	option rc_cloud '1'
	option device 'eth0'
	option proto 'dhcp${v6}'
`
const byDefault = `${dhcp('wan')}${dhcp('wan6', 'v6')}	option reqprefix 'no'\n\n`

inRoot(`without network data the first card is wan, and there is no lan${why}`, async (t) => {
  const root = await networkRoot(t, {})
  const {stdout, stderr} = root.run(`${libraries} network_default; echo $?; uci get dhcp.lan.ignore; uci get firewall.@zone[1].network`)
  t.is(stdout, '0\n1\nwan wan6\n', stderr)
  t.is(root.read('etc/config/network'), `${kept}${byDefault}`)
})

inRoot(`what fits no card, has no address or is no such document ends in the default${why}`, async (t) => {
  const root = await networkRoot(t, {})
  const documents = [
    {links: [{id: 'a', type: 'phy', ethernet_mac_address: '52:54:00:00:00:77'}], networks: [{link: 'a', type: 'ipv4_dhcp'}]},
    {ethernets: {ens18: {dhcp4: true}}}, {ethernets: {eth0: {}}}, {version: 1, config: 'text'}, {links: 'text', networks: {a: 'b'}}, ['x'], 'text', null,
    {vlans: {a: {id: 5, link: 'b', dhcp4: true}, b: {id: 6, link: 'a', dhcp4: true}, c: {id: 7, link: 'c', dhcp4: true}}},
    {bonds: {a: {interfaces: ['b'], dhcp4: true}, b: {interfaces: ['a'], dhcp4: true}}}, {ethernets: {eth0: {addresses: ['10.0.0.300/24', '010.0.0.1/8'], gateway4: '10.0.0.1'}}},
  ]
  root.write(Object.fromEntries(documents.map((document, index) => [`tmp/data${index}`, toFlat(document)])))
  root.write({'tmp/data98': 'no flat line\n=\n/\n\0\xff=s\n', 'tmp/data99': ''})
  const {stdout, stderr} = root.run(`${libraries}
    cp /etc/config/network /tmp/stock
    for data in /tmp/data?*; do
      cp /tmp/stock /etc/config/network; network_apply $data || echo "$data failed"
      [ -n "$first" ] || { first=1; cp /etc/config/network /tmp/first; }
      cmp /etc/config/network /tmp/first || echo "$data differs"
    done`)
  t.is(stdout, '', stderr)
  t.is(root.read('tmp/first'), `${kept}${byDefault}`)
  t.regex(logged(root), /network: DHCP instead/)
})

inRoot(`another instance replaces what was made for the first, and nothing of the user's${why}`, async (t) => {
  const root = await networkRoot(t, {
    ethernets: {eth0: {addresses: ['10.0.0.2/24'], gateway4: '10.0.0.1', mtu: 1400}, eth1: {dhcp4: true, dhcp6: true}},
    vlans: {v: {id: 5, link: 'eth1', addresses: ['10.5.0.2/24'], routes: [{to: '10.6.0.0/16', via: '10.5.0.1'}]}},
  })
  const {stdout, stderr} = root.run(`${libraries} network_apply /tmp/data; uci get firewall.@zone[1].network; uci -q get network.cloud1.device; uci -q get network.cloud2.device
    uci add_list firewall.@zone[1].network=mine; uci commit firewall
    network_default; uci get firewall.@zone[1].network; ls -A /etc/config`)
  // of a name that is left over in the zone nobody is in danger: who takes it is in wan's zone
  t.is(stdout, 'wan wan6 cloud1 cloud1_6 cloud2\neth1\neth1.5\nwan wan6 cloud1 cloud1_6 cloud2 mine\ndhcp\ndropbear\nfirewall\nnetwork\n', stderr)
  t.is(root.read('etc/config/network'), `${kept}${byDefault}`)
})

inRoot(`a lan stays, unless it has a card of the cloud${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {eth0: {dhcp4: true}}})
  const own = stockNetwork.replace('192.168.1.1', '10.20.0.1')
  const {stdout, stderr} = root.run(`${libraries}
    network_apply /tmp/data; uci -q get network.lan.ipaddr; uci -q get dhcp.lan.ignore
    uci import network < /tmp/own; uci commit; uci set dhcp.lan.ignore=; uci commit
    network_apply /tmp/data; uci -q get network.lan.ipaddr; uci -q get dhcp.lan.ignore
    uci import network < /tmp/other; uci set dhcp.lan.ignore=; uci commit
    network_apply /tmp/data; uci -q get network.lan.ipaddr; uci -q get dhcp.lan.ignore; uci get network.@device[0].ports`.replace('. /usr', `printf '%s' '${own.replaceAll("'", '"')}' > /tmp/own; sed s/eth0/eth1/ /tmp/own > /tmp/other; . /usr`))
  t.is(stdout, '1\n1\n10.20.0.1\neth1\n', stderr)
})

inRoot(`when uci cannot do all of it nothing is changed${why}`, async (t) => {
  const root = await networkRoot(t, {ethernets: {eth0: {dhcp4: true}, eth1: {dhcp4: true}}})
  root.write({'usr/sbin/uci!': '#!/bin/sh\ncase "$*" in *-m*) /sbin/uci "$@"; echo "uci: I/O error" >&2 ;; *) exec /sbin/uci "$@" ;; esac\n'})
  const {stdout} = root.run(`cp -r /etc/config /tmp/before; ${libraries} network_apply /tmp/data || echo refused; diff -r /tmp/before /etc/config; ls -A /tmp/.uci /etc/rc.cloud`)
  t.is(stdout, 'uci: I/O error\nuci: I/O error\nrefused\n/etc/rc.cloud:\n\n/tmp/.uci:\n')
  t.is(logged(root), 'network: DHCP instead\n')
})

inRoot(`no firewall and no DHCP server are no reason to fail${why}`, async (t) => {
  const root = await networkRoot(t, {})
  const {stdout, stderr} = root.run(`${libraries} rm /etc/config/firewall /etc/config/dhcp; network_default; echo $?`)
  t.is(stdout, '0\n', stderr)
  t.is(root.read('etc/config/network'), `${kept}${byDefault}`)
})
