import {spawn, spawnSync, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {createConnection, createServer, type AddressInfo} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

export interface Guest {
  /** Port on 127.0.0.1 that leads to the guest's port 22. */
  readonly port: number
  /** All that came over the serial console so far. */
  console(): string
  /** Types on the serial console. */
  type(text: string): void
  /** Waits until the console shows a text. */
  sees(pattern: RegExp, seconds: number): Promise<void>
  /** Waits until an SSH server answers. */
  answers(seconds: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Boots an image in QEMU without writing to it. TCG: a /dev/kvm that is there may still hang. */
export async function bootGuest(image: string, format: 'qcow2' | 'raw'): Promise<Guest> {
  const port = await freePort()
  const child = spawn('qemu-system-x86_64', [
    '-accel', 'tcg', '-cpu', 'max', '-m', '256', '-nographic', '-no-reboot', '-snapshot',
    '-drive', `file=${image},format=${format},if=virtio`,
    '-netdev', `user,id=wan,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`, '-device', 'virtio-net-pci,netdev=wan,romfile=',
    '-device', 'virtio-rng-pci',
  ], {stdio: ['pipe', 'pipe', 'inherit']})
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
  const until = async (what: string, seconds: number, ready: () => Promise<boolean> | boolean): Promise<void> => {
    const deadline = Date.now() + seconds * 1000
    while (!await ready()) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`the guest did not show ${what} within ${seconds} s; its console ends:\n${text.slice(-3000)}`)
      await sleep(200)
    }
  }
  return {
    port,
    console: () => text,
    type: (typed) => { child.stdin.write(typed) },
    sees: (pattern, seconds) => until(String(pattern), seconds, () => pattern.test(text)),
    answers: (seconds) => until('an SSH server', seconds, () => hasBanner(port)),
    [Symbol.asyncDispose]: () => end(child),
  }
}

/** What a guest under emulation does to about one connection in twenty, before any key is looked at. */
const cutOff = /kex_exchange_identification|Connection (?:reset|closed) by remote host|Connection timed out/

/** Runs a command in the guest, as root, with the options given. A connection that is cut before the keys are exchanged is tried again. */
export function ssh(port: number, options: readonly string[], command: string, tries = 4): {code: number | null; stdout: string; stderr: string} {
  const {status, stdout, stderr} = spawnSync('ssh', [
    '-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR',
    ...options, '-p', String(port), 'root@127.0.0.1', command,
  ], {encoding: 'utf8', timeout: 60_000, env: {PATH: process.env['PATH']}})
  if (status === 255 && cutOff.test(stderr) && tries > 1) {
    spawnSync('sleep', ['2'])
    return ssh(port, options, command, tries - 1)
  }
  return {code: status, stdout, stderr}
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** QEMU takes the connection at once, whether the guest is up or not: only a banner says that it is. */
async function hasBanner(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({host: '127.0.0.1', port, timeout: 1500})
    const finish = (found: boolean): void => { socket.destroy(); resolve(found) }
    socket.on('data', (data) => finish(data.toString('latin1').startsWith('SSH-2.0')))
    for (const event of ['error', 'timeout', 'close'] as const) socket.on(event, () => finish(false))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
