import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {ExecutionContext} from 'ava'
import {tempDir} from './temp.ts'

/** What a path says. A text is an answer with status 200; of a list, each request gets the next, and all further ones the last. */
export type Route = string | Answer | readonly (string | Answer)[]

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** In place of the body, for bytes. */
  readonly base64?: string
  /** Headers without which the answer is 401. */
  readonly needs?: Readonly<Record<string, string>>
  readonly fault?: Fault
}

/** `slow` takes 10 s, `cut` sends half of the body, `unended` a whole one but does not close, `bare` tells no length. */
export type Fault = 'slow' | 'silent' | 'cut' | 'unended' | 'bare' | 'chunked' | 'endless' | 'long-head' | 'not-http' | 'hang-up'

export interface Asked {
  /** `GET /latest/meta-data`, with the query. */
  readonly line: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Which of its addresses was asked. */
  readonly at: string
}

export interface MetadataService {
  /** For `cloudRoot`: starts it in the namespaces of each run. */
  readonly before: string
  /** All that it was asked, in all runs. */
  asked(): readonly Asked[]
}

/**
 * A metadata service in the namespaces of a test's root, where its addresses are of the loopback device. It says what `routes` says for a path (with
 * its method before it unless that is GET), and 404 for any other. `ADDRESS%lo` is a link-local one.
 */
export async function metadataService(t: ExecutionContext, routes: Readonly<Record<string, Route>>, addresses: readonly string[] = ['169.254.169.254']): Promise<MetadataService> {
  const folder = await tempDir(t)
  const file = (name: string) => join(folder, name)
  writeFileSync(file('routes'), JSON.stringify(routes))
  writeFileSync(file('asked'), '')
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const ip = '/bin/busybox ip'
  return {
    before: `
rm -f ${quote(file('ready'))}
${ip} link set lo up
${addresses.map((address) => `${ip} addr add ${address.replace('%lo', '')}/${address.includes(':') ? 128 : 32} dev lo`).join('\n')}
${[process.execPath, fileURLToPath(import.meta.url), folder, ...addresses].map(quote).join(' ')} > /dev/null 2> ${quote(file('errors'))} < /dev/null &
until [ -e ${quote(file('ready'))} ]; do sleep 0.02; done`,
    asked: () => readFileSync(file('asked'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Asked),
  }
}

function serve(folder: string, addresses: readonly string[]): void {
  const routes = JSON.parse(readFileSync(join(folder, 'routes'), 'utf8')) as Record<string, Route>
  const turns = new Map<string, number>()
  let waiting = addresses.length
  for (const address of addresses) {
    createServer((socket) => converse(socket, (asked) => {
      appendFileSync(join(folder, 'asked'), `${JSON.stringify({...asked, at: address})}\n`)
      const key = asked.line.replace(/^GET /, '')
      const route = routes[key] ?? {status: 404, body: 'there is nothing here'}
      const turn = turns.get(key) ?? 0
      turns.set(key, turn + 1)
      const answer = isList(route) ? route[Math.min(turn, route.length - 1)] ?? '' : route
      return typeof answer === 'string' ? {body: answer} : answer
    })).listen(80, address, () => {
      if (--waiting === 0) writeFileSync(join(folder, 'ready'), '')
    })
  }
}

function isList(route: Route): route is readonly (string | Answer)[] {
  return Array.isArray(route)
}

/** One request, one answer. A client that ends its side before the answer has hung up, as some services see it. */
function converse(socket: Socket, answerTo: (asked: Omit<Asked, 'at'>) => Answer): void {
  let heard = ''
  let answered = false
  socket.on('error', () => {})
  socket.on('end', () => {
    if (!answered) socket.destroy()
  })
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    heard += chunk
    const end = heard.indexOf('\r\n\r\n')
    if (answered || end < 0) return
    const [line = '', ...fields] = heard.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(fields.map((field) => [field.replace(/:.*/, '').toLowerCase(), field.replace(/^[^:]*: ?/, '')]))
    const body = heard.slice(end + 4)
    if (body.length < Number(headers['content-length'] ?? 0)) return
    answered = true
    const answer = answerTo({line: line.replace(/ HTTP\/1\.[01]$/, ''), headers, body})
    const granted = Object.entries(answer.needs ?? {}).every(([name, value]) => headers[name.toLowerCase()] === value)
    // after a moment in which a client that has ended its side would be noticed
    setTimeout(() => respond(socket, granted ? answer : {status: 401}), 2)
  })
}

function respond(socket: Socket, {status = 200, headers = {}, body = '', base64, fault}: Answer): void {
  const bytes = base64 === undefined ? Buffer.from(body) : Buffer.from(base64, 'base64')
  const told = fault === 'bare' || fault === 'endless' || status === 204 ? {} : fault === 'chunked' ? {'Transfer-Encoding': 'chunked'} : {'Content-Length': String(bytes.length)}
  const head = `HTTP/1.1 ${status} Whatever\r\n${Object.entries({'Content-Type': 'text/plain', ...told, ...headers}).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  switch (fault) {
    case 'silent': return
    case 'hang-up': socket.destroy(); return
    case 'not-http': socket.end('SSH-2.0-dropbear\r\n'); return
    case 'slow': setTimeout(() => socket.end(head + bytes.toString('latin1'), 'latin1'), 10_000); return
    case 'cut': socket.write(head); socket.end(bytes.subarray(0, bytes.length >> 1)); return
    case 'unended': socket.write(head); socket.write(bytes); return
    case 'chunked': socket.end(`${head}${bytes.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`); return
    case 'endless': socket.write(head); flood(socket); return
    case 'long-head': socket.write('HTTP/1.1 200 OK\r\nX: '); flood(socket); return
    default: socket.write(head); socket.end(bytes)
  }
}

function flood(socket: Socket): void {
  const more = () => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  }
  socket.on('drain', more)
  more()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2] ?? '', process.argv.slice(3))
