import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'

/** What is wrong with a server. */
export type Fault =
  | {readonly kind: 'status'; readonly status: number}
  /** Says so many bytes of each pack, and then nothing more, without closing. */
  | {readonly kind: 'stall'; readonly after: number}
  /** Closes the connection after so many bytes of a pack. */
  | {readonly kind: 'cut'; readonly after: number}

export interface GitServer {
  /** `http://127.0.0.1:PORT`; a repository is a path below the folder that is served. */
  readonly url: string
  /** Method and path of every request so far. */
  readonly requests: readonly string[]
  /** How many packs were not sent to their end. */
  readonly spoilt: () => number
  /** From now on, or once so many packs were sent, this is wrong; undefined: nothing. */
  fail(fault: Fault | undefined, afterPacks?: number): void
}

const backend = join(execFileSync('git', ['--exec-path'], {encoding: 'utf8'}).trim(), 'git-http-backend')

/** Serves the repositories in a folder by HTTP, with the program that real servers have behind them. */
export async function serveGit(t: ExecutionContext, folder: string): Promise<GitServer> {
  let fault: Fault | undefined
  let spared = 0
  const requests: string[] = []
  let count = 0
  const nextPack = (): Fault | undefined => {
    if (fault === undefined || spared-- > 0) return undefined
    count += 1
    return fault
  }
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (fault?.kind === 'status') response.writeHead(fault.status).end()
    else answer(folder, request, response, nextPack)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const fail: GitServer['fail'] = (next, afterPacks = 0) => { [fault, spared] = [next, afterPacks] }
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, spoilt: () => count, fail}
}

/** A port of this machine on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** CGI, as RFC 3875 has it. */
function answer(folder: string, request: IncomingMessage, response: ServerResponse, nextPack: () => Fault | undefined): void {
  const {pathname, search} = new URL(request.url ?? '/', 'http://localhost')
  const child = spawn(backend, {env: {
    PATH: process.env['PATH'], GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', REQUEST_METHOD: request.method, PATH_INFO: pathname, QUERY_STRING: search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '', HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '', GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*',
  }, stdio: ['pipe', 'pipe', 'ignore']})
  request.pipe(child.stdin)
  child.stdin.on('error', () => {})
  let head: string | undefined = ''
  let fault: Fault | undefined
  let packBegan = false
  let sent = 0
  child.stdout.on('data', (chunk: Buffer) => {
    const body = head === undefined ? chunk : begin(response, head += chunk.toString('latin1'))
    if (body === undefined) return
    head = undefined
    if (!packBegan && body.includes('packfile\n')) {
      packBegan = true
      fault = nextPack()
    }
    const room = fault === undefined || fault.kind === 'status' ? body.length : Math.max(0, fault.after - sent)
    sent += body.length
    if (room > 0) response.write(body.subarray(0, room))
    if (room < body.length && fault?.kind === 'cut') response.destroy()
    if (room < body.length && fault?.kind === 'stall') child.stdout.removeAllListeners().resume()
  })
  child.stdout.on('end', () => response.end())
}

/** Sends the header once it is whole, and gives what came of the body with it. */
function begin(response: ServerResponse, text: string): Buffer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const fields = text.slice(0, end).split('\r\n').map((line) => line.split(/:\s*/, 2) as [string, string])
  const status = fields.find(([name]) => name === 'Status')?.[1]
  response.writeHead(Number(status?.slice(0, 3) ?? 200), Object.fromEntries(fields.filter(([name]) => name !== 'Status')))
  return Buffer.from(text.slice(end + 4), 'latin1')
}

/** A plain web server, which knows nothing of git. */
export async function serveFiles(t: ExecutionContext, folder: string): Promise<string> {
  const server = createServer((request, response) => {
    readFile(join(folder, new URL(request.url ?? '/', 'http://localhost').pathname)).then((body) => response.end(body), () => response.writeHead(404).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
