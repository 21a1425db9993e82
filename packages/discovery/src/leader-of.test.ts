// Elections: one leads, others wait; whoever is cut off stops before another begins, whatever the network does.
import type { Telemetry } from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Journey, slowPort } from '../test/slow-port.ts'
import { leaderOf } from './leader-of.ts'
import type { Held, Leader, Leading } from './lock.ts'
import { memoryLocks } from './memory-locks.ts'

const ttl = 9_000

/** Leaders of one registry, each as in a process of its own, over networks that do as they are told. */
function scene() {
  const clock = virtualClock()
  const locks = memoryLocks(clock)
  const events: Telemetry[] = []
  const leader = (
    holder: string,
    options: Omit<Leading, 'ttl'> = {},
    journey: () => Journey | undefined = () => undefined,
  ) =>
    leaderOf({
      key: 'nightly',
      ttl,
      port: () => slowPort(locks.port('nightly', holder, ttl), clock, journey),
      clock,
      random: () => 0,
      onTelemetry: (event) => events.push(event),
      ...options,
    })
  return { clock, locks, leader, events }
}

/** Leads until it is told to stop. */
const untilStopped =
  (log: string[], who: string) =>
  async ({ signal, token }: Held) => {
    log.push(`${who} ${token}`)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    log.push(`${who} stops: ${signal.reason.reason}`)
  }

describe('a leader', () => {
  it('given two, when the first drains, then it stops, and the other leads with a greater token', async () => {
    const { clock, leader } = scene()
    const log: string[] = []
    const one = leader('one', { lead: untilStopped(log, 'one') })
    const two = leader('two', { lead: untilStopped(log, 'two') })
    const seen: string[] = []
    two.subscribe(({ status, holder, token }) => seen.push(`${status} ${holder ?? token ?? '-'}`))
    await one.start()
    await one.start()
    await two.start()
    await clock.advance(100_000)
    expect(log).toEqual(['one 1'])
    await one.drain()
    await clock.advance(100)
    expect(log).toEqual(['one 1', 'one stops: closed', 'two 2'])
    expect(seen).toEqual(['idle -', 'waiting -', 'waiting one', 'held 2'])
    await two[Symbol.asyncDispose]()
    expect([one.view().status, two.view().status, clock.pending]).toEqual(['closed', 'closed', 0])
    await expect(one.start()).rejects.toThrow('it has been drained; make another one')
  })

  it('given one that is cut off, then it stops before the other begins, and comes back behind it', async () => {
    const { clock, leader, events } = scene()
    const log: string[] = []
    let cut = false
    const one = leader('one', { lead: untilStopped(log, 'one') }, () => ({
      there: 0,
      back: 0,
      lost: cut ? 'request' : 'nothing',
    }))
    const two = leader('two', { lead: untilStopped(log, 'two') })
    await one.start()
    await two.start()
    await clock.advance(10)
    cut = true
    await clock.advance(60_000)
    expect(log).toEqual(['one 1', 'one stops: lost', 'two 2'])
    cut = false
    await clock.advance(3_000)
    expect(one.view()).toMatchObject({ status: 'waiting', holder: 'two' })
    expect(events).toContainEqual({
      kind: 'lock.transition',
      lock: 'nightly',
      from: 'held',
      to: 'lost',
      lost: 'expired',
    })
    await Promise.all([one.drain(), two.drain()])
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  it('given the registry says that it is not ours, then it stops at once', async () => {
    const { clock, locks, leader } = scene()
    const log: string[] = []
    let revoked = false
    const port = () => {
      const own = locks.port('nightly', 'one', ttl)
      return { ...own, renew: async (call: Parameters<typeof own.renew>[0]) => !revoked && own.renew(call) }
    }
    const one = leaderOf({ key: 'nightly', ttl, port, lead: untilStopped(log, 'one'), clock, onTelemetry: () => {} })
    await one.start()
    await clock.advance(10_000)
    revoked = true
    await clock.advance(3_000)
    expect(log.slice(0, 2)).toEqual(['one 1', 'one stops: lost'])
    await one.drain()
    expect(leader('two').view()).toEqual({ key: 'nightly', status: 'idle' })
  })

  it('given `lead` that ends or throws, then it is reported, another gets its chance, and it comes again', async () => {
    const { clock, leader, events } = scene()
    let terms = 0
    const one = leader('one', {
      lead: async () => {
        terms++
        throw new Error('no database')
      },
    })
    await one.start()
    await clock.advance(60_000)
    // From 50 ms up to 1 s between them, for a minute.
    expect(terms).toBeGreaterThan(55)
    expect(terms).toBeLessThan(70)
    expect(events).toContainEqual({
      kind: 'lock.error',
      lock: 'nightly',
      operation: 'lead',
      error: new Error('no database'),
    })
    await one.drain()
    expect(clock.pending).toBe(0)
  })

  it('given `lead` that does not stop, when it drains, then the wait ends, and nobody else leads before the time to live is over', async () => {
    const { clock, leader } = scene()
    const one = leader('one', { lead: () => new Promise(() => {}), drainTimeout: 4_000 })
    const two = leader('two')
    await one.start()
    await two.start()
    await clock.advance(10)
    let drained = 0
    void one.drain().then(() => {
      drained = clock.now()
    })
    await clock.advance(4_000)
    expect([drained, two.view().status]).toEqual([4_010, 'waiting'])
    await clock.advance(ttl)
    expect(two.view().status).toBe('held')
    await two.drain()
    expect(clock.pending).toBe(0)
  })

  it('given no work, then `view` and `subscribe` tell who leads; a listener that throws disturbs nobody', async () => {
    const { clock, leader } = scene()
    const one = leader('one')
    one.subscribe(() => {
      throw new Error('deaf')
    })
    const seen: string[] = []
    const subscription = one.subscribe(({ status }) => seen.push(status))
    await one.start()
    await clock.advance(10)
    subscription[Symbol.dispose]()
    await one.drain()
    expect(seen).toEqual(['idle', 'waiting', 'held'])
  })
})

describe('whatever the network does', () => {
  const journey: fc.Arbitrary<Journey> = fc.record({
    there: fc.oneof({ weight: 3, arbitrary: fc.nat(50) }, fc.nat(12_000)),
    back: fc.oneof({ weight: 3, arbitrary: fc.nat(50) }, fc.nat(12_000)),
    lost: fc.oneof({ weight: 3, arbitrary: fc.constant('nothing' as const) }, fc.constantFrom('request', 'answer')),
  })

  it('given random delays and losses, then at most one at a time has a signal that is not aborted, and tokens only grow', async () => {
    let terms = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(journey, { minLength: 1, maxLength: 80 }), { minLength: 2, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(20_000), fc.nat(3), fc.constantFrom('drain', 'nothing')), { maxLength: 6 }),
        fc.integer(),
        async (networks, steps, seed) => {
          const { clock, leader } = scene()
          const holders = new Set<Held>()
          let together = 0
          let last = 0n
          const drained = new Set<Leader>()
          const leaders = networks.map((journeys, n) => {
            let at = 0
            return leader(
              `${n}`,
              {
                random: seeded(seed + n),
                lead: async (held) => {
                  terms++
                  // Whoever is told too late that it leads has lost it before it begins.
                  if (held.signal.aborted) return
                  if (held.token <= last) together++
                  last = held.token
                  holders.add(held)
                  if (holders.size > 1) together++
                  await new Promise<void>((resolve) =>
                    held.signal.addEventListener('abort', () => {
                      holders.delete(held)
                      resolve()
                    }),
                  )
                  if (held.remaining() > 0 && !held.signal.aborted) together++
                },
              },
              // Each call its own fate, and all is well in the end.
              () => (networks.length > 0 ? journeys[at++] : undefined),
            )
          })
          for (const one of leaders) await one.start()
          for (const [after, who, what] of steps) {
            await clock.advance(after)
            const one = leaders[who]
            if (what !== 'drain' || one === undefined) continue
            drained.add(one)
            void one.drain()
          }
          await clock.advance(60_000)
          expect(together).toBe(0)
          // Once all is well, somebody leads, if anybody wants to.
          const wanting = leaders.filter((one) => one.view().status !== 'closed' && !drained.has(one))
          networks.length = 0
          await clock.advance(180_000)
          expect(wanting.filter((one) => one.view().status === 'held')).toHaveLength(Math.min(1, wanting.length))
          for (const one of leaders) void one.drain()
          await clock.advance(120_000)
          expect([together, clock.pending]).toEqual([0, 0])
          for (const one of leaders) expect(one.view().status).toBe('closed')
        },
      ),
      { numRuns: 100 },
    )
    // They did lead, often.
    expect(terms).toBeGreaterThan(100)
  }, 60_000)
})
