// Clients that take their time: a byte a second, nothing at all, answers that nobody reads.
import { type Attack, type Expected, type Family, get, must, size, soon } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'
import { sipping } from '../harness/sipping.ts'
import { type Connection, type Heard, many, open, pass } from '../harness/wire.ts'

const json = 'content-type: application/json\r\n'
const head = (headers: string): string => `POST /v1/orders HTTP/1.1\r\nhost: x\r\n${json}${headers}\r\n`

/** Sends a piece a second (ten in a test) on many connections, until they are closed. */
const drip = (
  name: string,
  sends: string,
  first: string,
  piece: (i: number) => string,
  expected: Expected,
  bound: string,
  more: Partial<Attack> = {},
): Attack => ({
  name,
  sends,
  bound,
  limits: hasty,
  ...more,
  async run({ port, by }) {
    const count = by(20, 1_000)
    const heard = await many(count, count, async (i) => {
      // Not all in one turn: a machine that sends has to keep up, too.
      await pass(i / 2)
      const to = await open(port)
      await to.write(first)
      for (let n = 0; to.heard().end === 'open' && n < 90; n++) {
        await to.closed(by(100, 1_000))
        if (to.heard().end === 'open') await to.write(piece(n))
      }
      to.destroy()
      must(expected, to.heard())
      return to.heard()
    })
    return told(expected, heard)
  },
})

const told = ({ statuses }: Expected, heard: readonly Heard[]): string => {
  const longest = Math.max(...heard.map(({ ms }) => ms))
  return `${statuses.join(', ') || 'nothing'}, closed after ${(longest / 1_000).toFixed(1)} s at most, × ${heard.length}`
}

const slowRequest: Expected = { statuses: [408], end: 'closed', says: /"tag":"SlowRequest"/ }

/** Asks for much and reads nothing. */
const unread = (
  name: string,
  sends: string,
  ask: (to: Connection) => Promise<void>,
  count: readonly [number, number],
  more: Partial<Attack>,
): Attack => ({
  name,
  sends,
  alone: true,
  bound: '`allAnswers`: those that wait longest are closed',
  peak: 700,
  ...more,
  async run({ port, by }) {
    const all = await many(by(...count), 50, async () => {
      const to = await open(port, { reads: false })
      await ask(to)
      return to
    })
    await pass(by(300, 3_000))
    const closed: boolean[] = []
    let bytes = 0
    for (const to of all) {
      to.socket.resume()
      const heard = await to.closed(50)
      closed.push(heard.end !== 'open')
      bytes += heard.bytes
      to.destroy()
    }
    const dropped = closed.filter(Boolean).length
    return `${dropped} of ${all.length} closed; ${size(bytes)} were left to read`
  },
})

export const slow: Family = {
  title: 'Slow clients',
  about:
    'A connection that sends or reads slowly holds a socket and what it has sent. It takes no place among `concurrent` before its body is whole, so that a thousand of them are felt by nobody.',
  attacks: [
    drip('silent', 'nothing, on 1,000 fresh connections', '', () => '', slowRequest, '`headersTimeout`'),
    drip(
      'headers',
      'a byte of a header a second, on 1,000 connections',
      'GET /v1/items/1 HTTP/1.1\r\nx-long: ',
      () => 'x',
      slowRequest,
      '`headersTimeout`',
    ),
    drip(
      'header lines',
      'a header line a second, on 1,000 connections',
      'GET /v1/items/1 HTTP/1.1\r\n',
      (i) => `x-${i}: x\r\n`,
      slowRequest,
      '`headersTimeout`',
    ),
    drip(
      'request line',
      'a byte of a request line a second, on 1,000 connections',
      'GET /',
      () => 'x',
      slowRequest,
      '`headersTimeout`',
    ),
    drip(
      'blank lines',
      'a blank line a second, on 1,000 connections',
      '',
      () => '\r\n',
      slowRequest,
      '`headersTimeout`',
    ),
    drip(
      'body',
      'a byte of a body a second, on 1,000 connections',
      head('content-length: 1000\r\n'),
      () => ' ',
      slowRequest,
      '`bodyTimeout`',
    ),
    drip(
      'chunks',
      'a chunk of a byte a second, on 1,000 connections',
      head('transfer-encoding: chunked\r\n'),
      () => '1\r\nx\r\n',
      slowRequest,
      '`bodyTimeout`',
    ),
    drip(
      'expects',
      'waits for `100 Continue`, gets it, and sends a byte a second',
      head('content-length: 1000\r\nexpect: 100-continue\r\n'),
      () => ' ',
      { statuses: [100, 408], end: 'closed' },
      '`bodyTimeout`',
    ),
    drip(
      'trailers',
      'a trailer a second, on 1,000 connections',
      `${head('transfer-encoding: chunked\r\n')}2\r\n{}\r\n0\r\n`,
      (i) => `x-${i}: x\r\n`,
      slowRequest,
      '`bodyTimeout`',
    ),
    drip(
      'refused body',
      'a byte a second of a body that was refused',
      'POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n',
      () => ' ',
      { statuses: [415], end: 'closed' },
      '`headersTimeout` + `bodyTimeout` + 1 s',
      { limits: hasty },
    ),
    drip(
      'kept',
      'one request, then nothing, on 1,000 connections',
      get('/v1/items/1'),
      () => '',
      { statuses: [200], end: 'closed' },
      '`keepAlive`',
      { limits: (scale) => (scale === 'quick' ? hasty(scale) : { keepAlive: 20_000 }) },
    ),
    {
      name: 'kept by requests',
      sends: 'a request every 5 s on 500 connections',
      bound: '`connections`; each is work that was asked for',
      limits: hasty,
      async run({ port, by }) {
        const count = by(20, 500)
        await many(count, count, async () => {
          const to = await open(port)
          for (let i = 1; i <= by(3, 4); i++) {
            await to.write(get('/v1/items/1'))
            must({ statuses: Array(i).fill(200), end: 'open' }, await to.answered(soon, i))
            await pass(by(50, 5_000))
          }
          to.destroy()
        })
        return `200 each time, × ${count}`
      },
    },
    unread(
      'unread answers',
      'asks for 4 MiB on 300 connections and reads nothing',
      (to) => to.write(get('/v1/big/4096')),
      [20, 300],
      {
        limits: hasty,
      },
    ),
    unread(
      'unread, pipelined',
      'asks 1,000 times for 1 MiB on one connection and reads nothing',
      (to) => to.write(get('/v1/big/1024').repeat(1_000)),
      [1, 1],
      {
        limits: hasty,
        peak: 600,
        bound: '`pipelined`, `allAnswers`',
      },
    ),
    unread(
      'unread, small',
      'asks 20,000 times for a small answer on one connection and reads nothing',
      async (to) => void to.write(get('/v1/items/1').repeat(20_000)),
      [1, 1],
      {
        bound: '`pipelined`; Node reads no further while answers wait',
      },
    ),
    {
      name: 'slow reader',
      alone: true,
      sends: 'asks for 8 MiB on 50 connections and reads 64 KiB a second',
      bound: '`allAnswers`',
      peak: 600,
      async run(target) {
        const count = target.by(5, 50)
        const bytes = await many(count, count, () => sipping(target, get('/v1/big/8192')))
        return `what it reads: ${size(Math.max(...bytes))}`
      },
    },
    {
      name: 'half-open',
      sends: 'a request, then the end of its side, on 500 connections',
      bound: 'who has stopped sending has left: calls are cancelled',
      async run({ port, by }) {
        const count = by(10, 500)
        const ends = await many(count, 50, async () => {
          const to = await open(port)
          to.socket.end(get('/v1/slow/20000'))
          const heard = await to.closed(soon)
          to.destroy()
          must({ statuses: [], end: 'closed' }, heard)
          return heard
        })
        return `nothing, closed, × ${ends.length}`
      },
    },
  ],
}
