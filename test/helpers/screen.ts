import {execFile, execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import type {ExecutionContext} from 'ava'
import {tempDir} from './temp.ts'

/** A real terminal, though nobody sits before it: a program that runs in tmux. */
export interface Screen {
  /** All that was drawn, what scrolled away included, without empty lines. */
  text(): Promise<string>
  /** As `text`, of what has not scrolled away. */
  visible(): Promise<string>
  /** As `text`, with the escape sequences of colours. */
  colored(): Promise<string>
  /** Waits until the text has a match. */
  sees(pattern: RegExp): Promise<void>
  resize(columns: number, rows: number): Promise<void>
  /** Presses a key, by tmux's name of it: `C-c`. */
  press(key: string): Promise<void>
  /** Whether the cursor is there; programs that redraw hide it. */
  cursor(): Promise<boolean>
  /** Waits until the program has ended, and gives its exit code. */
  ended(): Promise<number>
}

/** Why there is no tmux to test with; undefined where there is. */
export const noScreen = missing()

const run = promisify(execFile)
const patience = 20_000

export async function openScreen(t: ExecutionContext, argv: readonly string[], {columns = 80, rows = 24, env = {}}: {columns?: number; rows?: number; env?: Readonly<Record<string, string>>} = {}): Promise<Screen> {
  const socket = join(await tempDir(t), 'tmux')
  const tmux = async (...words: readonly string[]): Promise<string> => (await run('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...words])).stdout
  const command = ['env', '-u', 'CI', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...argv]
  // the shell stays, so that the terminal is still there to be looked at
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh', '-c', 'trap : INT; "$@"; echo "ended with $?"; exec sleep 60', 'sh', ...command)
  t.teardown(async () => { await tmux('kill-server') })
  const text = async (): Promise<string> => tidy(await tmux('capture-pane', '-p', '-S', '-200'))
  const until = async (what: string, ready: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + patience
    while (!await ready()) {
      if (Date.now() > deadline) throw new Error(`the screen did not show ${what}:\n${await text()}`)
      await sleep(50)
    }
  }
  return {
    text,
    visible: async () => tidy(await tmux('capture-pane', '-p')),
    colored: async () => tidy(await tmux('capture-pane', '-p', '-e', '-S', '-200')),
    sees: (pattern) => until(String(pattern), async () => pattern.test(await text())),
    resize: async (width, height) => { await tmux('resize-window', '-x', String(width), '-y', String(height)) },
    press: async (key) => { await tmux('send-keys', key) },
    cursor: async () => await tmux('display-message', '-p', '#{cursor_flag}') === '1\n',
    ended: async () => {
      const end = async (): Promise<string | undefined> => ending.exec(await tmux('capture-pane', '-p'))?.[1]
      await until('an end', async () => await end() !== undefined)
      return Number(await end())
    },
  }
}

const ending = /^ended with (\d+)$/m

/** Without empty lines, and without the one that says that the program has ended. */
function tidy(screen: string): string {
  return screen.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '' && !ending.test(line)).join('\n')
}

function missing(): string | undefined {
  try {
    execFileSync('tmux', ['-V'])
    return undefined
  } catch {
    return 'tmux is not installed'
  }
}
