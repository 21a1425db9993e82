// Connections in great numbers, and such that come and go.
import { type Attack, type Family, get, must, post, soon } from '../harness/attack.ts'
import { type Connection, many, open, pass } from '../harness/wire.ts'

const order = post('/v1/orders', '{"customer":{"id":"c","name":"n"},"lines":[]}')

const idle = (
  name: string,
  sends: string,
  first: string,
  statuses: readonly number[],
  more: Partial<Attack>,
): Attack => ({
  name,
  sends,
  bound: '`connections`, `keepAlive`',
  peak: 300,
  ...more,
  async run({ port, ask, by }) {
    const before = (await ask('memory')) as number
    const count = by(200, 5_000)
    const all = await many(count, 100, async () => {
      const to = await open(port)
      if (first !== '') {
        await to.write(first)
        must({ statuses, end: 'open' }, await to.answered(soon))
      }
      return to
    })
    await pass(by(100, 3_000))
    const held = ((await ask('memory')) as number) - before
    const left = all.filter((to) => to.heard().end === 'open').length
    for (const to of all) to.destroy()
    if (left !== count) throw new Error(`of ${count} idle connections ${left} were kept`)
    return `kept, × ${count}; ${(held / count / 1_024).toFixed(1)} KiB of heap each`
  },
})

/** Connects, does something, and is gone, so many times. */
const churn = (
  name: string,
  sends: string,
  counts: readonly [number, number],
  each: (to: Connection) => Promise<void>,
  more: Partial<Attack> = {},
): Attack => ({
  name,
  sends,
  bound: 'nothing is kept of them',
  ...more,
  async run({ port, by }) {
    const count = by(...counts)
    const start = performance.now()
    await many(count, 50, async () => {
      const to = await open(port)
      await each(to)
      // A reset, so that the attacking machine is not out of ports first.
      to.socket.resetAndDestroy()
    })
    return `${Math.round(count / ((performance.now() - start) / 1_000))} a second, × ${count}`
  },
})

export const connections: Family = {
  title: 'Connections',
  about:
    'Idle ones cost memory and nothing else. The kernel and `connections` bound how many there are; beyond, others cannot connect either: a limit for each address is a proxy’s to set.',
  attacks: [
    idle('idle, fresh', '5,000 connections that say nothing', '', [], {}),
    idle('idle, kept', '5,000 connections that have asked once', get('/v1/items/1'), [200], {}),
    {
      name: 'too many',
      alone: true,
      sends: '1,500 connections where 1,000 may be',
      bound: '`connections`',
      limits: (scale) => ({ connections: scale === 'quick' ? 50 : 1_000 }),
      others: { may: /^(ECONNRESET|socket hang up|EPIPE)$/, why: 'no connection is left for them' },
      async run({ port, by }) {
        const all = await many(by(80, 1_500), 50, () => open(port))
        await pass(500)
        const closed = all.filter((to) => to.heard().end !== 'open').length
        const least = by(30, 500)
        for (const to of all) to.destroy()
        if (closed < least) throw new Error(`only ${closed} were closed`)
        return `${closed} closed as they come`
      },
    },
    {
      name: 'out of files',
      alone: true,
      files: 128,
      sends: '400 connections to a process that may open 128 files',
      bound: '`ulimit -n`: the kernel keeps what waits, Node closes what it cannot hold',
      others: { may: /^(ECONNRESET|socket hang up|EPIPE|no answer)$/, why: 'no file is left for their connections' },
      async run({ port }) {
        const all = await many(400, 50, () => open(port))
        await pass(500)
        const closed = all.filter((to) => to.heard().end !== 'open').length
        for (const to of all) to.destroy()
        await pass(100)
        const to = await open(port)
        await to.write(order)
        must({ statuses: [200], end: 'open' }, await to.answered(soon))
        to.destroy()
        if (closed < 200) throw new Error(`closed only ${closed}`)
        return `${closed} closed as they come; served again when they are gone`
      },
    },
    churn('connects', 'connects and resets', [500, 20_000], async () => {}),
    churn('asks', 'connects, asks, and resets after the answer', [200, 10_000], async (to) => {
      await to.write(order)
      must({ statuses: [200], end: 'open' }, await to.answered(soon))
    }),
    churn('resets in headers', 'resets in the middle of its headers', [200, 10_000], async (to) => {
      await to.write(order.slice(0, 40))
    }),
    churn('resets in a body', 'resets in the middle of its body', [200, 10_000], async (to) => {
      await to.write(order.slice(0, -10))
    }),
    churn('resets before the answer', 'asks for something slow and resets', [200, 10_000], async (to) => {
      await to.write(get('/v1/slow/10000'))
    }),
    churn(
      'resets in the answer',
      'resets in the middle of an answer of 1 MiB',
      [50, 2_000],
      async (to) => {
        await to.write(get('/v1/big/1024'))
        await pass(1)
      },
      { peak: 400 },
    ),
    churn('rubbish', 'connects, sends rubbish, and resets', [200, 10_000], async (to) => {
      await to.write('\x16\x03\x01rubbish\r\n\r\n')
    }),
    {
      name: 'pipelined',
      sends: '1,000 requests at once on one connection, answers read',
      bound: '`pipelined`',
      async run({ port, by }) {
        const count = by(300, 1_000)
        const to = await open(port)
        await to.write(get('/v1/items/1').repeat(count))
        const heard = await to.answered(soon, count)
        to.destroy()
        const ok = heard.statuses.filter((status) => status === 200).length
        const busy = heard.statuses.filter((status) => status === 503).length
        if (ok !== 100 || ok + busy !== count) throw new Error(`got ${ok} × 200 and ${busy} × 503`)
        return `${ok} × 200${busy > 0 ? `, ${busy} × 503` : ''}, in order`
      },
    },
  ],
}
