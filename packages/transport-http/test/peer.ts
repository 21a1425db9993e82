// Peers that speak byte by byte, for what no well-behaved client or server does.
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A raw socket and all that came on it. */
export interface Peer {
  readonly socket: Socket
  write(text: string | Buffer): Promise<void>
  /** Everything that came, as soon as it matches. */
  until(pattern: RegExp): Promise<string>
  /** Everything that came, when the other side has closed. */
  closed(): Promise<string>
}

/** What comes is read as latin1: a character a byte. */
export function peer(socket: Socket): Peer {
  socket.setNoDelay(true)
  let text = ''
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of waiting) look()
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    wake()
  })
  let over = false
  const end = (): void => {
    over = true
    wake()
  }
  socket.on('end', end)
  socket.on('close', end)
  socket.on('error', () => {})
  const when = (enough: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (enough()) resolve(text)
        else if (over) reject(new Error(`the other side closed after ${JSON.stringify(text)}`))
        else return
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })
  return {
    socket,
    write: (bytes) =>
      new Promise((resolve) =>
        typeof bytes === 'string'
          ? socket.write(bytes, 'latin1', () => resolve())
          : socket.write(bytes, () => resolve()),
      ),
    until: (pattern) => when(() => pattern.test(text)),
    closed: () => when(() => over),
  }
}

/** A client of the server at this url. */
export const dial = (url: string): Peer =>
  peer(connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true }))

/** A server whose connections go to `serve`, one after the other. */
export interface Listening extends AsyncDisposable {
  readonly url: string
  /** Connections so far. */
  readonly connections: readonly Peer[]
}

export async function listening(serve: (peer: Peer, number: number) => unknown): Promise<Listening> {
  const connections: Peer[] = []
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const one = peer(socket)
    connections.push(one)
    Promise.resolve(serve(one, connections.length)).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    connections,
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
