import {execFileSync} from 'node:child_process'
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
  const table = [...readFileSync(join(rcCloud, 'lib/system.sh'), 'utf8').matchAll(/^\t([\w |]+)\) rule='?([^' ]+)'? ;;$/gm)]
  t.true(table.length >= 10)
  const files = execFileSync('find', [zoneinfo, '-path', '*/posix', '-prune', '-o', '-path', '*/right', '-prune', '-o', '-type', 'f', '-print', '-o', '-type', 'l', '-print'], {encoding: 'utf8'}).split('\n')
  for (const [, cities = '', rule] of table) {
    for (const city of cities.split(' | ')) t.is(readFileSync(files.find((file) => file.endsWith(`/${city}`)) ?? '', 'latin1').trim().split('\n').at(-1), rule, city)
  }
})

inRoot(`time zones by table, of zoneinfo, unknown and hostile${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'usr/share/zoneinfo/Asia/Kabul': 'TZif2\n<+0430>-4:30\n'})
  const of = (timezone: string): string => root.apply(`uci -q batch < /dev/null; apply_early /tmp/config; ${get('zonename')} ${get('timezone')}`, {timezone}).stdout
  t.is(of('Europe/Zurich'), 'Europe/Zurich\nCET-1CEST,M3.5.0,M10.5.0/3\n')
  t.is(of('UTC'), 'UTC\nUTC0\n')
  t.is(of('Europe/Amsterdam'), 'Europe/Amsterdam\nCET-1CEST,M3.5.0,M10.5.0/3\n')
  t.is(of('Asia/Tokyo'), 'Asia/Tokyo\nJST-9\n')
  t.is(of('America/New_York'), 'America/New_York\nEST5EDT,M3.2.0,M11.1.0\n')
  const rule = of('America/New_York').split('\n')[1]
  t.is(of('Asia/Kabul'), `Asia/Kabul\n${rule}\n`)
  t.notRegex(root.log(), /not taken/)
  t.is(of('Mars/Base'), `Mars/Base\n${rule}\n`)
  for (const zone of ['../../../etc/passwd', 'Europe/../../etc/passwd', '$(touch /tmp/pwned)', "a'b", 'a b', 'a\nb', '*', '-x', '/etc/passwd']) {
    t.is(of(zone), `Mars/Base\n${rule}\n`, zone)
  }
  t.is(root.run('ls /tmp/pwned').stdout, '')
  t.regex(root.log(), /not taken: Mars\/Base\n/)
  t.regex(root.log(), /not taken: \.\.\//)
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
  for (const bad of ['$(touch /tmp/pwned)', '`id`', "a'b", 'a b', 'a\nb', '-a', '../x', '', 'a;b', '%s']) t.is(of({hostname: bad}, {'local-hostname': bad}), 'e', bad)
  t.is(root.run('ls /tmp/pwned').stdout, '')
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
  for (const bad of ['commit', 'import system', 'set nosuch.a=b', 'delete system.nothere', 'set', `set system.@system[0].notes='open`, 'set system.@system[0].notes=a\nshow', '$(touch /tmp/pwned)', 'set system.@system[0].a=$(touch /tmp/pwned)\n`touch /tmp/pwned`', 'set ../../tmp/x.y=z', 'add firewall', 7, {a: 1}, 'set system.@system[0].notes=a b c; touch /tmp/pwned']) {
    if (typeof bad === 'string') t.deepEqual(of('add firewall rule', good, bad, "set firewall.@rule[-1].name='z'").split('\n'), ['none', ...before], bad)
    else t.notThrows(() => of(bad))
  }
  t.is(root.run('ls /tmp/pwned /tmp/x').stdout, '')
  t.regex(root.log(), /not taken: uci: /)
  const after = of('add firewall rule', good, "set firewall.@rule[-1].name='z'").split('\n')
  t.is(after[0], 'x y')
  t.not(after[1], before[0])
  t.deepEqual(after.slice(2), before.slice(1))
  t.is(root.run("uci get firewall.@rule[-1].name; ls -l /etc/config/firewall | cut -c 1-10").stdout, 'z\n-rw-r--r--\n')
})

inRoot(`a call home, and a last word${why}`, async (t) => {
  const root = await configRoot(t)
  root.write({'etc/rc.cloud/id': 'i-1\n', 'usr/bin/uclient-fetch!': '#!/bin/sh\nfor a; do case $a in --post-data=*) echo "${a#*=}" >> /tmp/posted; esac; done\necho "$a" >> /tmp/posted\n[ "$a" != http://down/ ]\n'})
  const of = (phone_home: object): string => root.apply('sleep() { :; }; rm -f /tmp/posted; apply_final /tmp/config; cat /tmp/posted', {phone_home}).stdout
  t.regex(of({url: 'https://example.org/'}), /^instance_id=i-1&hostname=[^&\n]+\nhttps:\/\/example.org\/\n$/)
  t.is(of({url: 'http://down/'}).match(/http:\/\/down\//g)?.length, 3)
  for (const url of ['file:///etc/passwd', '-O/etc/passwd', '$(touch /tmp/pwned)', 'ftp://x', '']) t.is(of({url}), '', url)
  root.apply('apply_final /tmp/config', {final_message: 'up $uptime `touch /tmp/pwned` $(touch /tmp/pwned) $HOME %s\n-- end'})
  t.regex(root.log(), /\nup \$uptime `touch \/tmp\/pwned` \$\(touch \/tmp\/pwned\) \$HOME %s -- end *\n/)
  t.is(root.run('ls /tmp/pwned').stdout, '')
})

inRoot(`power_state, when all is over${why}`, async (t) => {
  const root = await configRoot(t)
  const of = (power_state: unknown): string => root.apply(`for mode in reboot halt poweroff; do eval "$mode() { echo $mode >> /tmp/power; }"; done
    sleep() { echo "sleep $1" >> /tmp/power; : > /var/lib/cloud/instance/boot-finished; }
    rm -rf /var/lib/cloud/instance; mkdir -p /var/lib/cloud/instance
    : > /tmp/power
    apply_final /tmp/config; wait; cat /tmp/power`, {power_state}).stdout
  for (const mode of ['reboot', 'halt', 'poweroff']) t.is(of({mode}), `sleep 1\n${mode}\n`)
  for (const condition of [true, 'yes']) t.is(of({mode: 'halt', condition}), 'sleep 1\nhalt\n')
  for (const condition of [false, 'false', 'test -e /etc/passwd', ['test', '-e', '/etc/passwd']]) t.is(of({mode: 'reboot', condition}), '', JSON.stringify(condition))
  for (const bad of [{mode: 'touch /tmp/pwned'}, {mode: ['reboot', 'halt']}, {}]) t.is(of(bad), '', JSON.stringify(bad))
  t.is(root.run('ls /tmp/pwned').stdout, '')
})
