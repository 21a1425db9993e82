// What tests of streams have in common: a server that sends what it is told, and a reader that reads it all.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Failure, Stream } from '@tenon/endpoint'

/** A bare server. */
export interface Far extends AsyncDisposable {
  readonly url: string
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>
  readonly requests: readonly IncomingMessage[]
}

/** Listens with this and nothing around it. */
export async function far(listener: RequestListener): Promise<Far> {
  const requests: IncomingMessage[] = []
  const sockets = new Set<Socket>()
  const server = createServer((req, res) => {
    requests.push(req)
    return listener(req, res)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The head of every stream. */
export const head = { 'content-type': 'text/event-stream' }

type Opened<S> = { readonly _tag: 'Left'; readonly left: Failure } | { readonly _tag: 'Right'; readonly right: S }

/** The stream that a call has opened. */
export async function opened<S>(answer: Promise<Opened<S>>): Promise<S> {
  const outcome = await answer
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left))
  return outcome.right
}

/** Everything that a stream gives, values and failures alike. */
export async function all(items: Stream<unknown, Failure>): Promise<unknown[]> {
  const read: unknown[] = []
  for await (const step of items) read.push(step._tag === 'Right' ? step.right : step.left)
  return read
}
