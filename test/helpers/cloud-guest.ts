import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'
import {findProgram} from '../../pipeline/tools/run.ts'
import {drivePrograms} from './cloud-disk.ts'
import type {Guest} from './guest.ts'
import {ssh} from './ssh.ts'

const missing = ['qemu-system-x86_64', 'qemu-img', 'busybox', 'ssh', 'ssh-keygen', ...drivePrograms].filter((name) => findProgram(name) === undefined)

/** Why no guest can be booted in a cloud of ours on this machine; undefined where one can. */
export const noCloudGuest: string | undefined = missing.length > 0 ? `no ${missing.join(', ')}` : undefined

/** Ends the title of a test that is not run for this reason. */
export function skipped(reason: string | undefined): string {
  return reason === undefined ? '' : ` (skipped: ${reason})`
}

export interface KeyPair {
  /** Path of the private half. */
  readonly path: string
  /** Line of the public half. */
  readonly line: string
}

export function makeKey(folder: string, name: string): KeyPair {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path])
  return {path, line: readFileSync(`${path}.pub`, 'utf8').trimEnd()}
}

/** Asks shell commands of a guest, by name, in one connection: each takes seconds under emulation. */
export async function ask<Name extends string>(t: ExecutionContext, guest: Guest, key: KeyPair, questions: Readonly<Record<Name, string>>): Promise<Record<Name, string>> {
  const script = Object.entries<string>(questions).map(([name, command]) => `echo '=== ${name}'\n{ ${command}\n} 2>&1 < /dev/null`).join('\n')
  const {code, stdout, stderr} = await ssh(guest.port, ['-i', key.path], script, {seconds: 120})
  t.true(code !== 255 && code !== null, `${stderr}\n${guest.console().slice(-3000)}`)
  const answers = stdout.split(/^=== (\S+)\n/m).slice(1)
  return Object.fromEntries(answers.flatMap((name, index) => index % 2 === 0 ? [[name, (answers[index + 1] ?? '').trimEnd()]] : [])) as Record<Name, string>
}

/** A key or a password that is not the right one does not open it. */
export async function refuses(t: ExecutionContext, guest: Guest, key: KeyPair): Promise<void> {
  t.regex((await ssh(guest.port, ['-i', key.path], 'true')).stderr, /Permission denied \(publickey\)/, 'only keys are asked for, and this one is refused')
}

/** Switches a guest off in order, after a last shell command. */
export async function switchOff(guest: Guest, key: KeyPair, last = ':'): Promise<void> {
  await ssh(guest.port, ['-i', key.path], `${last}\npoweroff`)
  await guest.ended(90)
}
