// Sends load over one plain socket to nats-server, each request with a subject for its answer, the next as soon as that is
// there. Every answer must be the expected bytes.
import { onLines } from '../load/lines.ts'
import type { Load } from '../load/parts.ts'
import type { Driven } from '../load/tally.ts'
import { exchanges, subjectOf } from './exchanges.ts'
import { MessageReader } from './message-reader.ts'

const inbox = 'bench.answers'
const options = { verbose: false, pedantic: false, headers: true, no_responders: true, lang: 'bench', version: '0' }

export async function natsLoad(load: Load): Promise<Driven> {
  const { server, exchange, atOnce } = load
  const what = exchanges.find(({ name }) => name === exchange)
  if (what === undefined) throw new Error(`no exchange "${exchange}"`)
  const body = JSON.stringify(what.input)
  const subject = subjectOf(server, what.method)
  const requests = Array.from({ length: atOnce }, (_, n) =>
    Buffer.from(`PUB ${subject} ${inbox}.${n} ${Buffer.byteLength(body)}\r\n${body}\r\n`),
  )
  const expected = Buffer.from(JSON.stringify(what.answer))
  return onLines(load, 1, (line) => {
    const { socket, tally } = line
    const sent = new Array<number>(atOnce).fill(0)
    let waiting = atOnce
    const send = (n: number, now: number): void => {
      sent[n] = now
      socket.write(requests[n] as Buffer)
    }
    const answered = (to: string, answer: Buffer): void => {
      if (!answer.equals(expected)) throw new Error(`${what.title}: another answer: ${answer}`)
      const n = Number(to.slice(inbox.length + 1))
      const now = tally.add(sent[n] as number)
      if (!line.ending) send(n, now)
      else if (--waiting === 0) line.leave()
    }
    const reader = new MessageReader(answered, () => socket.write('PONG\r\n'))
    socket.on('connect', () => {
      socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${inbox}.* 1\r\n`)
      const now = performance.now()
      for (let n = 0; n < atOnce; n++) send(n, now)
    })
    return (chunk) => reader.read(chunk)
  })
}
