// More calls than a server takes, and calls while it stops.
import { type Family, get, must, post, soon } from '../harness/attack.ts'
import { few } from '../harness/hasty.ts'
import { many, open, pass } from '../harness/wire.ts'

const count = (statuses: readonly (number | undefined)[], status: number): number =>
  statuses.filter((one) => one === status).length

export const load: Family = {
  title: 'Load',
  about:
    'Beyond `concurrent` everybody is told to come back, others too: a server cannot tell who of its callers is one too many.',
  attacks: [
    {
      name: 'too many calls',
      alone: true,
      sends: '10,000 calls of 1 s at once, where 1,000 may run',
      bound: '`concurrent`',
      peak: 400,
      limits: few,
      others: { may: /^503$/, why: 'while it is full, others are told the same' },
      async run({ port, by }) {
        const most = by(50, 1_000)
        const calls = by(300, 10_000)
        const heard = await many(calls, calls, async (i) => {
          await pass(i / 10)
          const to = await open(port)
          await to.write(get(`/v1/slow/${by(300, 2_000)}`))
          const { statuses } = await to.answered(soon)
          to.destroy()
          return statuses[0]
        })
        const [done, busy] = [count(heard, 200), count(heard, 503)]
        if (done + busy !== calls || done < most / 2 || busy === 0)
          throw new Error(`got ${done} × 200, ${busy} × 503 of ${calls}`)
        return `${done} × 200, ${busy} × 503`
      },
    },
    {
      name: 'work that goes on',
      alone: true,
      sends: '1,000 calls that go on after their caller has left',
      bound: '`concurrent` counts them until they end',
      limits: few,
      others: { may: /^503$/, why: 'while it is full, others are told the same' },
      async run({ port, by }) {
        const most = by(50, 1_000)
        await many(most, 100, async () => {
          const to = await open(port)
          await to.write(get(`/v1/deaf/${by(500, 5_000)}`))
          await pass(20)
          to.socket.resetAndDestroy()
        })
        const to = await open(port)
        await to.write(get('/v1/items/1'))
        const full = await to.answered(soon)
        await pass(by(800, 5_500))
        await to.write(get('/v1/items/1'))
        const free = await to.answered(soon, 2)
        to.destroy()
        must({ statuses: [503], end: 'open' }, full)
        must({ statuses: [503, 200], end: 'open' }, free)
        return '503 until they have ended, then 200'
      },
    },
    {
      name: 'calls that hang',
      sends: '500 calls without an end',
      bound: '`request`',
      limits: (scale) => (scale === 'quick' ? few(scale) : { request: 5_000 }),
      async run({ port, by }) {
        const calls = by(40, 500)
        const heard = await many(calls, calls, async () => {
          const to = await open(port)
          await to.write(get('/v1/slow/600000'))
          const heard = await to.answered(soon)
          to.destroy()
          must({ statuses: [504], end: 'open' }, heard)
          return heard.ms
        })
        return `504 after ${(Math.max(...heard) / 1_000).toFixed(1)} s at most, × ${heard.length}`
      },
    },
    {
      name: 'while it stops',
      alone: true,
      sends: 'requests, rubbish and half requests while the server drains',
      bound: 'the drain’s signal',
      peak: 500,
      others: { may: /^(503|ECONNREFUSED|ECONNRESET|socket hang up)$/, why: 'the server is stopping' },
      async run({ port, ask, by }) {
        const running = await open(port)
        await running.write(get(`/v1/slow/${by(300, 1_000)}`))
        // What has come, but has not been read when it begins to stop, nobody has taken.
        while (((await ask('state')) as { inFlight: number }).inFlight === 0) await pass(1)
        const kinds = [
          get('/v1/items/1'),
          post('/v1/orders', '{}'),
          'rubbish\r\n\r\n',
          'POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\nhalf',
          'GET /v1/it',
          'CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\n\r\n',
          get('/v1/big/8192').repeat(4),
        ]
        const others = await many(by(28, 280), 50, async (i) => {
          const to = await open(port, { reads: i % 7 !== 6 })
          await to.write(kinds[i % 7] as string)
          return to
        })
        const drained = ask('drain', { ms: by(1_000, 3_000) }) as Promise<number>
        await pass(20)
        for (const to of others) void to.write(get('/v1/items/1'))
        must({ statuses: [200], end: 'closed' }, await running.closed(soon))
        const ms = await drained
        for (const to of [...others, running]) to.destroy()
        await ask('restart')
        return `what runs is answered; all closed after ${(ms / 1_000).toFixed(1)} s`
      },
    },
  ],
}
