import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {configRoot} from '../helpers/cloud-config.ts'
import {rcCloud} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const zoneinfo = '/usr/share/zoneinfo'
const noZones = existsSync(join(zoneinfo, 'Europe/Berlin')) ? '' : ' (skipped: no zoneinfo)'
const get = (option: string): string => `uci -q get system.@system[0].${option} || echo none;`

test.runIf(noZones === '')(`the table of time zones says what zoneinfo says${noZones}`, (t) => {
  const lines = readFileSync(join(rcCloud, 'files/usr/lib/rc.cloud/zones'), 'utf8').trim().split('\n').map((line) => line.split(' '))
  t.true(lines.length > 20)
  for (const [rule, region, ...cities] of lines) {
    for (const city of cities) t.is(readFileSync(join(zoneinfo, region ?? '', city), 'latin1').trim().split('\n').at(-1), rule, `${region}/${city}`)
  }
})

inRoot(`time zones by table, by zoneinfo, unknown and hostile${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'usr/share/zoneinfo/Asia/Kabul': 'TZif2\n<+0430>-4:30\n', 'usr/share/zoneinfo/Evil/One': "x'\nset system.x=y`id`\n"})
  const of = (timezone: string): string => root.apply(`uci -q batch < /dev/null; apply_early /tmp/config; ${get('zonename')} ${get('timezone')}`, {timezone}).stdout
  t.is(of('Europe/Zurich'), 'Europe/Zurich\nCET-1CEST,M3.5.0,M10.5.0/3\n')
  t.is(of('UTC'), 'UTC\nUTC0\n')
  t.is(of('Europe/Amsterdam'), 'Europe/Amsterdam\nCET-1CEST,M3.5.0,M10.5.0/3\n')
  t.is(of('Asia/Tokyo'), 'Asia/Tokyo\nJST-9\n')
  t.is(of('America/New_York'), 'America/New_York\nEST5EDT,M3.2.0,M11.1.0\n')
  t.is(of('Asia/Kabul'), 'Asia/Kabul\n<+0430>-4:30\n')
  t.is(of('Mars/Base'), 'Mars/Base\n<+0430>-4:30\n')
  for (const zone of ['Evil/One', '../../../etc/passwd', 'Europe/../../etc/passwd', '$(touch /tmp/pwned)', "a'b", 'a b', 'a\nb', '*', '-x', '/etc/passwd']) {
    t.is(of(zone).split('\n')[1], '<+0430>-4:30', zone)
  }
  t.is(root.run('ls /tmp/pwned').stdout, '')
  t.regex(root.log(), /rules of Mars\/Base are not known/)
  t.regex(root.log(), /not a time zone: \.\.\//)
})

inRoot(`names of hosts${why}`, async (t) => {
  const root = await configRoot(t)
  const of = (config: object, meta: object = {}): string => root.apply(`rm -f $RUN/hostname; apply_meta; apply_early /tmp/config; ${get('hostname')}`, config, {'instance-id': 'i', ...meta}).stdout.trim()
  t.is(of({}, {'local-hostname': 'web.novalocal'}), 'web')
  t.is(of({hostname: 'a'}), 'a')
  t.is(of({fqdn: 'b.example.org'}), 'b')
  t.is(of({hostname: 'e.example.org'}), 'e')
  t.is(of({hostname: 'c', fqdn: 'd.example.org'}), 'c')
  t.is(of({hostname: 'e.example.org'}), 'e')
  t.is(of({hostname: 'c', fqdn: 'd.example.org', prefer_fqdn_over_hostname: true}), 'd.example.org')
  for (const bad of ['$(touch /tmp/pwned)', '`id`', "a'b", 'a b', 'a\nb', '-a', '../x', 'x'.repeat(65), '', 'a;b', '%s']) t.is(of({hostname: bad}, {'local-hostname': bad}), 'd.example.org', bad)
  t.is(root.run('ls /tmp/pwned').stdout, '')
})

inRoot(`preserve_hostname gives back the name before the metadata's${why}`, async (t) => {
  const root = await configRoot(t)
  const {stdout} = root.apply(`apply_meta; ${get('hostname')} apply_early /tmp/config; cat /proc/sys/kernel/hostname; ${get('hostname')}`, {preserve_hostname: true, hostname: 'no'}, {'instance-id': 'i', 'local-hostname': 'meta'})
  const [first, kernel, last] = stdout.trim().split('\n')
  t.is(first, 'meta')
  t.is(last, kernel)
})

inRoot(`time servers${why}`, async (t) => {
  const root = await configRoot(t)
  const of = (ntp: unknown): string => root.apply('apply_early /tmp/config; uci show system.ntp', {ntp}).stdout
  t.is(of({enabled: false, servers: ['a.example.org', '2001:db8::1', '$(touch /tmp/pwned)', "x' y", 'a\nb', '', '-x'], pools: ['p']}), "system.ntp=timeserver\nsystem.ntp.enabled='0'\nsystem.ntp.server='p' 'a.example.org' '2001:db8::1' 'a' 'b'\n")
  t.is(of({enabled: true}), "system.ntp=timeserver\nsystem.ntp.enabled='1'\nsystem.ntp.server='p' 'a.example.org' '2001:db8::1' 'a' 'b'\n")
  t.is(root.run('ls /tmp/pwned').stdout, '')
})

inRoot(`uci lines are all done, or none${why}`, async (t) => {
  const root = await configRoot(t)
  const of = (...uci: unknown[]): string => root.apply(`apply_early /tmp/config; ${get('notes')} cat /etc/config/firewall | md5sum; ls -A /etc/config`, {uci}).stdout
  const before = of().split('\n').slice(1)
  const good = "set system.@system[0].notes='x y'"
  for (const bad of ['commit', 'revert system', 'import system', 'set nosuch.a=b', 'delete system.nothere', 'set', '', `set system.@system[0].notes='open`, 'set system.@system[0].notes=a\nshow', '$(touch /tmp/pwned)', 'set system.@system[0].a=$(touch /tmp/pwned)\n`touch /tmp/pwned`', 'set ../../tmp/x.y=z', 'add firewall', 7, {a: 1}, 'set system.@system[0].notes=a b c; touch /tmp/pwned']) {
    if (typeof bad === 'string') t.deepEqual(of('add firewall rule', good, bad, "set firewall.@rule[-1].name='z'").split('\n'), ['none', ...before], bad)
    else t.notThrows(() => of(bad))
  }
  t.is(root.run('ls /tmp/pwned /tmp/x').stdout, '')
  t.regex(root.log(), /uci: nothing is done/)
  const after = of('add firewall rule', good, "set firewall.@rule[-1].name='z'").split('\n')
  t.is(after[0], 'x y')
  t.not(after[1], before[0])
  t.deepEqual(after.slice(2), before.slice(1))
  t.is(root.run("uci get firewall.@rule[-1].name; ls -l /etc/config/firewall | cut -c 1-10").stdout, 'z\n-rw-r--r--\n')
})

inRoot(`a card becomes the lan, by MAC or name, but not the one of wan${why}`, async (t) => {
  for (const lan of ['eth1', '52:54:00:00:00:02', '52:54:00:AA:00:02']) {
    const root = await configRoot(t, {nics: {eth0: '52:54:00:00:00:01', eth1: lan.toLowerCase().includes('aa') ? '52:54:00:aa:00:02' : '52:54:00:00:00:02'}})
    root.write({'etc/config/network': "\nconfig interface 'wan'\n\toption device 'eth0'\n\toption proto 'dhcp'\n\nconfig interface 'nic1'\n\toption device 'eth1'\n\toption proto 'dhcp'\n"})
    root.apply('apply_early /tmp/config', {openwrt: {lan}})
    t.is(root.run('uci show network').stdout, "network.wan=interface\nnetwork.wan.device='eth0'\nnetwork.wan.proto='dhcp'\nnetwork.lan=interface\nnetwork.lan.proto='static'\nnetwork.lan.device='eth1'\nnetwork.lan.ipaddr='192.168.1.1'\nnetwork.lan.netmask='255.255.255.0'\nnetwork.lan.ip6assign='60'\n", lan)
    const network = root.read('etc/config/network')
    for (const bad of ['eth0', 'eth9', '*', '', '../net/eth1', "eth1'", '$(touch /tmp/pwned)', 'a\nb', '?th1']) root.apply('apply_early /tmp/config', {openwrt: {lan: bad}})
    t.is(root.read('etc/config/network'), network)
    t.is(root.run('ls /tmp/pwned').stdout, '')
  }
})

inRoot(`a call home, and a last word${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/rc.cloud/id': 'i-1 &=x\n', 'usr/bin/uclient-fetch!': '#!/bin/sh\nfor a; do case $a in --post-file=*) cat "${a#*=}" >> /tmp/posted; echo >> /tmp/posted; esac; done\necho "$a" >> /tmp/posted\n[ "$a" != http://down/ ]\n'})
  const of = (phone_home: object): string => root.apply('sleep() { :; }; rm -f /tmp/posted; apply_final /tmp/config; cat /tmp/posted', {phone_home, fqdn: 'h.example.org'}).stdout
  t.is(of({url: 'http://example.org/$INSTANCE_ID/', post: ['instance_id', 'fqdn', 'nothing']}), 'instance_id=i-1%20%26%3Dx&fqdn=h.example.org\nhttp://example.org/i-1%20%26%3Dx/\n')
  t.regex(of({url: 'https://example.org/', post: 'all'}), /^pub_key_rsa=&pub_key_ecdsa=&pub_key_ed25519=&instance_id=i-1%20%26%3Dx&hostname=[^&]+&fqdn=h\.example\.org\n/)
  t.is(of({url: 'http://down/', tries: 3, post: ['fqdn']}), 'fqdn=h.example.org\nhttp://down/\n'.repeat(3))
  for (const url of ['file:///etc/passwd', '-O/etc/passwd', '$(touch /tmp/pwned)', 'http://a b', 'ftp://x', '']) t.is(of({url, tries: 1}), '', url)
  root.apply('apply_final /tmp/config', {final_message: 'up $uptime at $timestamp by $datasource `touch /tmp/pwned` $(touch /tmp/pwned) $HOME %s\n-- end'})
  t.regex(root.log(), /\nup [\d.]+ at \w[^\n]+ by test `touch \/tmp\/pwned` \$\(touch \/tmp\/pwned\) \$HOME %s\n-- end\n/)
  t.is(root.run('ls /tmp/pwned').stdout, '')
})

inRoot(`power_state, when all is over${why}`, async (t) => {
  const root = await configRoot(t)
  const of = (power_state: unknown): string => root.apply(`for mode in reboot halt poweroff; do eval "$mode() { echo $mode >> /tmp/power; }"; done
    sleep() { echo "sleep $1" >> /tmp/power; [ "$1" != 1 ] || : > /var/lib/cloud/instance/boot-finished; }
    mkdir -p /var/lib/cloud/instance
    : > /var/lib/cloud/instance/boot-finished
    : > /tmp/power
    apply_final /tmp/config; wait; cat /tmp/power`, {power_state}).stdout
  t.is(of({mode: 'reboot'}), 'sleep 0\nsleep 1\nreboot\n')
  t.is(of({mode: 'poweroff', delay: '+5', message: 'bye'}), 'sleep 300\nsleep 1\npoweroff\n')
  t.is(of({mode: 'halt', delay: 2, condition: true}), 'sleep 120\nsleep 1\nhalt\n')
  t.is(of({mode: 'reboot', condition: 'test -e /etc/passwd'}), 'sleep 0\nsleep 1\nreboot\n')
  t.is(of({mode: 'reboot', condition: ['test', '-e', '/etc/passwd']}), 'sleep 0\nsleep 1\nreboot\n')
  for (const condition of [false, 'false', 'test -e /nothing', ['test', '-e', '/nothing']]) t.is(of({mode: 'reboot', condition}), '', JSON.stringify(condition))
  for (const bad of [{mode: 'touch /tmp/pwned'}, {mode: ['reboot']}, {}, {mode: 'reboot', delay: '1; touch /tmp/pwned'}, {mode: 'reboot', delay: '08'}, {mode: 'reboot', delay: 'a[$(touch /tmp/pwned)]'}]) t.is(of(bad), '', JSON.stringify(bad))
  t.is(root.run('ls /tmp/pwned').stdout, '')
})
