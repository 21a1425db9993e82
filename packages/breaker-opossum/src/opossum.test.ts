import type { CircuitOpen } from '@tenon/breaker'
import {
  type BreakerTransition,
  background,
  call,
  chain,
  type Endpoint,
  endpoint,
  type Fail,
  type Failure,
  fail,
  type Middleware,
  type Ok,
  observe,
  ok,
  withCancel,
} from '@tenon/endpoint'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { type OpossumOptions, opossum } from './opossum.ts'

// opossum knows no other clock than the system's. What has timers of its own and outlives a test stays out of here.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const down: Failure = { _tag: 'Down', code: 'unavailable', message: '' }
type Answer = Ok<string> | Fail<Failure>

function setUp(options: OpossumOptions<string> = {}) {
  const transitions: string[] = []
  const script = { answer: (input: string): Answer | Promise<Answer> => ok(input), calls: 0 }
  const tested = opossum<string>({
    volumeThreshold: 4,
    onTelemetry: (event) => {
      const { breaker, key, from, to } = event as BreakerTransition
      transitions.push(`${breaker} ${key}: ${from} ${to}`)
    },
    ...options,
  })
  const wrapped: Endpoint<string, string, Failure | CircuitOpen> = tested(
    endpoint((input: string) => {
      script.calls++
      return script.answer(input)
    }),
  )
  const send = async (input = 'x', times = 1): Promise<string> => {
    let last = 'ok'
    for (let i = 0; i < times; i++) {
      const outcome = await call(wrapped, input)
      last = outcome._tag === 'Left' ? outcome.left._tag : 'ok'
    }
    return last
  }
  return { tested, wrapped, script, transitions, send }
}
/** A call that ends when the test says so. */
function pending(): { readonly answer: Promise<Answer>; readonly end: (answer: Answer) => void } {
  let end: (answer: Answer) => void = () => {}
  const answer = new Promise<Answer>((resolve) => {
    end = resolve
  })
  return { answer, end }
}

describe('opossum', () => {
  it('given more than half of the calls fail, then it opens for 30 s, and one good probe closes it; others are refused meanwhile', async () => {
    const t = setUp()
    await t.send('x', 2)
    t.script.answer = () => fail(down)
    await t.send('x', 2)
    expect(t.tested.state()).toBe('closed')
    expect(await t.send()).toBe('Down')
    expect(t.tested.states()).toEqual([{ key: '', state: 'open', retryAfter: 30_000 }])
    const refused = await call(t.wrapped, 'x')
    expect(refused).toEqual(
      fail({ _tag: 'CircuitOpen', code: 'unavailable', message: 'the circuit is open', retryAfter: 30_000 }),
    )
    expect(t.script.calls).toBe(5)
    vi.advanceTimersByTime(30_000)
    expect(t.tested.state()).toBe('halfOpen')
    const probe = pending()
    t.script.answer = () => probe.answer
    const sent = t.send()
    expect(await t.send()).toBe('CircuitOpen')
    probe.end(ok('x'))
    expect([await sent, t.tested.state()]).toEqual(['ok', 'closed'])
    expect(t.transitions).toEqual(['breaker : closed open', 'breaker : open halfOpen', 'breaker : halfOpen closed'])
    t.tested[Symbol.dispose]()
  })

  it('given a failing probe, then it is open for as long again', async () => {
    const t = setUp({ resetTimeout: 1_000 })
    t.script.answer = () => fail(down)
    await t.send('x', 4)
    vi.advanceTimersByTime(1_000)
    expect([await t.send(), t.tested.state()]).toEqual(['Down', 'open'])
    vi.advanceTimersByTime(999)
    expect(t.tested.state()).toBe('open')
    vi.advanceTimersByTime(1)
    expect(t.tested.state()).toBe('halfOpen')
    t.tested[Symbol.dispose]()
  })

  it('given the first call fails, then it stays closed: opossum alone opens', async () => {
    const t = setUp({ volumeThreshold: 20 })
    t.script.answer = () => fail(down)
    expect([await t.send('x', 19), t.tested.state()]).toEqual(['Down', 'closed'])
    t.tested[Symbol.dispose]()
  })

  it('given calls under way and calls refused, then they do not count: opossum counts them', async () => {
    const t = setUp()
    const slow = pending()
    t.script.answer = () => slow.answer
    const waiting = Array.from({ length: 100 }, () => t.send())
    t.script.answer = () => fail(down)
    await t.send('x', 4)
    expect(t.tested.state()).toBe('open')
    await t.send('x', 1_000)
    vi.advanceTimersByTime(30_000)
    t.script.answer = (input) => ok(input)
    await t.send()
    t.script.answer = () => fail(down)
    await t.send('x', 4)
    expect(t.tested.state()).toBe('open')
    slow.end(ok('x'))
    await Promise.all(waiting)
    t.tested[Symbol.dispose]()
  })

  it('given it has closed again, then one failure does not open it: opossum keeps its window', async () => {
    const t = setUp()
    t.script.answer = () => fail(down)
    await t.send('x', 4)
    vi.advanceTimersByTime(30_000)
    t.script.answer = (input) => ok(input)
    await t.send()
    t.script.answer = () => fail(down)
    expect([await t.send(), t.tested.state()]).toEqual(['Down', 'closed'])
    t.tested[Symbol.dispose]()
  })

  it('given a call from before it opened, when it succeeds while half-open, then nothing closes: opossum would', async () => {
    const t = setUp()
    const late = pending()
    t.script.answer = () => late.answer
    const sent = t.send()
    t.script.answer = () => fail(down)
    await t.send('x', 4)
    vi.advanceTimersByTime(30_000)
    late.end(ok('x'))
    expect([await sent, t.tested.state()]).toEqual(['ok', 'halfOpen'])
    t.tested[Symbol.dispose]()
  })

  it('given a probe that hangs, then another gets its place after 10 s: opossum refuses for ever', async () => {
    const t = setUp()
    t.script.answer = () => fail(down)
    await t.send('x', 4)
    vi.advanceTimersByTime(30_000)
    const hung = pending()
    t.script.answer = () => hung.answer
    const sent = t.send()
    t.script.answer = (input) => ok(input)
    vi.advanceTimersByTime(9_999)
    expect(await t.send()).toBe('CircuitOpen')
    vi.advanceTimersByTime(1)
    expect([await t.send(), t.tested.state()]).toEqual(['ok', 'closed'])
    hung.end(fail(down))
    expect([await sent, t.tested.state()]).toEqual(['Down', 'closed'])
    t.tested[Symbol.dispose]()
  })

  it('given a cancelled call, a business failure or a classifier that throws, then none of them opens it, nor closes as a probe', async () => {
    const t = setUp({
      classify: (outcome) => {
        if (outcome._tag === 'Left' && outcome.left._tag === 'Odd') throw new Error('bang')
        return undefined
      },
    })
    using cancelled = withCancel(background())
    cancelled.cancel()
    for (let i = 0; i < 10; i++) await t.wrapped('x')(cancelled.ctx)()
    for (const [tag, code] of [
      ['OutOfStock', 'failed_precondition'],
      ['Odd', 'unavailable'],
      ['Gone', 'cancelled'],
    ] as const) {
      t.script.answer = () => fail({ _tag: tag, code, message: '' })
      await t.send('x', 10)
    }
    expect(t.tested.state()).toBe('closed')
    t.script.answer = () => fail(down)
    await t.send('x', 40)
    expect(t.tested.state()).toBe('open')
    vi.advanceTimersByTime(30_000)
    t.script.answer = () => fail({ _tag: 'Gone', code: 'cancelled', message: '' })
    expect([await t.send(), t.tested.state()]).toEqual(['Gone', 'halfOpen'])
    t.script.answer = (input) => ok(input)
    expect([await t.send(), t.tested.state()]).toEqual(['ok', 'closed'])
    t.tested[Symbol.dispose]()
  })

  it('given a handler that throws, then that is a failure; given a listener that throws, then nobody notices', async () => {
    const t = setUp({
      onTelemetry: () => {
        throw new Error('bang')
      },
    })
    t.script.answer = () => {
      throw new Error('broken')
    }
    expect([await t.send('x', 4), t.tested.state()]).toEqual(['Defect', 'open'])
    t.tested[Symbol.dispose]()
  })

  it('given keys, then each has its own circuit, bounded in number; disposed, no timer is left', async () => {
    const timers = vi.getTimerCount()
    const t = setUp({ by: (_, input) => input, maxKeys: 2 })
    t.script.answer = () => fail(down)
    await t.send('a', 4)
    await t.send('b')
    expect([t.tested.state('a'), t.tested.state('b'), await t.send('b')]).toEqual(['open', 'closed', 'Down'])
    await t.send('c')
    // An open one is worth remembering; where all are, one of them goes, and nobody goes on believing that it is open.
    expect(t.tested.states().map(({ key }) => key)).toEqual(['a', 'c'])
    await t.send('c', 3)
    await t.send('d')
    expect(t.transitions).toEqual(['breaker a: closed open', 'breaker c: closed open', 'breaker a: open closed'])
    t.tested[Symbol.dispose]()
    t.tested[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(timers)
  })

  it('given it is one of several steps, then it fuses and fits like `breaker`; its type says what it adds', async () => {
    const t = setUp()
    const place = chain(
      observe(() => undefined),
      t.tested,
    )(endpoint((sku: string) => ok(sku)))
    expect(await call(place, 'oak')).toEqual(ok('oak'))
    expectTypeOf(t.tested).toExtend<Middleware<CircuitOpen, unknown, unknown, string>>()
    // @ts-expect-error: the failure would be lost
    const lost: Middleware = opossum()
    expect(typeof lost).toBe('function')
    t.tested[Symbol.dispose]()
  })

  it('given bad options, then the error names them', () => {
    const wrong = (options: object) => () => opossum(options)
    expect(wrong({ errorThresholdPercentage: 100 })).toThrow('opossum: "errorThresholdPercentage" must be below 100')
    expect(wrong({ volumeThreshold: -1 })).toThrow('"volumeThreshold"')
    expect(wrong({ resetTimeout: 0 })).toThrow('"resetTimeout"')
    expect(wrong({ rollingCountTimeout: 0 })).toThrow('"rollingCountTimeout"')
    expect(wrong({ rollingCountBuckets: 0 })).toThrow('"rollingCountBuckets"')
    expect(wrong({ allowWarmUp: 1 })).toThrow('"allowWarmUp"')
    expect(wrong({ probeTimeout: 0 })).toThrow('"probeTimeout"')
    expect(wrong({ by: 'key' })).toThrow('"by" must be a function')
    expect(wrong({ maxKeys: 0 })).toThrow('"maxKeys"')
    expect(wrong({ timeout: 100 })).toThrow('"timeout"')
  })
})
