// Sends load over plain sockets, one request on each at a time, the next as soon as the answer is whole. It parses no more
// than it must, so that it has time to spare while a server is busy all the time.
import { type Line, onLines } from '../load/lines.ts'
import type { Load } from '../load/parts.ts'
import type { Driven } from '../load/tally.ts'
import { AnswerReader } from './answer-reader.ts'
import { bytesOf, exchanges } from './exchanges.ts'

export async function httpLoad(load: Load): Promise<Driven> {
  const what = exchanges.find(({ name }) => name === load.exchange)
  if (what === undefined) throw new Error(`no exchange "${load.exchange}"`)
  const request = bytesOf(what, load.port)
  return onLines(load, load.atOnce, (line: Line) => {
    const reader = new AnswerReader()
    let sent = 0
    const send = (now: number): void => {
      sent = now
      line.socket.write(request)
    }
    line.socket.on('connect', () => send(performance.now()))
    return (chunk) => {
      const status = reader.read(chunk)
      if (status === undefined) return
      if (status !== what.status) throw new Error(`${what.title}: status ${status} and not ${what.status}`)
      const now = line.tally.add(sent)
      if (line.ending) line.leave()
      else send(now)
    }
  })
}
