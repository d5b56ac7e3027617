import {execFile} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'

export interface SshResult {
  /** Null where it took too long. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a guest under emulation does to about one connection in twenty, before any key is looked at. */
const cutOff = /kex_exchange_identification|Connection (?:reset|closed) by remote host|Connection timed out/

/** Runs a command in the guest, as root, with the options given. A connection that is cut before the keys are exchanged is tried again. */
export async function ssh(port: number, options: readonly string[], command: string, {tries = 4, seconds = 60} = {}): Promise<SshResult> {
  const result = await once(port, options, command, seconds)
  if (result.code !== 255 || !cutOff.test(result.stderr) || tries === 1) return result
  await sleep(2000)
  return ssh(port, options, command, {tries: tries - 1, seconds})
}

function once(port: number, options: readonly string[], command: string, seconds: number): Promise<SshResult> {
  return new Promise((resolve) => {
    const argv = [
      '-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR',
      '-o', 'IdentitiesOnly=yes', ...options, '-p', String(port), 'root@127.0.0.1', command,
    ]
    const child = execFile('ssh', argv, {encoding: 'utf8', timeout: seconds * 1000, env: {PATH: process.env['PATH']}}, (error, stdout, stderr) => {
      resolve({code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, stdout, stderr})
    })
    child.stdin?.end()
  })
}
