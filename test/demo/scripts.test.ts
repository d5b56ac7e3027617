import {spawnSync} from 'node:child_process'
import test from 'ava'
import {findProgram} from '../../pipeline/tools/run.ts'
import {demoRoot, demoScripts, noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

test('every script of the demo can be read by ash', (t) => {
  const scripts = demoScripts()
  t.true(scripts.length > 40, `only ${scripts.length} scripts were found`)
  for (const script of scripts) t.is(spawnSync('/bin/busybox', ['sh', '-n', script], {encoding: 'utf8'}).stderr, '', script)
})

// Functions meet in names that other files give: what a file alone cannot know is not asked of it, nor what ash has and POSIX not.
const beyondAFile = 'SC1090,SC1091,SC1007,SC2034,SC2046,SC2086,SC2120,SC2154,SC3043,SC3045'

const hasShellcheck = findProgram('shellcheck') !== undefined
test.runIf(hasShellcheck)(`shellcheck has nothing against the demo's scripts${hasShellcheck ? '' : ' (skipped: no shellcheck)'}`, (t) => {
  const {stdout} = spawnSync('shellcheck', ['-s', 'sh', '-S', 'warning', '-f', 'gcc', '-e', beyondAFile, ...demoScripts()], {encoding: 'utf8'})
  t.is(stdout, '')
})

inRoot(`functions.sh: lists, configuration, users${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write({
    'etc/config/test': "config thing 'one'\n\toption plain 'a b'\n\toption on 'yes'\n\tlist many 'x'\n\tlist many 'y z'\n\nconfig thing\n\toption off '0'\n\nconfig other 'two'\n",
    'etc/passwd': 'root:x:0:0:root:/root:/bin/ash\nalice:x:32768:32768::/:\n', 'etc/group': 'root:x:0:\n', 'etc/shadow': '',
  })
  const {stdout, stderr} = root.run(`
    . /lib/functions.sh
    append words one; append words two; append words three ,; echo "$words"
    prepend words zero; echo "$words"; list_contains words one && echo one; list_contains words two || echo not two
    config_load test
    config_get text one plain; echo "[$text]"
    config_get text one nothing 'the default'; echo "[$text]"
    config_get one many
    config_get_bool flag one on; config_get_bool third one nothing 1; echo $flag $third
    each() { echo "thing $1 $2"; }; config_foreach each thing more
    item() { echo "item <$1> $2"; }; config_list_foreach one many item more
    unset text; config_get text 'one; echo bad' plain; echo "[$text]"
    group_exists wheel || group_add wheel 70; group_add_user wheel root; group_add_user wheel alice; group_add_user wheel root; tail -n 1 /etc/group
    user_exists bob || user_add bob; tail -n 1 /etc/passwd; cat /etc/shadow
    ipcalc 192.168.7.9/255.255.254.0; echo $IP $NETMASK $PREFIX $NETWORK $BROADCAST
    ipcalc.sh 10.1.2.3 8 | tail -n 1; ipcalc 1.2.3 || echo refused; ipcalc 1.2.3.4/33 || echo refused; ipcalc 1.2.3.4/255.0.255.0 || echo refused`)
  t.is(stdout, `one two,three
zero one two,three
one
not two
[a b]
[the default]
x y z
1 1
thing one more
thing cfg02ef3f more
item <x> more
item <y z> more
[]
wheel:x:70:root,alice
bob:x:32769:32769:bob:/var/run/bob:/bin/false
bob:x:0:0:99999:7:::
192.168.7.9 255.255.254.0 23 192.168.6.0 192.168.7.255
PREFIX=8
refused
refused
refused
`, stderr)
})

inRoot(`jshn.sh reads and writes JSON${why}`, async (t) => {
  const root = await demoRoot(t, {packages: ['base-files', 'uci']})
  const {stdout} = root.run(`
    . /usr/share/libubox/jshn.sh
    json_load '{"a": {"b-c": ["x\\ny", {"d": true}, 1.5e3, null]}, "e": "\\u00e9\\ud83d\\ude00 \\" \\\\"}' || echo failed
    json_dump
    json_select a; json_get_values all b-c; echo "$all"; json_get_keys keys; echo $keys; json_select ..
    json_get_var text e; echo "$text"; json_is_a a object && echo object
    for bad in '{' '{"a"}' '[1,]' '{"a":1}x' '{"a" 1}' '["\\u12"]'; do json_load "$bad" && echo "took $bad"; done
    json_init; json_add_string s "a 'b'"; json_add_array l; json_add_int '' 1; json_add_boolean '' 0; json_close_array; json_dump -i`)
  t.is(stdout, `{ "a": { "b-c": [ "x\\ny", { "d": true }, 1.5e3, null ] }, "e": "é😀 \\" \\\\" }
x
y 4 1.5e3 
b_c
é😀 " \\
object
{
	"s": "a 'b'",
	"l": [
		1,
		false
	]
}
`)
})

inRoot(`the first configuration is OpenWrt's: lan on eth0, wan on a second device, or what board.d says${why}`, async (t) => {
  const root = await demoRoot(t)
  const {stdout, stderr} = root.run('config_generate; uci show network; uci get system.@system[0].ttylogin; ls -l /etc/config/network | cut -c1-10')
  t.is(stdout.replace(/network\.globals.*\n/g, ''), `network.loopback=interface
network.loopback.device='lo'
network.loopback.proto='static'
network.loopback.ipaddr='127.0.0.1'
network.loopback.netmask='255.0.0.0'
network.@device[0]=device
network.@device[0].name='br-lan'
network.@device[0].type='bridge'
network.@device[0].ports='eth0'
network.lan=interface
network.lan.device='br-lan'
network.lan.proto='static'
network.lan.ipaddr='192.168.1.1'
network.lan.netmask='255.255.255.0'
network.lan.ip6assign='60'
0
-rw-------
`, stderr)

  const cloud = await demoRoot(t)
  cloud.write({
    'etc/board.d/50-cloud': ". /lib/functions/uci-defaults.sh\nboard_config_update\nucidef_set_interface_wan eth0\nucidef_set_hostname router7\nucidef_set_root_password_hash '$5$x$y'\nboard_config_flush\n",
    'etc/config/system': null, 'etc/shadow': 'root:::0:99999:7:::\nnobody:*:0:0:99999:7:::\n',
    'etc/uci-defaults/99-again': 'echo tried >> /tmp/tried\nfalse\n',
  })
  const {stdout: second} = cloud.run('. /etc/init.d/boot; config_generate; uci_apply_defaults; uci get network.wan.proto; uci get network.wan6.proto; uci -q get network.lan || echo no lan; uci get system.@system[0].hostname; ls /etc/uci-defaults; cat /etc/shadow /tmp/tried')
  t.is(second, 'dhcp\ndhcpv6\nno lan\nrouter7\n99-again\nroot:$5$x$y::0:99999:7:::\nnobody:*:0:0:99999:7:::\ntried\n')
  t.regex(cloud.run('uci get network.globals.ula_prefix').stdout, /^fd[0-9a-f]{2}:[0-9a-f]{4}:[0-9a-f]{4}::\/48\n$/)

  root.write({'etc/config/network': "config interface 'mine'\n"})
  t.is(root.run('config_generate; uci show network').stdout, 'network.mine=interface\n')
})

inRoot(`sysupgrade lists what is kept${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write({'etc/config/own': 'x', 'etc/sysupgrade.conf': '# none\n/srv/data\n/srv/*.txt\n', 'srv/data/a file': 'x', 'srv/b c.txt': 'x', 'srv/d.bin': 'x', 'lib/upgrade/keep.d/own': '/etc/rc.cloud\n', 'etc/rc.cloud/state': 'x'})
  const lines = root.run('sysupgrade -l').stdout.split('\n')
  for (const wanted of ['/etc/config/own', '/etc/shadow', '/srv/data/a file', '/srv/b c.txt', '/etc/rc.cloud/state']) t.true(lines.includes(wanted), wanted)
  t.false(lines.includes('/srv/d.bin'))
  t.is(root.run('sysupgrade -b /tmp/b.tgz && tar -tzf /tmp/b.tgz').stdout.split('\n').length, lines.length)
})
