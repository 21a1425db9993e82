// More calls than a server takes, and calls while it stops.
import type { Family } from '../../harness/attack.ts'
import { tally, using, worded } from '../../harness/calls.ts'
import { openRaw } from '../../harness/frames.ts'
import { asked, ended, framed, head, number, paths, session } from '../../harness/grpc.ts'
import { fewGrpc } from '../../harness/hasty.ts'
import { many, pass } from '../../harness/wire.ts'

const perConnection = 200

/** So many calls at once, on several connections. */
async function atOnce(port: number, count: number, path: string, ms: number): Promise<readonly string[]> {
  const connections = Math.ceil(count / perConnection)
  const all = await many(connections, connections, (at) =>
    using(port, (own) => {
      const here = Math.min(perConnection, count - at * perConnection)
      return Promise.all(Array.from({ length: here }, () => asked(own, path, framed(number(ms)), {}, 60_000)))
    }),
  )
  return all.flat().map(({ end }) => end)
}

export const load: Family = {
  title: 'gRPC: load',
  against: 'grpc',
  about:
    'Beyond `concurrent` everybody is told to come back, others too: a server cannot tell who of its callers is one too many.',
  attacks: [
    {
      name: 'too many calls',
      alone: true,
      sends: '10,000 calls of 2 s at once, where 1,000 may run',
      bound: '`concurrent`',
      peak: 500,
      limits: fewGrpc,
      others: { may: /^UNAVAILABLE$/, why: 'while it is full, others are told the same' },
      async run({ port, by }) {
        const counts = tally(await atOnce(port, by(300, 10_000), paths.slow, by(300, 2_000)))
        const { OK = 0, UNAVAILABLE = 0, ...rest } = counts
        if (Object.keys(rest).length > 0 || OK < by(25, 500) || UNAVAILABLE === 0)
          throw new Error(`got ${worded(counts)}`)
        return { gets: worded(counts), told: { 'too-busy': UNAVAILABLE } }
      },
    },
    {
      name: 'work that goes on',
      alone: true,
      sends: '1,000 calls that go on after their caller has left',
      bound: '`concurrent` counts them until they end',
      limits: fewGrpc,
      others: { may: /^UNAVAILABLE$/, why: 'while it is full, others are told the same' },
      async run({ port, by }) {
        const ms = by(500, 5_000)
        await many(by(1, 5), 5, () =>
          using(port, async (own) => {
            for (let i = 0; i < by(50, 200); i++) {
              const stream = own.request(head(paths.deaf) as never)
              void ended(stream)
              stream.end(framed(number(ms)))
            }
            await pass(100)
          }),
        )
        const full = await using(port, (own) => asked(own, paths.nothing, framed(Buffer.alloc(0))))
        await pass(ms + 300)
        const free = await using(port, (own) => asked(own, paths.nothing, framed(Buffer.alloc(0))))
        if (full.end !== 'UNAVAILABLE' || free.end !== 'OK') throw new Error(`got ${full.end}, then ${free.end}`)
        return { gets: '`UNAVAILABLE` until they have ended, then `OK`', told: { 'too-busy': 1 } }
      },
    },
    {
      name: 'calls that hang',
      sends: '500 calls without an end',
      bound: '`request`',
      limits: (scale) => (scale === 'quick' ? fewGrpc(scale) : { request: 5_000 }),
      async run({ port, by }) {
        const counts = tally(await atOnce(port, by(30, 500), paths.slow, 600_000))
        if (Object.keys(counts).join() !== 'DEADLINE_EXCEEDED') throw new Error(`got ${worded(counts)}`)
        return worded(counts)
      },
    },
    {
      name: 'while it stops',
      alone: true,
      sends: 'calls, rubbish and half a message while the server drains',
      bound: 'the drain’s signal',
      peak: 300,
      others: { may: /^(UNAVAILABLE|closed|reset .*|open)$/, why: 'the server is stopping' },
      async run({ port, ask, by }) {
        const own = session(port)
        const running = asked(own, paths.slow, framed(number(by(600, 1_000))))
        while (((await ask('state')) as { inFlight: number }).inFlight === 0) await pass(1)
        const half = own.request(head(paths.hear) as never)
        half.on('error', () => {})
        half.write(Buffer.from([0, 0]))
        const others = await many(by(20, 200), 20, async (i) => {
          const to = await openRaw(port)
          if (i % 2) await to.send(Buffer.from('rubbish'.repeat(10)))
          return to
        })
        const drained = ask('drain', { ms: by(1_000, 3_000) }) as Promise<number>
        // Until the process has heard that it is to stop.
        let refused = await asked(own, paths.nothing, framed(Buffer.alloc(0)))
        while (refused.end === 'OK') refused = await asked(own, paths.nothing, framed(Buffer.alloc(0)))
        const answered = await running
        const ms = await drained
        own.destroy()
        for (const to of others) to.destroy()
        await ask('restart')
        if (answered.end !== 'OK' || !/^(UNAVAILABLE|reset REFUSED_STREAM)$/.test(refused.end))
          throw new Error(`what runs got ${answered.end}, what came ${refused.end}`)
        return `what runs is answered, what comes \`${refused.end}\`; all closed after ${(ms / 1_000).toFixed(1)} s`
      },
    },
  ],
}
