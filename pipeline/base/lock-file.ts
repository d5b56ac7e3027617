import {randomBytes} from 'node:crypto'
import {readFileSync, readlinkSync} from 'node:fs'
import {link, mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {dirname} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {errorCode, isMissing} from './errors.ts'
import {isRecord} from './json.ts'

/** Who holds a lock. */
export interface Holder {
  readonly pid: number
  /** Start of the process in clock ticks since boot, from /proc: a pid alone is used again. */
  readonly started: string
  /** Machine and pid namespace in which `pid` means something. */
  readonly where: string
  /** What the holder does, for people: `cloudwrt build demo`. */
  readonly holder: string
  /** ISO time at which the lock was taken. */
  readonly since: string
}

export interface LockOptions {
  /** What we do, for people. */
  readonly holder: string
  readonly signal: AbortSignal
  /** `fail`: throw LockBusy at once. `wait`: until the holder lets go. Default `wait`. */
  readonly busy?: 'fail' | 'wait'
  /** Called once when there is somebody to wait for. */
  readonly onWait?: (holder: Holder) => void
  /** Called when a lock was taken over from a process that is gone. */
  readonly onTakeOver?: (holder: Holder) => void | Promise<void>
}

/** The lock is held and we are not to wait. */
export class LockBusy extends Error {
  readonly path: string
  readonly holder: Holder

  constructor(path: string, holder: Holder) {
    super(`${path} is held by process ${holder.pid} (${holder.holder}) since ${holder.since}`)
    this.path = path
    this.holder = holder
  }
}

const pollEvery = 150

/**
 * Takes a lock that is a file naming its holder, and gives it back when disposed. The lock of a process that is
 * gone is taken over; one of another machine or container never is, since nobody here can tell.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<AsyncDisposable> {
  await mkdir(dirname(path), {recursive: true})
  const mine: Holder = {pid: process.pid, started: startOf(process.pid) ?? '', where: where(), holder: options.holder, since: new Date().toISOString()}
  let told = false
  while (!await create(path, mine)) {
    const holder = await readHolder(path)
    if (holder === undefined) continue
    if (isGone(holder)) {
      if (await remove(path, holder)) await options.onTakeOver?.(holder)
      continue
    }
    if (options.busy === 'fail') throw new LockBusy(path, holder)
    if (!told) options.onWait?.(holder)
    told = true
    await sleep(pollEvery, undefined, {signal: options.signal})
  }
  return {[Symbol.asyncDispose]: async () => { await remove(path, mine) }}
}

/** `link` either makes the whole file, with its content, or nothing: nobody reads half a holder. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const beside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  await writeFile(beside, `${JSON.stringify(holder)}\n`)
  try {
    await link(beside, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(beside, {force: true})
  }
}

/** Takes the lock away if it is still this holder's. What was moved by mistake, because another was quicker, is put back. */
async function remove(path: string, holder: Holder): Promise<boolean> {
  const aside = `${path}.gone-${randomBytes(4).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
  const moved = await readHolder(aside)
  const ours = moved === undefined || (moved.pid === holder.pid && moved.started === holder.started && moved.since === holder.since)
  if (!ours) await link(aside, path).catch(() => {})
  await rm(aside, {force: true})
  return ours
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return isHolder(value) ? value : unknownHolder
  } catch (error) {
    if (isMissing(error)) return undefined
    if (error instanceof SyntaxError) return unknownHolder
    throw error
  }
}

/** A lock file that is empty or torn, as after a loss of power, is nobody's. */
const unknownHolder: Holder = {pid: 0, started: '', where: '', holder: 'unknown', since: ''}

function isHolder(value: unknown): value is Holder {
  return isRecord(value) && typeof value['pid'] === 'number' && ['started', 'where', 'holder', 'since'].every((key) => typeof value[key] === 'string')
}

function isGone(holder: Holder): boolean {
  if (holder === unknownHolder) return true
  return holder.where === where() && startOf(holder.pid) !== holder.started
}

function where(): string {
  return `${hostname()} ${readlinkSync('/proc/self/ns/pid')} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`
}

/** Field 22 of /proc/PID/stat; the second field may hold spaces, so count behind its closing bracket. A zombie is gone. */
function startOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
