import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  background,
  type Context,
  type DeadlineExceeded,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  type Outcome,
  ok,
  run,
  type Stream,
  type StreamTimeoutOptions,
  stream,
  streamTimeout,
} from './index.ts'
import { virtualClock } from './testing.ts'

const broke: Failure<'Broke', 'unavailable'> = { _tag: 'Broke', code: 'unavailable', message: '' }
type Source = (ctx: Context) => AsyncIterable<Outcome>

function setUp(options: StreamTimeoutOptions, source: Source) {
  const clock = virtualClock()
  const opening = endpoint((_: unknown, ctx) => ok(stream(source(ctx) as AsyncIterable<never>)))
  const ctx = background({ clock })
  const open = async (): Promise<AsyncIterator<Outcome>> => {
    const opened = await run(streamTimeout(options)(opening), undefined, ctx)
    return opened._tag === 'Right' ? opened.right[Symbol.asyncIterator]() : expect.unreachable()
  }
  return { clock, open }
}
/** Makes an item after each of these milliseconds. */
const every = (clock: () => ReturnType<typeof virtualClock>, waits: readonly number[], log: string[] = []): Source =>
  async function* (ctx) {
    try {
      for (const [n, ms] of waits.entries()) {
        await clock().sleep(ms, ctx.signal)
        if (ctx.signal.aborted) log.push(`told ${(ctx.signal.reason as Failure)._tag}`)
        yield ok(n)
      }
    } finally {
      log.push('closed')
    }
  }
async function all(items: AsyncIterator<Outcome>): Promise<unknown[]> {
  const read: unknown[] = []
  for (let step = await items.next(); step.done !== true; step = await items.next())
    read.push(step.value._tag === 'Right' ? step.value.right : step.value.left)
  return read
}

describe('streamTimeout', () => {
  it.each<[string, StreamTimeoutOptions, number[], unknown[]]>([
    ['items that come in time', { first: 101, between: 51, total: 500 }, [100, 50, 50], [0, 1, 2]],
    ['a first item that is late', { first: 99, between: 500 }, [100], [late('no first item within 99 ms')]],
    ['an item that is late', { first: 500, between: 50 }, [100, 49, 51], [0, 1, late('no item within 50 ms')]],
    [
      'a stream that lasts too long',
      { total: 120 },
      [50, 50, 50],
      [0, 1, late('the stream was not over after 120 ms')],
    ],
    ['a limit that is not given', { between: 11 }, [5_000, 10], [0, 1]],
  ])(
    'given %s, then it is read to its end, or to DeadlineExceeded, and its source is told and closed',
    async (_, options, waits, expected) => {
      const log: string[] = []
      const { clock, open } = setUp(options, (ctx) => every(() => clock, waits, log)(ctx))
      const read = all(await open())
      await clock.advance(10_000)
      expect(await read).toEqual(expected)
      const lateAt = expected.some((item) => typeof item === 'object')
      expect(log).toEqual(lateAt ? ['told DeadlineExceeded', 'closed'] : ['closed'])
      expect(clock.pending).toBe(0)
    },
  )

  it('given a reader that takes its time, then only the waiting for items counts, and the total', async () => {
    const { clock, open } = setUp({ first: 10, between: 10, total: 1_000 }, (ctx) => every(() => clock, [0, 0, 0])(ctx))
    const items = await open()
    for (let n = 0; n < 2; n++) {
      await clock.advance(400)
      const next = items.next()
      await clock.advance(0)
      expect((await next).value).toEqual(ok(n))
    }
    await clock.advance(200)
    expect((await items.next()).value).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    expect((await items.next()).done).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('given a source that hangs and does not listen, then the reader hears in time all the same', async () => {
    const { clock, open } = setUp({ between: 50 }, async function* () {
      yield ok(1)
      await new Promise(() => {})
    })
    const read = all(await open())
    await clock.advance(50)
    expect(await read).toMatchObject([1, { _tag: 'DeadlineExceeded' }])
  })

  it('given a stream that fails, or a reader that stops, then no timer is left', async () => {
    const failing = setUp({ first: 50, total: 500 }, async function* () {
      yield fail(broke)
    })
    expect(await all(await failing.open())).toEqual([broke])
    expect(failing.clock.pending).toBe(0)
    const log: string[] = []
    const stopped = setUp({ first: 50, total: 500 }, (ctx) => every(() => stopped.clock, [0, 100], log)(ctx))
    const items = await stopped.open()
    const next = items.next()
    await stopped.clock.advance(0)
    await next
    await items.return?.()
    expect(log).toEqual(['closed'])
    expect(stopped.clock.pending).toBe(0)
  })

  it('given an endpoint that does not open, then its failure is the answer', async () => {
    const closed = endpoint(() => (Math.random() < 2 ? fail(broke) : ok(stream((async function* () {})()))))
    expect(await run(streamTimeout({ first: 1 })(closed), undefined, background())).toEqual(fail(broke))
  })

  it('given its limits, then a bad one is a TypeError', () => {
    expect(() => streamTimeout({})).toThrow('streamTimeout: give one of first, between and total')
    for (const bad of [0, -1, Number.NaN, '5' as never])
      expect(() => streamTimeout({ between: bad })).toThrow('streamTimeout: between is milliseconds above 0')
  })

  it('given an endpoint, then the failures of its stream grow, and its own do not', () => {
    const watch = null as unknown as Endpoint<string, Stream<number, typeof broke>, typeof broke, { user: string }>
    expectTypeOf(streamTimeout({ first: 1 })<string, number, typeof broke, typeof broke, { user: string }>)
      .parameter(0)
      .toEqualTypeOf(watch)
    expectTypeOf(() => streamTimeout({ first: 1 })(watch)).returns.toEqualTypeOf<
      Endpoint<string, Stream<number, typeof broke | DeadlineExceeded>, typeof broke, { user: string }>
    >()
  })
})

function late(message: string): DeadlineExceeded {
  return { _tag: 'DeadlineExceeded', code: 'deadline_exceeded', message }
}
