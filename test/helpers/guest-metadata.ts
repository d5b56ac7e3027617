import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'

export interface Metadata {
  /** Port on 127.0.0.1. */
  readonly port: number
  /** What was asked, in order: `GET /openstack/`, with what was sent after it. */
  readonly requests: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** A metadata service for a guest: answers by path, each when `ready` has come to pass, and 404 for all else. */
export async function serveMetadata(answers: Readonly<Record<string, string>>, ready: Promise<unknown> = Promise.resolve()): Promise<Metadata> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    void Promise.all([text(request), ready]).then(([sent]) => {
      requests.push(`${request.method} ${request.url} ${sent}`.trimEnd())
      const body = answers[request.url ?? '']
      response.writeHead(body === undefined ? 404 : 200, {'Content-Type': 'text/plain', Connection: 'close'}).end(body ?? 'there is no such thing\n')
      // who goes away while nothing is answered has asked for nothing
    }).catch(() => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
