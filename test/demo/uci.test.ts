import test from 'ava'
import {demoRoot, noDemoRoot, type DemoRoot} from '../helpers/demo-root.ts'

const network = `# a comment
config interface 'loopback'
	option device 'lo'

config device
	option name "br-lan" # behind a word
	option type bridge
	list ports 'eth0'
	list ports 'eth 1'

config interface lan
	option device 'br-lan'
	option note 'it'\\''s "two"
lines'; option mtu 1450

config device
	option name 'eth9'
`

/** A command, and what it prints; `!` before it: it fails. */
type Step = readonly [command: string, printed: string]

async function steps(root: DemoRoot, list: readonly Step[], check: (what: string, got: string, wanted: string) => void): Promise<void> {
  for (const [command, printed] of list) {
    const {code, stdout, stderr} = root.run(command.replace(/^!/, ''))
    check(command, `${stdout}${stderr}`, printed)
    check(`the exit code of ${command}`, code === 0 ? 'success' : 'failure', command.startsWith('!') ? 'failure' : 'success')
  }
}

/** A test of steps in a root with the package `network`, whose changes last from step to step. */
function uci(title: string, list: readonly Step[], after?: string): void {
  test.runIf(noDemoRoot === undefined)(`uci: ${title}${noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`}`, async (t) => {
    const root = await demoRoot(t, {packages: ['uci']})
    root.write({'etc/config/network': network, 'etc/config/system': ''})
    await steps(root, list, (what, got, wanted) => { t.is(got, wanted, what) })
    if (after !== undefined) t.is(root.read('etc/config/network'), after)
  })
}

uci('prints options, sections and packages', [
  ['uci get network.lan.device', 'br-lan\n'],
  ['uci get network.lan', 'interface\n'],
  ['uci get network.@device[0].name', 'br-lan\n'],
  ['uci get network.@device[-1].name', 'eth9\n'],
  ['uci get network.@device[0].ports', "eth0 'eth 1'\n"],
  ['uci -d , get network.@device[0].ports', "eth0,'eth 1'\n"],
  ['uci show network.lan', "network.lan=interface\nnetwork.lan.device='br-lan'\nnetwork.lan.note='it'\\''s \"two\"\nlines'\nnetwork.lan.mtu='1450'\n"],
  ['uci show network.@device[0]', "network.cfg020f15=device\nnetwork.cfg020f15.name='br-lan'\nnetwork.cfg020f15.type='bridge'\nnetwork.cfg020f15.ports='eth0' 'eth 1'\n"],
  ['uci show network | grep device.*=device', 'network.@device[0]=device\nnetwork.@device[1]=device\n'],
  ['uci -X show network | grep =device', 'network.cfg020f15=device\nnetwork.cfg040f15=device\n'],
])

uci('says what it cannot find, or is told to be quiet', [
  ['!uci get network.nobody', 'uci: Entry not found\n'],
  ['!uci get network.lan.nothing', 'uci: Entry not found\n'],
  ['!uci get nothing.at.all', 'uci: Entry not found\n'],
  ['!uci -q get network.nobody', ''],
  ['!uci get network.@device[2]', 'uci: Entry not found\n'],
  ['!uci get network.@device', 'uci: Invalid argument\n'],
  ['!uci set network.nobody.option=1', 'uci: Invalid argument\n'],
  ['!uci delete network', 'uci: Invalid argument\n'],
])

uci('writes no file before commit, and then in its own hand', [
  ["uci set network.lan.mtu=9000; uci set 'network.lan.say=a '\\''b'\\'''; uci set network.wan=interface; uci set network.wan.proto=dhcp", ''],
  ['uci changes', "network.lan.mtu='9000'\nnetwork.lan.say='a '\\''b'\\'''\nnetwork.wan='interface'\nnetwork.wan.proto='dhcp'\n"],
  ['grep -c 9000 /etc/config/network || true', '0\n'],
  ['uci get network.lan.mtu', '9000\n'],
  ['uci commit network; uci changes', ''],
], `
config interface 'loopback'
	option device 'lo'

config device
	option name 'br-lan'
	option type 'bridge'
	list ports 'eth0'
	list ports 'eth 1'

config interface 'lan'
	option device 'br-lan'
	option note 'it'\\''s "two"
lines'
	option mtu '9000'
	option say 'a '\\''b'\\'''

config device
	option name 'eth9'

config interface 'wan'
	option proto 'dhcp'

`)

uci('adds, renames, moves and takes away sections', [
  ['uci add network route', 'cfg05c8b4\n'],
  ['uci set network.@route[-1].target=10.0.0.0/8; uci add network route', 'cfg06c8b4\n'],
  ['uci rename network.@route[0]=far; uci get network.far.target', '10.0.0.0/8\n'],
  ['uci reorder network.far=0; uci show network | head -n 1', 'network.far=route\n'],
  ['uci delete network.@device[1]; uci show network | grep -c =device', '1\n'],
  ['uci revert network.far; uci show network | grep =route', 'network.far=route\nnetwork.@route[1]=route\n'],
  ['uci revert network; uci changes', ''],
])

uci('keeps lists', [
  ['uci add_list network.lan.dns=1.1.1.1; uci add_list network.lan.dns=9.9.9.9; uci get network.lan.dns', '1.1.1.1 9.9.9.9\n'],
  ['uci del_list network.lan.dns=1.1.1.1; uci get network.lan.dns', '9.9.9.9\n'],
  ['uci add_list network.lan.mtu=1500; uci show network.lan.mtu', "network.lan.mtu='1450' '1500'\n"],
  ['uci delete network.@device[0].ports=0; uci get network.@device[0].ports', "'eth 1'\n"],
  ['uci set network.lan.dns=8.8.8.8; uci show network.lan.dns', "network.lan.dns='8.8.8.8'\n"],
  ["uci set network.lan.dns=''; uci -q get network.lan.dns || echo gone", 'gone\n'],
])

uci('does many things in one batch', [
  [`uci batch <<'EOF'
set network.wan='interface' # a comment
set network.wan.proto="dhcp"
add network rule
set network.@rule[-1].note='two
lines'
nonsense
get network.nobody
commit network
set network.wan.proto='static'
changes network
exit
set network.wan.proto='none'
EOF`, "cfg0692bd\nnetwork.wan.proto='static'\nUnknown command\nuci: Entry not found\n"],
  ['uci changes', "network.wan.proto='static'\n"],
  ['uci revert network; uci get network.wan.proto; uci get network.@rule[0].note', 'dhcp\ntwo\nlines\n'],
])

uci('imports and exports', [
  ["uci export system", 'package system\n\n'],
  ["printf 'config x\\n\\toption a 1\\nconfig y z\\n\\tlist l 1\\n\\tlist l \"2 3\"\\n' | uci import system; uci export system", "package system\n\nconfig x\n\toption a '1'\n\nconfig y 'z'\n\tlist l '1'\n\tlist l '2 3'\n\n"],
  ['uci -n export system | sed -n 3p', "config x 'cfg01b61d'\n"],
  ["printf 'config y z\\n\\toption b 2\\n' | uci -m import system; uci show system.z; uci commit", "system.z=y\nsystem.z.l='1' '2 3'\nsystem.z.b='2'\n"],
  ["!printf 'config x\\n\\toption\\n' | uci import system", 'uci: Parse error (invalid command) at line 2, byte 1\n'],
  ["!printf 'config x\\n\\toption a b c\\n' | uci import system", 'uci: Parse error (too many arguments) at line 2, byte 14\n'],
  ['!printf "config x y\\n\\toption a \'b\\n" | uci import system', "uci: Parse error (EOF with unterminated ') at line 2, byte 13\n"],
  ['uci get system.z.b', '2\n'],
])

uci('runs nothing that a value says', [
  ["uci set 'network.lan.evil=$(touch /tmp/run)`touch /tmp/run`'; uci get network.lan.evil", '$(touch /tmp/run)`touch /tmp/run`\n'],
  ['uci commit; uci -n export network >/dev/null; test -e /tmp/run || echo nothing', 'nothing\n'],
])
