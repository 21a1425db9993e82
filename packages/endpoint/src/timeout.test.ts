import { describe, expect, it } from 'vitest'
import {
  background,
  chain,
  type Endpoint,
  endpoint,
  fail,
  lastingDeadline,
  ok,
  onEnding,
  run,
  type Stream,
  stream,
  type Telemetry,
  timeout,
  withCancel,
  withDeadline,
  withTimeout,
} from './index.ts'
import { virtualClock } from './testing.ts'

const late = { _tag: 'Left', left: { _tag: 'DeadlineExceeded', code: 'deadline_exceeded' } }

describe('timeout', () => {
  it('given an answer in time, then it is the result, and no timer is left', async () => {
    const clock = virtualClock()
    const quick = timeout(50)(endpoint((n: number) => ok(n + 1)))
    expect(await run(quick, 1, background({ clock }))).toEqual(ok(2))
    expect(clock.pending).toBe(0)
  })

  it('given no answer, then DeadlineExceeded comes at the deadline, which what is inside has seen, and its signal aborts', async () => {
    const clock = virtualClock(1_000)
    const seen: unknown[] = []
    const hangs = endpoint((_: undefined, ctx): Promise<never> => {
      seen.push(ctx.deadline)
      onEnding(ctx, (why) => seen.push(why._tag))
      return new Promise(() => {})
    })
    let outcome: unknown
    void run(timeout(50)(hangs), undefined, background({ clock })).then((o) => {
      outcome = o
    })
    await clock.advance(49)
    expect([outcome, seen]).toEqual([undefined, [1_050]])
    await clock.advance(1)
    expect(outcome).toMatchObject(late)
    expect(seen).toEqual([1_050, 'DeadlineExceeded'])
    expect(clock.pending).toBe(0)
  })

  it('given a caller whose deadline is earlier, then that one counts; given it has passed, then nothing inside runs', async () => {
    const clock = virtualClock()
    let ran = 0
    const hangs = endpoint((_: undefined): Promise<never> => {
      ran++
      return new Promise(() => {})
    })
    const { ctx } = withTimeout(background({ clock }), 10)
    let outcome: unknown
    void run(timeout(50)(hangs), undefined, ctx).then((o) => {
      outcome = o
    })
    await clock.advance(10)
    expect(outcome).toMatchObject(late)
    expect(await run(timeout(50)(hangs), undefined, ctx)).toMatchObject(late)
    expect(ran).toBe(1)
  })

  it('given a late answer, then it is dropped and reported with how late it was, and what it failed with', async () => {
    const clock = virtualClock()
    const events: Telemetry[] = []
    const busy = fail({ _tag: 'Busy', code: 'unavailable', message: 'come back later' } as const)
    for (const answer of [ok('a value that nobody is shown'), busy]) {
      const slow = endpoint(async (_: undefined) => {
        await clock.sleep(80)
        return answer
      })
      let outcome: unknown
      const limited = timeout(50, { onTelemetry: (event) => events.push(event) })(slow)
      void run(limited, undefined, background({ clock })).then((o) => {
        outcome = o
      })
      await clock.advance(80)
      expect(outcome).toMatchObject(late)
    }
    expect(events).toEqual([
      { kind: 'timeout.late', method: undefined, late: 30 },
      { kind: 'timeout.late', method: undefined, late: 30, failure: busy.left },
    ])
  })

  it('given a caller who gives up, then what is inside hears it', async () => {
    const clock = virtualClock()
    const scope = withCancel(background({ clock }))
    const cancels = endpoint(
      (_: undefined, ctx) =>
        new Promise<ReturnType<typeof ok<string>>>((resolve) => onEnding(ctx, (why) => resolve(ok(why._tag)))),
    )
    const answer = run(timeout(50)(cancels), undefined, scope.ctx)
    scope.cancel()
    expect(await answer).toEqual(ok('Cancelled'))
    expect(clock.pending).toBe(0)
  })

  it('given a stream that opened in time, then it may go on past the timeout, and closes what it held when it ends', async () => {
    const clock = virtualClock()
    const ended: string[] = []
    const ticks: Endpoint<undefined, Stream<number>> = endpoint((_: undefined, ctx) => {
      onEnding(ctx, (why) => ended.push(why._tag))
      return ok(
        stream(
          (async function* () {
            yield ok(1)
            await clock.sleep(200)
            yield ok(2)
          })(),
        ),
      )
    })
    const opened = await run(timeout(50)(ticks), undefined, background({ clock }))
    if (opened._tag === 'Left') throw new Error('did not open')
    const items: unknown[] = []
    const reading = (async () => {
      for await (const item of opened.right) items.push(item)
    })()
    await clock.advance(300)
    await reading
    expect(items).toEqual([ok(1), ok(2)])
    expect(ended).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('given timeouts around it, when it asks how long its stream may last, then only the deadlines that stay count', async () => {
    const clock = virtualClock()
    const seen: number[] = []
    const asked = endpoint((_: unknown, ctx) => {
      seen.push(lastingDeadline(ctx), lastingDeadline(withDeadline(ctx, 20).ctx), lastingDeadline(withCancel(ctx).ctx))
      return ok()
    })
    const deadlines = [Number.POSITIVE_INFINITY, 100, 10]
    for (const deadline of deadlines) {
      await run(chain(timeout(70), timeout(50))(asked), undefined, background({ clock, deadline }))
      const { ctx } = withDeadline(background({ clock, deadline }), 90)
      await run(timeout(50)(asked), undefined, ctx)
    }
    const inf = Number.POSITIVE_INFINITY
    expect(seen).toEqual([inf, 20, inf, 90, 20, 90, 100, 20, 100, 90, 20, 90, 10, 10, 10, 10, 10, 10])
  })

  it('given 0, less, or no number, then it is refused at once; unbounded adds nothing', () => {
    for (const bad of [0, -1, Number.NaN, '5' as never, undefined as never])
      expect(() => timeout(bad)).toThrow("timeout: milliseconds above 0, or 'unbounded', and not")
    const inner = endpoint(() => ok())
    expect(timeout('unbounded')(inner)).toBe(inner)
    expect(chain(timeout(5))(inner)).not.toBe(inner)
  })
})
