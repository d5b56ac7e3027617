import test from 'ava'
import {demoRoot, noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const daemon = `#!/bin/sh /etc/rc.common
START=30
STOP=70
USE_PROCD=1
start_service() {
	config_load daemon
	config_get word main word nothing
	procd_open_instance one
	procd_set_param command /usr/bin/daemon "$word" "it's a word"
	procd_append_param command last
	procd_set_param env SECRET="a 'b'" OTHER=2
	procd_set_param respawn 3600 0 3
	procd_close_instance
}
service_triggers() { procd_add_reload_trigger daemon; procd_add_reload_interface_trigger wan; }
`
/** Writes what it was given, then waits or ends. */
const program = '#!/bin/sh\necho "$$ $* $SECRET $OTHER" >> /tmp/ran\n[ ! -e /tmp/end ] || exit 1\nexec sleep 1000\n'

const files = {'etc/init.d/daemon!': daemon, 'usr/bin/daemon!': program, 'etc/config/daemon': "config daemon 'main'\n\toption word 'first'\n"}

inRoot(`a service is enabled, started, stopped, and says how it is${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write(files)
  const {stdout, stderr} = root.run(`
    s=/etc/init.d/daemon
    $s enabled || echo not enabled; $s enable; $s enabled && echo enabled; ls /etc/rc.d
    $s status; $s start; sleep 0.5; $s status; $s running && echo running
    cut -d' ' -f2- /tmp/ran
    $s stop; $s status; $s running || echo not running; sleep 0.3; pidof sleep || echo nothing left
    $s disable; ls /etc/rc.d; $s nonsense | head -n 1`)
  t.is(stdout, `not enabled
enabled
K70daemon
S30daemon
inactive
running
running
first it's a word last a 'b' 2
inactive
not running
nothing left
Syntax: /etc/init.d/daemon [command]
`, stderr)
})

inRoot(`a service is restarted when it ends, but not for ever${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write(files)
  const {stdout, stderr} = root.run(`
    s=/etc/init.d/daemon
    $s start; sleep 0.3; kill $(cat /var/run/services/daemon/one/pid); sleep 0.6; wc -l < /tmp/ran; $s running && echo running
    : > /tmp/end; kill $(cat /var/run/services/daemon/one/pid); sleep 1.5; wc -l < /tmp/ran; $s running || echo given up; $s status`)
  t.is(stdout, '2\nrunning\n4\ngiven up\nnot running\n', stderr)
})

inRoot(`only what has changed is started again: by reload_config, by an interface${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write({...files, 'etc/config/other': ''})
  const {stdout, stderr} = root.run(`
    s=/etc/init.d/daemon; reload_config
    $s start; sleep 0.3; $s start; sleep 0.3; wc -l < /tmp/ran
    echo '# a comment' >> /etc/config/other; reload_config; sleep 0.3; wc -l < /tmp/ran
    uci set daemon.main.word=second; uci commit; reload_config; sleep 0.5; wc -l < /tmp/ran; tail -n 1 /tmp/ran | cut -d' ' -f2
    uci set daemon.main.word=third; uci commit; /usr/libexec/service-trigger interface lan; sleep 0.3; wc -l < /tmp/ran
    /usr/libexec/service-trigger interface wan; sleep 0.5; wc -l < /tmp/ran; pidof sleep | wc -w`)
  t.is(stdout, '1\n1\n2\nsecond\n2\n3\n1\n', stderr)
})

inRoot(`a script without procd gets start, stop, boot and commands of its own${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write({'etc/init.d/plain!': '#!/bin/sh /etc/rc.common\nSTART=5\nEXTRA_COMMANDS="hello"\nstart() { echo "start $1"; }\nstop() { echo stop; }\nhello() { echo "hello $1"; }\n'})
  t.is(root.run('for c in start boot restart reload "hello you" stop; do /etc/init.d/plain $c; done').stdout, 'start \nstart \nstop\nstart \nstop\nstart \nhello you\nstop\n')
})

inRoot(`preinit runs its hooks in order, each once; an empty file takes one away${why}`, async (t) => {
  const root = await demoRoot(t)
  const hook = (name: string): string => `say_${name}() { echo ${name}; }\nboot_hook_add preinit_main say_${name}\nboot_hook_add preinit_main say_${name}\n`
  root.write({
    'lib/preinit/10_sysinfo': null, 'lib/preinit/80_mount_root': hook('root'), 'lib/preinit/81_urandom_seed': null,
    'lib/preinit/05_early': hook('early'), 'lib/preinit/79_own': hook('own'),
    'lib/preinit/06_splice': 'late() { echo spliced; }\nboot_hook_splice_start\nboot_hook_add preinit_main late\nboot_hook_splice_finish\n',
  })
  const waiting = root.run('date +%s > /tmp/began; PREINIT=1 sh /etc/preinit; echo $(($(date +%s) - $(cat /tmp/began)))').stdout
  t.regex(waiting, /^spliced\nearly\nown\nroot\n[23]\n$/)

  root.write({'lib/preinit/30_failsafe_wait': '', 'lib/preinit/40_run_failsafe_hook': ''})
  t.regex(root.run('date +%s > /tmp/began; PREINIT=1 sh /etc/preinit; echo $(($(date +%s) - $(cat /tmp/began)))').stdout, /^spliced\nearly\nown\nroot\n[01]\n$/)
})

inRoot(`a console gives a shell, or asks if it is told to${why}`, async (t) => {
  const root = await demoRoot(t)
  root.write({'bin/login': '#!/bin/sh\necho "login $*"\n', 'etc/config/system': "config system\n\toption ttylogin '0'\n"})
  t.is(root.run('chmod 755 /bin/login; /usr/libexec/login.sh; uci set system.@system[0].ttylogin=1; /usr/libexec/login.sh').stdout, 'login -f root\nlogin \n')
})
