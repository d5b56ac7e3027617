import {accessSync, closeSync, constants, mkdirSync, openSync, statSync, writeSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {quote, $ as shell, type LogEntry} from 'zx/core'
import {LineSplitter} from '../base/lines.ts'
import {Tail} from '../base/tail.ts'
import {typeable} from '../base/typeable.ts'
import type {Emit} from '../model/event.ts'
import {Problem} from '../model/problem.ts'
import type {ProgramOptions, ProgramResult, Run} from '../model/program.ts'
import {endingInWords} from './program-words.ts'

/** What every program that is started through one `Run` shares. */
export interface RunSettings {
  /** Ends programs gently: TERM, and KILL after a while. */
  readonly signal: AbortSignal
  /** Kills them at once: the second Ctrl-C. */
  readonly kill?: AbortSignal
  readonly emit: Emit
  /** Where full output goes by default. Absolute. */
  readonly log?: string
  /** Added to every program's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Milliseconds that a program has between TERM and KILL. Ctrl-C must be done within two seconds. */
const grace = 1200
const stderrKept = 64 * 1024
const stdoutKept = 8 * 1024 * 1024
const tailLines = 20

/** What of our own environment programs may see: the way to the network, and nothing that changes a build. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy', 'HTTP_PROXY',
  'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO']

/**
 * The one function that starts programs. Each gets an explicit environment, a closed stdin, a process group of its
 * own (TERM, then KILL, when the signal comes), a bounded tail in memory and its full output in a log.
 */
export function createRun(settings: RunSettings): Run {
  return async (argv, options = {}) => {
    const own = options.uninterrupted === true ? {...settings, signal: new AbortController().signal} : settings
    interruptedBy(own.signal)
    const env = environment(own, options)
    requireProgram(argv[0], env['PATH'] ?? '')
    return runOne(argv, options, env, own)
  }
}

async function runOne(argv: readonly [string, ...string[]], options: ProgramOptions, env: Record<string, string>, settings: RunSettings): Promise<ProgramResult> {
  const logPath = options.log ?? settings.log ?? false
  using log = openLog(logPath)
  log.write(`$ ${typeable(argv)}\n`)
  const store = {stdout: new Tail(options.keep ?? stdoutKept), stderr: new Tail(stderrKept), stdall: new Tail(stderrKept)}
  const recent: string[] = []
  const splitters = splitLines(options, settings.emit, recent)
  const child = shell({
    cwd: options.cwd ?? process.cwd(),
    env, store, detached: true, nothrow: true, verbose: false, quiet: true,
    // `exec`: the group's leader is the program itself, not bash. zx has no quote of its own where bash is not on PATH
    prefix: 'exec ', postfix: '', shell: '/bin/bash', quote,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(options.input === undefined ? {} : {input: typeof options.input === 'string' ? options.input : Buffer.from(options.input)}),
    log: (entry: LogEntry) => {
      if (entry.kind !== 'stdout' && entry.kind !== 'stderr') return
      watch.heard()
      log.write(entry.data)
      splitters[entry.kind].push(entry.data)
    },
  })`${argv}`
  using watch = endWith(child.pid, settings, options)
  const output = await child
  splitters.stdout.end()
  splitters.stderr.end()
  const exitCode = output.exitCode ?? signalCode(output.signal)
  const ms = output.duration
  settings.emit({type: 'program', argv, exitCode, ms})
  interruptedBy(settings.signal)
  const at = {tail: recent, ...(logPath === false ? {} : {log: logPath})}
  const late = watch.late()
  if (late !== undefined) throw new Problem('program-timeout', `${argv[0]} was ended ${late}: ${typeable(argv)}`, at)
  const ok = options.ok ?? [0]
  if (ok !== 'any' && !ok.includes(exitCode)) throw new Problem('program-failed', `${argv[0]} ${endingInWords(exitCode)}: ${typeable(argv)}`, at)
  return {exitCode, stdout: store.stdout.text(), stderr: store.stderr.text(), truncated: store.stdout.truncated, ms}
}

function environment(settings: RunSettings, options: ProgramOptions): Record<string, string> {
  const own = passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  // SHLVL: bash with a socket as stdin and no SHLVL takes itself for rshd and sources ~/.bashrc
  return {...Object.fromEntries(own), PATH: searchPath(), LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: 'dumb', SHLVL: '1', ...settings.env, ...options.env}
}

function splitLines(options: ProgramOptions, emit: Emit, recent: string[]): {stdout: LineSplitter; stderr: LineSplitter} {
  const to = (stream: 'stdout' | 'stderr'): LineSplitter =>
    new LineSplitter((line) => {
      if (recent.push(line) > tailLines) recent.shift()
      options.onLine?.(line, stream)
      if (options.quiet !== true) emit({type: 'output', line, stream})
    })
  return {stdout: to('stdout'), stderr: to('stderr')}
}

/** What ends a program before its time. */
interface Watch extends Disposable {
  /** The program has printed something. */
  heard(): void
  /** `after 60 s`; undefined where time was not up. */
  late(): string | undefined
}

/** Ends the process group when the signal comes or time is up: TERM, then KILL. */
function endWith(pid: number | undefined, {signal, kill}: RunSettings, {timeout, silence}: ProgramOptions): Watch {
  let late: string | undefined
  const timers: NodeJS.Timeout[] = []
  const end = (): void => {
    killGroup(pid, 'SIGTERM')
    timers.push(setTimeout(() => killGroup(pid, 'SIGKILL'), grace))
  }
  const endAfter = (ms: number | undefined, words: string): NodeJS.Timeout | undefined => {
    const timer = ms === undefined ? undefined : setTimeout(() => { late = `${words} ${ms / 1000} s`; end() }, ms)
    if (timer !== undefined) timers.push(timer)
    return timer
  }
  const killNow = (): void => killGroup(pid, 'SIGKILL')
  signal.addEventListener('abort', end, {once: true})
  kill?.addEventListener('abort', killNow, {once: true})
  endAfter(timeout, 'after')
  const silent = endAfter(silence, 'when it had said nothing for')
  return {
    heard: () => { silent?.refresh() },
    late: () => late,
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', end)
      kill?.removeEventListener('abort', killNow)
      for (const timer of timers) clearTimeout(timer)
      // the leader is gone; what it left behind in its group goes too
      if (signal.aborted || late !== undefined) killGroup(pid, 'SIGKILL')
    },
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // the group is gone already
  }
}

/** Throws `interrupted` once the signal has come. */
export function interruptedBy(signal: AbortSignal): void {
  if (signal.aborted) throw new Problem('interrupted', 'interrupted')
}

function requireProgram(name: string, path: string): void {
  if (findProgram(name, path) !== undefined) return
  throw new Problem('program-missing', `${name} is not installed`, {hint: 'cloudwrt doctor says which package has it; cloudwrt doctor --install installs it.'})
}

/** PATH, and what Debian keeps off a user's: debugfs, sfdisk and losetup are in sbin. */
function searchPath(): string {
  return [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].filter((folder) => folder !== '').join(delimiter)
}

/** The absolute path of a program, as `run` would find it; undefined where there is none. */
export function findProgram(name: string, path: string = searchPath()): string | undefined {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name))
  return places.find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function openLog(path: string | false): Disposable & {write(data: string | Uint8Array): void} {
  if (path === false) return {write: () => {}, [Symbol.dispose]: () => {}}
  mkdirSync(dirname(path), {recursive: true})
  const file = openSync(path, 'a')
  return {
    write: (data) => { writeSync(file, typeof data === 'string' ? Buffer.from(data) : data) },
    [Symbol.dispose]: () => closeSync(file),
  }
}

function signalCode(signal: NodeJS.Signals | null): number {
  return signal === null ? 255 : 128 + (signalNumbers[signal] ?? 0)
}

const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15,
}
