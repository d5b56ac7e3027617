import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {createConnection, createServer, type AddressInfo} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {hardwareArguments, type Hardware} from './guest-hardware.ts'

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
  /** Does an SSH server answer now? */
  isOpen(): Promise<boolean>
  /** Waits until the machine has switched itself off. */
  ended(seconds: number): Promise<void>
  /** Pulls the plug. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Boots an image in QEMU, without writing to it unless the hardware says so. */
export async function bootGuest(image: string, format: 'qcow2' | 'raw', hardware: Hardware = {}): Promise<Guest> {
  const port = await freePort()
  const child = spawn('qemu-system-x86_64', hardwareArguments(image, format, hardware, port), {stdio: ['pipe', 'pipe', 'inherit']})
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
  const until = async (what: string, seconds: number, ready: () => Promise<boolean> | boolean): Promise<void> => {
    const deadline = Date.now() + seconds * 1000
    while (!await ready()) {
      if (Date.now() > deadline || hasEnded(child)) throw new Error(`the guest did not show ${what} within ${seconds} s; its console ends:\n${text.slice(-3000)}`)
      await sleep(200)
    }
  }
  return {
    port,
    console: () => text,
    type: (typed) => { child.stdin.write(typed) },
    sees: (pattern, seconds) => until(String(pattern), seconds, () => pattern.test(text)),
    answers: (seconds) => until('an SSH server', seconds, () => hasBanner(port)),
    isOpen: () => hasBanner(port),
    ended: async (seconds) => {
      const deadline = Date.now() + seconds * 1000
      while (!hasEnded(child)) {
        if (Date.now() > deadline) throw new Error(`the guest did not switch itself off within ${seconds} s; its console ends:\n${text.slice(-3000)}`)
        await sleep(200)
      }
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
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
