import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isolated} from './demo-root.ts'

/** Who asks, and whom: `client 198.51.100.2 80`, `server 198.51.100.1 53 udp`, `client ping 198.51.100.2`. */
export type Probe = `${'client' | 'server' | 'router'} ${string}`

/**
 * Loads rules into a router between two machines and sends real packets:
 *
 *     client 192.168.1.2, fd00::2 --- eth1 192.168.1.1, fd00::1 [router] 198.51.100.1 eth0 --- server 198.51.100.2
 *
 * All three answer on TCP and UDP ports 22, 80, 8080 with their own name and the address that asked. The server knows no way to
 * the client's network. An answer to a probe is that text, or `refused` (by a reset), `rejected` (by an ICMP message), `silent`.
 */
export function sendPackets(folder: string, rules: string, probes: readonly Probe[]): string[] {
  writeFileSync(join(folder, 'rules.nft'), rules)
  writeFileSync(join(folder, 'node.mjs'), node)
  const {status, stdout, stderr, error} = isolated(['sh', '-c', script, 'sh', folder, process.execPath], `${probes.join('\n')}\n`)
  if (status !== 0) throw new Error(`the packets could not be sent: ${error?.message ?? stderr}`)
  return stdout.trimEnd().split('\n')
}

const script = `
set -e
cd "$1"
machine() { unshare --net sleep 1000 & }
machine; client=$!
machine; server=$!
sleep 0.3
in_client() { nsenter --target $client --net "$@"; }
in_server() { nsenter --target $server --net "$@"; }
in_router() { "$@"; }

ip link add eth0 type veth peer name nic netns $server
ip link add eth1 type veth peer name nic netns $client
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
ip link set lo up; ip link set eth0 up; ip link set eth1 up
ip addr add 198.51.100.1/24 dev eth0; ip addr add 192.168.1.1/24 dev eth1; ip addr add fd00::1/64 dev eth1 nodad
in_server ip link set lo up; in_server ip link set nic up; in_server ip addr add 198.51.100.2/24 dev nic
in_client ip link set lo up; in_client ip link set nic up; in_client ip addr add 192.168.1.2/24 dev nic; in_client ip addr add fd00::2/64 dev nic nodad
in_client ip route add default via 192.168.1.1
nft -f rules.nft

for name in client server router; do in_$name "$2" node.mjs serve $name > ready.$name & done
for name in client server router; do until [ -s ready.$name ]; do sleep 0.1; done; done
while read -r name to port kind; do
  if [ "$to" = ping ]; then
    in_$name ping -c 1 -W 1 "$port" > /dev/null && echo answered || echo silent
  else
    in_$name "$2" node.mjs ask "$to" "$port" "$kind" < /dev/null
  fi
done
`

const node = `
import {createSocket} from 'node:dgram'
import {createConnection, createServer} from 'node:net'
const [what, name, port, kind] = process.argv.slice(2)
const plain = (address) => address.replace('::ffff:', '')
if (what === 'serve') {
  for (const port of [22, 80, 8080]) {
    createServer((socket) => socket.on('error', () => {}).end(name + ' sees ' + plain(socket.remoteAddress))).listen(port)
    const udp = createSocket('udp6')
    udp.on('message', (_, from) => udp.send(name + ' sees ' + plain(from.address), from.port, from.address)).bind(port)
  }
  setTimeout(() => console.log('ready'), 100)
} else {
  const say = (text) => { console.log(text); process.exit() }
  setTimeout(() => say('silent'), 1500)
  const failed = (error) => say(error.code === 'ECONNREFUSED' ? (kind === 'udp' ? 'rejected' : 'refused') : error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH' ? 'rejected' : error.code)
  if (kind === 'udp') {
    const udp = createSocket(name.includes(':') ? 'udp6' : 'udp4')
    udp.on('error', failed).on('message', (data) => say(String(data))).connect(Number(port), name, () => udp.send('x'))
  } else {
    createConnection({host: name, port: Number(port)}).on('error', failed).on('data', (data) => say(String(data)))
  }
}
`
