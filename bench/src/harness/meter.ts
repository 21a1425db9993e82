// A way to a server on which is counted what goes over it: connections, requests, bytes.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Meter extends AsyncDisposable {
  readonly url: string
  /** Connections that are open. */
  readonly open: number
  /** Requests so far. */
  readonly requests: number
  /** Bytes so far, both ways. */
  readonly bytes: number
  /** When each connection was opened, and each request came, in milliseconds of `performance`. */
  readonly opened: readonly number[]
  readonly asked: readonly number[]
}

/** Starts one before the server at `url`. Disposing ends it and what is open. */
export async function meter(url: string): Promise<Meter> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const opened: number[] = []
  const asked: number[] = []
  let open = 0
  let bytes = 0
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
    opened.push(performance.now())
    open++
    const requests = counting(() => asked.push(performance.now()))
    near.on('data', requests)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => {
        bytes += chunk.length
        to.write(chunk)
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    near.on('close', () => open--)
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return open
    },
    get requests() {
      return asked.length
    },
    get bytes() {
      return bytes
    },
    opened,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const head = 9
const headers = 1

/** Hears what a client says, and tells each request: over HTTP/1.1 a line with its version, over HTTP/2 a frame of headers. */
export function counting(request: () => void): (chunk: Buffer) => void {
  let before: Buffer = Buffer.alloc(0)
  let two: boolean | undefined
  return (chunk) => {
    before = before.length === 0 ? chunk : Buffer.concat([before, chunk])
    if (two === undefined) {
      if (before.length < preface.length && preface.startsWith(before.toString('latin1'))) return
      two = before.toString('latin1', 0, preface.length) === preface
      if (two) before = before.subarray(preface.length)
    }
    if (!two) {
      const lines = before.toString('latin1').split('\r\n')
      for (const line of lines.slice(0, -1)) if (line.endsWith(' HTTP/1.1')) request()
      before = Buffer.from(lines.at(-1) as string, 'latin1')
      return
    }
    let at = 0
    for (; before.length - at >= head; ) {
      const length = before.readUIntBE(at, 3)
      if (before.length - at < head + length) break
      if (before[at + 3] === headers) request()
      at += head + length
    }
    before = before.subarray(at)
  }
}
