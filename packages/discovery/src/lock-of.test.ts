// Locks: one holder at a time, told in time when it is lost; waits that end.
import type { Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { type Journey, slowPort } from '../test/slow-port.ts'
import type { Held, Locking } from './lock.ts'
import { lockOf } from './lock-of.ts'
import { memoryLocks } from './memory-locks.ts'

/** Locks of one registry, each as in a process of its own; `network` may be taken away and given back. */
function scene() {
  const clock = virtualClock()
  const locks = memoryLocks(clock)
  const events: Telemetry[] = []
  const down = { is: false }
  const journey = (): Journey => ({ there: 1, back: 1, lost: down.is ? 'request' : 'nothing' })
  const lock = (holder: string, options: Omit<Locking, 'ttl'> = {}) =>
    lockOf({
      key: 'nightly',
      ttl: 9_000,
      margin: 1_000,
      port: () => slowPort(locks.port('nightly', holder, 9_000), clock, journey),
      clock,
      random: () => 0,
      onTelemetry: (event) => events.push(event),
      ...options,
    })
  return { clock, lock, locks, down, events }
}

/** Work that lasts until it is told to stop, or to end. */
function work() {
  const begun = Promise.withResolvers<Held>()
  const end = Promise.withResolvers<string>()
  const run = (held: Held): Promise<string> => {
    begun.resolve(held)
    return end.promise
  }
  return { run, begun: begun.promise, end: end.resolve }
}

describe('a lock', () => {
  it('given two who want it, then the second waits until the first gives it back, with a greater token', async () => {
    const { clock, lock } = scene()
    const [one, two] = [lock('one'), lock('two')]
    const first = work()
    const firstDone = one.hold(first.run)
    await clock.advance(10)
    const held = await first.begun
    const second = two.hold(async ({ token }) => token)
    await clock.advance(5_000)
    expect(one.view()).toEqual({ key: 'nightly', status: 'held', token: 1n })
    expect(two.view()).toEqual({ key: 'nightly', status: 'waiting', holder: 'one' })
    expect([held.signal.aborted, held.remaining() > 5_000]).toEqual([false, true])
    first.end('done')
    await clock.advance(200)
    expect(await firstDone).toEqual({ _tag: 'Right', right: 'done' })
    expect(await second).toEqual({ _tag: 'Right', right: 2n })
    expect([held.signal.aborted, held.remaining()]).toEqual([true, 0])
    expect([one.view().status, two.view().status, clock.pending]).toEqual(['idle', 'idle', 0])
  })

  it('given it is taken, when the wait is over, then NotHeld says so; 0 tries once', async () => {
    const { clock, lock } = scene()
    const first = work()
    void lock('one').hold(first.run)
    await clock.advance(10)
    const waited = lock('two').hold(first.run, { wait: 3_000 })
    const once = lock('three').hold(first.run, { wait: 0 })
    await clock.advance(5)
    expect(await once).toMatchObject({ left: { _tag: 'NotHeld', code: 'aborted', reason: 'taken' } })
    await clock.advance(3_000)
    expect(await waited).toMatchObject({ left: { message: 'the lock "nightly" is held by somebody else' } })
  })

  it('given a registry that is down, then the wait ends all the same, and says what it failed with', async () => {
    const { clock, lock, down, events } = scene()
    down.is = true
    const waited = lock('one').hold(async () => 1, { wait: 2_000 })
    await clock.advance(2_000)
    expect(await waited).toMatchObject({
      left: { code: 'unavailable', reason: 'unreachable', cause: new Error('connection reset') },
    })
    await clock.advance(10)
    expect(events.filter((event) => event.kind === 'lock.error').map((event) => event.operation)).toContain('acquire')
    expect(clock.pending).toBe(0)
  })

  it('given a registry that does not take what it is asked, then nobody waits for that to change', async () => {
    const { clock, locks, events } = scene()
    const refused = Object.assign(new Error('its "ttl" is too short'), { code: 'invalid_argument' })
    const lock = lockOf({
      key: 'nightly',
      ttl: 9_000,
      port: () => ({ ...locks.port('nightly', 'one', 9_000), acquire: () => Promise.reject(refused) }),
      clock,
      onTelemetry: (event) => events.push(event),
    })
    expect(await lock.hold(async () => 1, { wait: 60_000 })).toMatchObject({
      left: {
        code: 'failed_precondition',
        reason: 'refused',
        message: 'the lock "nightly" is refused: its "ttl" is too short',
        cause: refused,
      },
    })
    expect(clock.now()).toBe(0)
    await clock.advance(10)
    expect(clock.pending).toBe(0)
    expect(events.map((event) => event.kind === 'lock.error' && event.operation)).toContain('acquire')
  })

  it('given the registry is not reached any more, then the signal aborts before another one gets it, and hold answers that it was lost', async () => {
    const { clock, lock, down, events } = scene()
    const [one, two] = [lock('one'), lock('two')]
    const first = work()
    const done = one.hold(first.run)
    await clock.advance(10)
    const held = await first.begun
    let takenAt = 0
    void two.hold(
      async () => {
        takenAt = clock.now()
      },
      { wait: 60_000 },
    )
    await clock.advance(1_000)
    down.is = true
    await clock.advance(2_200)
    expect(one.view()).toMatchObject({ status: 'held', error: new Error('connection reset') })
    down.is = false
    await clock.advance(800)
    expect(one.view()).toEqual({ key: 'nightly', status: 'held', token: 1n })
    down.is = true
    let lostAt = 0
    held.signal.addEventListener('abort', () => {
      lostAt = clock.now()
    })
    await clock.advance(7_500)
    expect([held.signal.aborted, held.signal.reason]).toEqual([true, expect.objectContaining({ reason: 'lost' })])
    expect(one.view().status).toBe('lost')
    down.is = false
    await clock.advance(10_000)
    // The last renewal left at 3.453 s: it lasts until 12.453, less the margin of a second.
    expect([lostAt, takenAt > 12_453]).toEqual([11_453, true])
    first.end('too late')
    await clock.advance(10)
    expect(await done).toMatchObject({ left: { reason: 'lost' } })
    expect(events).toContainEqual({
      kind: 'lock.transition',
      lock: 'nightly',
      from: 'held',
      to: 'lost',
      lost: 'expired',
    })
    expect(clock.pending).toBe(0)
  })

  it('given an answer that comes after what it grants is over, then nobody works with it, and it is asked for again', async () => {
    const { clock, locks } = scene()
    const slow = [8_500, 0]
    const lock = lockOf({
      key: 'nightly',
      ttl: 9_000,
      margin: 1_000,
      timeout: 20_000,
      port: () =>
        slowPort(locks.port('nightly', 'one', 9_000), clock, () => ({
          there: 0,
          back: slow.shift() ?? 0,
          lost: 'nothing',
        })),
      clock,
      onTelemetry: () => {},
    })
    const done = lock.hold(async ({ signal, remaining }) => [signal.aborted, remaining() > 7_000], { wait: 60_000 })
    await clock.advance(20_000)
    expect(await done).toEqual({ _tag: 'Right', right: [false, true] })
    expect(clock.now()).toBeGreaterThan(8_500)
  })

  it('given a call that heeds no signal and is answered when another one has got the lock, then the lock is kept', async () => {
    const { clock, locks, lock } = scene()
    const port = locks.port('nightly', 'one', 9_000)
    let calls = 0
    const acquire: typeof port.acquire = async (call) => {
      if (++calls === 1) await clock.sleep(5_000)
      return port.acquire(call)
    }
    const one = lockOf({
      key: 'nightly',
      ttl: 9_000,
      timeout: 1_000,
      port: () => ({ ...port, acquire }),
      clock,
      onTelemetry: () => {},
    })
    const first = work()
    const done = one.hold(first.run)
    await clock.advance(30_000)
    expect([calls, one.view().status]).toEqual([2, 'held'])
    const second = lock('two').hold(() => 2, { wait: 1_000 })
    await clock.advance(2_000)
    expect(await second).toMatchObject({ left: { reason: 'taken' } })
    first.end('done')
    await clock.advance(10)
    expect(await done).toMatchObject({ right: 'done' })
    expect(clock.pending).toBe(0)
  })

  it('given a call that heeds no signal and is answered when nobody waits any more, then it is given back', async () => {
    const { clock, locks, lock } = scene()
    const port = locks.port('nightly', 'one', 9_000)
    const acquire: typeof port.acquire = async (call) => {
      await clock.sleep(5_000)
      return port.acquire(call)
    }
    const one = lockOf({ key: 'nightly', ttl: 9_000, port: () => ({ ...port, acquire }), clock, onTelemetry: () => {} })
    const waited = one.hold(() => 1, { wait: 500 })
    await clock.advance(5_000)
    expect(await waited).toMatchObject({ left: { reason: 'unreachable' } })
    const second = lock('two').hold(() => 2)
    await clock.advance(500)
    expect(await second).toEqual({ _tag: 'Right', right: 2 })
  })

  it('given many who use the same value, then they come one after the other, in order', async () => {
    const { clock, lock } = scene()
    const one = lock('one')
    const log: string[] = []
    const all = ['a', 'b', 'c'].map((name) =>
      one.hold(async () => {
        log.push(name)
        await clock.sleep(1_000)
        log.push(name.toUpperCase())
      }),
    )
    await clock.advance(5_000)
    expect(await Promise.all(all)).toMatchObject([{ _tag: 'Right' }, { _tag: 'Right' }, { _tag: 'Right' }])
    expect(log).toEqual(['a', 'A', 'b', 'B', 'c', 'C'])
    expect(clock.pending).toBe(0)
  })

  it('given a signal that aborts, then who waits waits no longer, in line or for others, and who works is told', async () => {
    const { clock, lock } = scene()
    const [one, two] = [lock('one'), lock('two')]
    const first = work()
    const stop = new AbortController()
    const working = one.hold(first.run, { signal: stop.signal })
    await clock.advance(10)
    const inLine = one.hold(first.run, { signal: stop.signal })
    const waiting = two.hold(first.run, { signal: stop.signal })
    const never = two.hold(first.run, { signal: AbortSignal.abort() })
    await clock.advance(10)
    const held = await first.begun
    stop.abort()
    await clock.advance(10)
    const cancelled = { left: { _tag: 'NotHeld', code: 'cancelled', reason: 'cancelled' } }
    expect([await inLine, await waiting, await never]).toMatchObject([cancelled, cancelled, cancelled])
    expect(held.signal.reason).toMatchObject(cancelled.left)
    // It is kept until the work has ended, however long that takes.
    await clock.advance(60_000)
    expect(one.view().status).toBe('held')
    first.end('stopped')
    await clock.advance(10)
    expect(await working).toEqual({ _tag: 'Right', right: 'stopped' })
    expect(clock.pending).toBe(0)
  })

  it('given it is disposed, then who works is told and waited for, but not for ever, and nobody gets it any more', async () => {
    const { clock, lock } = scene()
    const one = lock('one', { drainTimeout: 3_000 })
    const first = work()
    const working = one.hold(first.run)
    await clock.advance(10)
    let over = 0
    void one[Symbol.asyncDispose]().then(() => {
      over = clock.now()
    })
    await clock.advance(10_000)
    expect([over, (await first.begun).signal.aborted]).toEqual([3_010, true])
    expect(await one.hold(first.run)).toMatchObject({ left: { reason: 'closed' } })
    // Its work goes on, so it is not given back; it is not renewed either.
    const second = lock('two').hold(async () => clock.now(), { wait: 30_000 })
    await clock.advance(20_000)
    expect(await second).toMatchObject({ _tag: 'Right' })
    first.end('late')
    await clock.advance(10)
    expect(await working).toMatchObject({ _tag: 'Right' })
    expect([one.view().status, clock.pending]).toEqual(['closed', 0])
  })

  it('given work that throws, then hold rejects with that, and the lock is free', async () => {
    const { clock, lock } = scene()
    const one = lock('one')
    const thrown = one.hold(() => {
      throw new Error('no database')
    })
    thrown.catch(() => {})
    await clock.advance(10)
    await expect(thrown).rejects.toThrow('no database')
    expect([one.view(), clock.pending]).toEqual([{ key: 'nightly', status: 'idle' }, 0])
  })

  it('given bad options, then the error names them', async () => {
    const { lock } = scene()
    expect(() => lock('one', { margin: 5_000 })).toThrow(
      'lock nightly: "margin" must be a number of at least 0 and of at most 4500',
    )
    expect(() => lock('one', { tll: 1 } as never)).toThrow('there is no option "tll"')
    expect(() => lock('one', { retry: 1 as never })).toThrow('"retry.next" must be a function')
    await expect(lock('one').hold(7 as never)).rejects.toThrow('"work" must be a function')
    await expect(lock('one').hold(() => 1, { wait: Number.NaN })).rejects.toThrow('"wait"')
  })
})
