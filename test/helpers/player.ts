import {createServer, type Socket} from 'node:net'
import {once} from 'node:events'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'
import type {Stamped} from '../../pipeline/model/event.ts'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {tempDir} from './temp.ts'

/** What a player is told to do, a line of JSON each. A Problem travels by its parts. */
export type Cue = {readonly emit: Stamped} | {readonly close: true} | {readonly exit: number}

/** A program that reports what a test tells it to, when the test tells it to. */
export interface Player {
  /** What to start. */
  readonly argv: readonly string[]
  /** Sends cues; waits for the program where it has not come yet. */
  play(...cues: readonly Cue[]): Promise<void>
}

export async function makePlayer(t: ExecutionContext): Promise<Player> {
  const path = join(await tempDir(t), 'cues')
  const server = createServer().listen(path)
  const connected = once(server, 'connection') as Promise<[Socket]>
  t.teardown(() => { server.close() })
  return {
    argv: [process.execPath, join(packageRoot, 'test', 'fixtures', 'report', 'play.ts'), path],
    async play(...cues) {
      const [socket] = await connected
      for (const cue of cues) socket.write(`${JSON.stringify(cue, (_key, value: unknown) => (value instanceof Error ? {...Object.fromEntries(Object.entries(value)), message: value.message} : value))}\n`)
    },
  }
}
