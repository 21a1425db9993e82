// An agent that misbehaves as the real one cannot be made to: each request is answered by the test.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that waits for the test to answer it. */
export interface Waiting {
  readonly url: string
  /** The index it was asked with; 0 for none. */
  readonly index: number
  readonly headers: IncomingMessage['headers']
  readonly response: ServerResponse
  /** Answers it: an index, and instances by their ids, or any text. */
  answer(index: number | undefined, body?: readonly string[] | string, headers?: Record<string, string>): void
}

/** A server that pretends to be an agent. */
export interface Pretender extends AsyncDisposable {
  readonly url: string
  /** The next request. Rejects after 15 s without one. */
  next(): Promise<Waiting>
  /** Requests that nobody has taken with `next`. */
  readonly waiting: number
  /** Connections that were made so far. */
  readonly connections: number
  /** Connections that are open. */
  readonly open: number
  /** Whether it answers those who ask whether it is there. */
  alive: boolean
  /** How often it was asked that. */
  readonly asked: number
}

const entry = (id: string): object => ({
  Node: { Node: 'n', Address: '10.0.0.1' },
  Service: { ID: id, Service: 'orders', Port: 80 },
  Checks: [],
})

/** Starts one. */
export async function pretender(): Promise<Pretender> {
  const queue: Waiting[] = []
  let wake = (): void => {}
  let connections = 0
  let open = 0
  let alive = true
  let asked = 0
  const server = createServer((request, response) => {
    const url = request.url as string
    if (url.endsWith('/status/leader')) {
      asked++
      if (alive) response.end('""')
      return
    }
    queue.push({
      url,
      index: Number(new URL(url, 'http://a').searchParams.get('index') ?? 0),
      headers: request.headers,
      response,
      answer(index, body = [], headers = {}) {
        response.writeHead(200, { ...(index === undefined ? {} : { 'x-consul-index': String(index) }), ...headers })
        response.end(typeof body === 'string' ? body : JSON.stringify(body.map(entry)))
      },
    })
    wake()
  })
  server.on('connection', (socket) => {
    connections++
    open++
    socket.once('close', () => open--)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async next() {
      const late = setTimeout(() => wake(), 15_000)
      if (queue.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      clearTimeout(late)
      const first = queue.shift()
      if (first === undefined) throw new Error('nobody asks')
      return first
    },
    get waiting() {
      return queue.length
    },
    get connections() {
      return connections
    },
    get open() {
      return open
    },
    get asked() {
      return asked
    },
    get alive() {
      return alive
    },
    set alive(value) {
      alive = value
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
