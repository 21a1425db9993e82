// Sends load over plain sockets, one request on each at a time, the next as soon as the answer is whole. It parses no more
// than it must, so that it has time to spare while a server is busy all the time.
import { connect, type Socket } from 'node:net'
import type { Load } from '../load/parts.ts'
import { type Driven, Tally } from '../load/tally.ts'
import { AnswerReader } from './answer-reader.ts'
import { bytesOf, exchanges } from './exchanges.ts'

export function httpLoad({ port, exchange, atOnce, ramp, time }: Load): Promise<Driven> {
  const what = exchanges.find(({ name }) => name === exchange)
  if (what === undefined) throw new Error(`no exchange "${exchange}"`)
  const request = bytesOf(what, port)
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
    for (let n = 0; n < atOnce; n++) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      const reader = new AnswerReader()
      let sent = 0
      open.add(socket)
      const send = (now: number): void => {
        sent = now
        socket.write(request)
      }
      socket.on('connect', () => send(performance.now()))
      socket.on('data', (chunk) => {
        try {
          const status = reader.read(chunk)
          if (status === undefined) return
          if (status !== what.status) throw new Error(`${what.title}: status ${status} and not ${what.status}`)
        } catch (cause) {
          return failed(cause as Error)
        }
        const now = tally.add(sent)
        if (ending) left(socket)
        else send(now)
      })
      socket.on('error', failed)
      socket.on('close', () => {
        if (open.has(socket)) failed(new Error('the server closed a connection'))
      })
    }
    tally.count(ramp, time, () => {
      ending = true
    })
  })
}
