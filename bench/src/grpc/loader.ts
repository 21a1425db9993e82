// Sends load over plain sockets: eight connections, on each a share of the calls at once. Every answer must be the expected
// bytes, all of them, and end with trailers: a failure of gRPC has no message.
import { connect, type Socket } from 'node:net'
import type { Load } from '../load/parts.ts'
import { type Driven, Tally } from '../load/tally.ts'
import { ShopOfProto } from './definition.ts'
import { exchanges, framed } from './exchanges.ts'
import { ack, endStream, FrameReader, frame, kinds, numbered, preface, request, windowUpdate } from './frames.ts'

// Few, as between services; so many that what is on the way never fills the window of a connection (65,535 bytes).
const connections = 8

/** Bytes that may come before the window is opened again. */
const refill = 2 ** 24

interface Stream {
  readonly sent: number
  got: number
}

export function grpcLoad({ port, exchange, atOnce, ramp, time }: Load): Promise<Driven> {
  const what = exchanges.find(({ name }) => name === exchange)
  const method = what === undefined ? undefined : ShopOfProto.service[what.method]
  if (what === undefined || method === undefined) throw new Error(`no exchange "${exchange}"`)
  const asking = request(method.path, port, framed(method.requestSerialize(what.input)))
  const expected = Buffer.concat(what.answers.map((answer) => framed(method.responseSerialize(answer))))
  const tally = new Tally()
  let ending = false
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>()
    const failed = (why: Error): void => {
      for (const socket of open) socket.destroy()
      reject(why)
    }
    const left = (socket: Socket): void => {
      open.delete(socket)
      socket.destroy()
      if (open.size === 0) resolve(tally.result())
    }
    const line = (streams: number): void => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      open.add(socket)
      const running = new Map<number, Stream>()
      let next = 1
      let taken = 0
      const send = (now: number): Buffer => {
        const bytes = numbered(asking, next)
        running.set(next, { sent: now, got: 0 })
        next += 2
        return bytes
      }
      const ended = (stream: number): void => {
        const { sent, got } = running.get(stream) as Stream
        if (got !== expected.length) throw new Error(`${what.title}: ${got} bytes of ${expected.length}`)
        running.delete(stream)
        const now = tally.add(sent)
        if (!ending) socket.write(send(now))
        else if (running.size === 0) left(socket)
      }
      const reader = new FrameReader((kind, flags, stream, bytes, from, to) => {
        switch (kind) {
          case kinds.data: {
            const open = running.get(stream) as Stream
            if (bytes.compare(expected, open.got, open.got + to - from, from, to) !== 0)
              throw new Error(`${what.title}: another answer`)
            open.got += to - from
            taken += to - from
            if (taken > refill) {
              socket.write(windowUpdate(taken))
              taken = 0
            }
            if ((flags & endStream) !== 0) throw new Error(`${what.title}: no trailers`)
            break
          }
          case kinds.headers:
            if ((flags & endStream) !== 0) ended(stream)
            break
          case kinds.settings:
            if ((flags & ack) === 0) socket.write(frame(kinds.settings, ack, 0, Buffer.alloc(0)))
            break
          case kinds.ping:
            if ((flags & ack) === 0) socket.write(frame(kinds.ping, ack, 0, Buffer.from(bytes.subarray(from, to))))
            break
          case kinds.reset:
          case kinds.goAway:
            throw new Error(`${what.title}: the server ended ${kind === kinds.reset ? 'a call' : 'a connection'}`)
        }
      })
      socket.on('connect', () => {
        const now = performance.now()
        socket.write(Buffer.concat([preface(), ...Array.from({ length: streams }, () => send(now))]))
      })
      socket.on('data', (chunk) => {
        // What is written meanwhile leaves at once.
        socket.cork()
        try {
          reader.read(chunk)
        } catch (cause) {
          failed(cause as Error)
        }
        socket.uncork()
      })
      socket.on('error', failed)
      socket.on('close', () => {
        if (open.has(socket)) failed(new Error('the server closed a connection'))
      })
    }
    for (let n = 0; n < connections; n++) line(atOnce / connections)
    tally.count(ramp, time, () => {
      ending = true
    })
  })
}
