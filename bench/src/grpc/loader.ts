// Sends load over plain sockets: eight connections, on each a share of the calls at once. Every answer must be the expected
// bytes, all of them, and end with trailers: a failure of gRPC has no message.
import { onLines } from '../load/lines.ts'
import type { Load } from '../load/parts.ts'
import type { Driven } from '../load/tally.ts'
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

export async function grpcLoad(load: Load): Promise<Driven> {
  const what = exchanges.find(({ name }) => name === load.exchange)
  const method = what === undefined ? undefined : ShopOfProto.service[what.method]
  if (what === undefined || method === undefined) throw new Error(`no exchange "${load.exchange}"`)
  const { title } = what
  const asking = request(method.path, load.port, framed(method.requestSerialize(what.input)))
  const expected = Buffer.concat(what.answers.map((answer) => framed(method.responseSerialize(answer))))
  return onLines(load, connections, (line) => {
    const { socket, tally } = line
    const running = new Map<number, Stream>()
    let next = 1
    let taken = 0
    const send = (now: number): Buffer => {
      const bytes = numbered(asking, next)
      running.set(next, { sent: now, got: 0 })
      next += 2
      return bytes
    }
    const ended = (number: number): void => {
      const { sent, got } = running.get(number) as Stream
      if (got !== expected.length) throw new Error(`${title}: ${got} bytes of ${expected.length}`)
      running.delete(number)
      const now = tally.add(sent)
      if (!line.ending) socket.write(send(now))
      else if (running.size === 0) line.leave()
    }
    const came = (number: number, bytes: Buffer, from: number, to: number): void => {
      const stream = running.get(number) as Stream
      const before = stream.got
      stream.got += to - from
      if (bytes.compare(expected, before, stream.got, from, to) !== 0) throw new Error(`${title}: another answer`)
      taken += to - from
      if (taken < refill) return
      socket.write(windowUpdate(taken))
      taken = 0
    }
    const reader = new FrameReader((kind, flags, number, bytes, from, to) => {
      switch (kind) {
        case kinds.data:
          if ((flags & endStream) !== 0) throw new Error(`${title}: no trailers`)
          came(number, bytes, from, to)
          break
        case kinds.headers:
          if ((flags & endStream) !== 0) ended(number)
          break
        case kinds.settings:
          if ((flags & ack) === 0) socket.write(frame(kinds.settings, ack, 0, Buffer.alloc(0)))
          break
        case kinds.ping:
          if ((flags & ack) === 0) socket.write(frame(kinds.ping, ack, 0, Buffer.from(bytes.subarray(from, to))))
          break
        case kinds.reset:
          throw new Error(`${title}: the server reset a call`)
        case kinds.goAway:
          throw new Error(`${title}: the server sent a connection away`)
      }
    })
    socket.on('connect', () => {
      const now = performance.now()
      const first = Array.from({ length: load.atOnce / connections }, () => send(now))
      socket.write(Buffer.concat([preface(), ...first]))
    })
    return (chunk) => reader.read(chunk)
  })
}
