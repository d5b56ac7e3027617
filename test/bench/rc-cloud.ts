/**
 * What the part of rc.cloud that a boot waits for costs, against the start of one process: on the machines that it is for, that takes about
 * a millisecond. The bars are those of the manual: 15 for a boot that brings nothing new, 150 for the first one of an instance. UCI does not count for
 * the second: the demo's is awk, a hundred times as slow as OpenWrt's, so that its calls are counted, as one process each.
 */
import {cloudMachine, seedFolder} from '../helpers/cloud-boot.ts'

const rounds = 40

const cleanups: (() => unknown)[] = []
const {root} = await cloudMachine({teardown: (cleanup) => { cleanups.push(cleanup) }}, {dmi: {product_uuid: '6c3b2f1a-0000-4000-8000-000000000001', product_serial: 'none'}})

/** Milliseconds of one run of some shell text, after some text that is not counted. */
function measure(counted: string, before = ':'): number {
  const {stdout, stderr} = root.run(`
mkdir -p /var/log /var/run /tmp/.uci
total=0 round=0
while [ $round -lt ${rounds} ]; do
  ${before}
  read -r from _ < /proc/uptime
  ${counted}
  read -r to _ < /proc/uptime
  total=$((total + \${to%.*}\${to#*.} - \${from%.*}\${from#*.}))
  round=$((round + 1))
done
echo $total`)
  const total = Number(stdout.trim().split('\n').at(-1))
  if (!(total >= 0)) throw new Error(stderr)
  return total * 10 / rounds
}

const boot = '( . /usr/lib/rc.cloud/lib.sh; local_stage ) > /dev/null 2>&1'
const seed = {
  [`${seedFolder}/meta-data`]: 'instance-id: i-1\nlocal-hostname: router\npublic-keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me]\n',
  [`${seedFolder}/user-data`]: '#cloud-config\ntimezone: UTC\nwrite_files:\n  - path: /etc/motd\n    content: hello\nruncmd: [[true]]\n',
}

const process_ = measure('i=0; while [ $i -lt 20 ]; do /bin/busybox true; i=$((i + 1)); done') / 20
const alone = measure(boot)
root.write(seed)
// once for the mark that all is done
root.run(`mkdir -p /var/log /var/run /tmp/.uci; . /usr/lib/rc.cloud/lib.sh; local_stage; : > /var/run/rc.cloud/booted; network_stage`)
const unchanged = measure(boot)
root.write({'sbin/uci!': '#!/bin/sh\necho >> /root/uci\n[ "$1" != batch ] || cat > /dev/null\n', 'root/uci': ''})
const fresh = measure(boot, 'rm -rf /etc/rc.cloud/id /etc/rc.cloud/done /etc/rc.cloud/complete /var/run/rc.cloud')

const rows: readonly (readonly [what: string, time: number, bar?: number])[] = [
  ['a process', process_], ['no cloud', alone, 15], ['nothing new', unchanged, 15], ['a new instance', fresh, 150],
]
for (const [what, time, bar] of rows) {
  console.log(`${what.padEnd(16)}${time.toFixed(1).padStart(6)} ms${bar === undefined ? '' : `${(time / process_).toFixed(0).padStart(6)} x (bar ${bar})`}`)
  if (bar !== undefined && time / process_ > bar) process.exitCode = 1
}
console.log(`${(root.read('root/uci').length / rounds).toFixed(0)} calls of uci for a new instance`)
for (const cleanup of cleanups) await cleanup()
