// Sends load over one plain socket to nats-server, each request with a subject for its answer, the next as soon as that is
// there. Every answer must be the expected bytes.
import { connect } from 'node:net'
import type { Load } from '../load/parts.ts'
import { type Driven, Tally } from '../load/tally.ts'
import { exchanges, subjectOf } from './exchanges.ts'
import { MessageReader } from './message-reader.ts'

const inbox = 'bench.answers'

export function natsLoad({ server, port, exchange, atOnce, ramp, time }: Load): Promise<Driven> {
  const what = exchanges.find(({ name }) => name === exchange)
  if (what === undefined) throw new Error(`no exchange "${exchange}"`)
  const body = JSON.stringify(what.input)
  const subject = subjectOf(server, what.method)
  const requests = Array.from({ length: atOnce }, (_, n) =>
    Buffer.from(`PUB ${subject} ${inbox}.${n} ${Buffer.byteLength(body)}\r\n${body}\r\n`),
  )
  const expected = Buffer.from(JSON.stringify(what.answer))
  const sent = new Array<number>(atOnce).fill(0)
  const tally = new Tally()
  let ending = false
  let open = atOnce
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const send = (n: number, now: number): void => {
      sent[n] = now
      socket.write(requests[n] as Buffer)
    }
    const answered = (to: string, answer: Buffer): void => {
      if (!answer.equals(expected)) throw new Error(`${what.title}: another answer: ${answer}`)
      const n = Number(to.slice(inbox.length + 1))
      const now = tally.add(sent[n] as number)
      if (!ending) send(n, now)
      else if (--open === 0) {
        socket.destroy()
        resolve(tally.result())
      }
    }
    const reader = new MessageReader(answered, () => socket.write('PONG\r\n'))
    socket.on('connect', () => {
      const options = {
        verbose: false,
        pedantic: false,
        headers: true,
        no_responders: true,
        lang: 'bench',
        version: '0',
      }
      socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${inbox}.* 1\r\n`)
      const now = performance.now()
      for (let n = 0; n < atOnce; n++) send(n, now)
    })
    const failed = (why: Error): void => {
      socket.destroy()
      reject(why)
    }
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
    socket.on('close', () => failed(new Error('nats-server closed the connection')))
    tally.count(ramp, time, () => {
      ending = true
    })
  })
}
