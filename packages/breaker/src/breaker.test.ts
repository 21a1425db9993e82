import {
  type BreakerTransition,
  background,
  byMethod,
  type Code,
  type Context,
  call,
  chain,
  type Endpoint,
  endpoint,
  type Fail,
  type Failure,
  fail,
  guard,
  listenerFailures,
  type MethodInfo,
  type Middleware,
  mapMethods,
  type Ok,
  type Outcome,
  observe,
  ok,
  pass,
  type Stream,
  stream,
  subscribe,
  withCancel,
} from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { breaker } from './breaker.ts'
import { consecutive } from './consecutive.ts'
import type { CircuitOpen } from './failure.ts'
import { type Preset, presets } from './presets.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'

const failing = (code: Code, tag = 'Broken'): Failure => ({ _tag: tag, code, message: '' })
const down = failing('unavailable')
const method = (name: string, contract = 'shop.Orders'): MethodInfo => ({
  contract,
  name,
  kind: 'unary',
  idempotent: false,
})

/** An endpoint that answers what the test says, and counts. */
interface Script {
  /** What it answers: a failure, what the function answers, or its input. */
  answer: (() => unknown) | Failure | undefined
  calls: number
  readonly it: Endpoint<string, string, Failure>
}
function scripted(): Script {
  const answered = (input: string): unknown => {
    script.calls++
    if (typeof script.answer === 'function') return script.answer()
    return script.answer === undefined ? ok(input) : fail(script.answer)
  }
  const script: Script = {
    answer: undefined,
    calls: 0,
    it: endpoint<string, Ok<string> | Fail<Failure>>(answered as never),
  }
  return script
}
const tagOf = (outcome: Outcome): string => (outcome._tag === 'Left' ? outcome.left._tag : 'ok')

/** A breaker that opens at the first failure, on a clock of the test's. */
function setUp(options: Parameters<typeof breaker<string>>[0] = {}) {
  const clock = virtualClock()
  const script = scripted()
  const transitions: BreakerTransition[] = []
  const tested = breaker<string>({
    detector: consecutive({ failures: 1 }),
    recovery: probes(),
    clock,
    onTelemetry: (event) => event.kind === 'breaker.transition' && transitions.push(event),
    ...options,
  })
  const wrapped = tested(script.it)
  return { clock, script, tested, wrapped, transitions, send: async (input = 'x') => tagOf(await call(wrapped, input)) }
}

describe('breaker', () => {
  it('CB-1: given many successes, then all pass', async () => {
    const t = setUp()
    for (let i = 0; i < 100; i++) expect(await t.send()).toBe('ok')
    expect(t.script.calls).toBe(100)
  })

  it("CB-2 CB-3 CB-4 B13: given the threshold is passed, then the first failures are the endpoint's own, later calls are CircuitOpen and it is not invoked", async () => {
    const t = setUp({ detector: consecutive({ failures: 6 }) })
    t.script.answer = down
    for (let i = 0; i < 6; i++) expect(await t.send()).toBe('Broken')
    const refused = await call(t.wrapped, 'x')
    expect(refused).toEqual({
      _tag: 'Left',
      left: { _tag: 'CircuitOpen', code: 'unavailable', message: 'the circuit is open', retryAfter: 5_000 },
    })
    expect(t.script.calls).toBe(6)
  })

  it('CB-5: given business failures only, then it never opens', async () => {
    const t = setUp()
    t.script.answer = failing('failed_precondition', 'OutOfStock')
    for (let i = 0; i < 50; i++) expect(await t.send()).toBe('OutOfStock')
  })

  it('given nothing is asked for, when all calls fail, then it opens within 25 for 5 s, and seven good probes close it', async () => {
    const clock = virtualClock()
    const script = scripted()
    const tested = breaker({ clock })
    const wrapped = tested(script.it)
    // 100 calls a second.
    const send = async (): Promise<void> => {
      await clock.advance(10)
      await call(wrapped, '')
    }
    for (let i = 0; i < 1_000; i++) await send()
    script.answer = down
    let failures = 0
    for (; tested.state() === 'closed'; failures++) await send()
    expect(failures).toBeGreaterThan(15)
    expect(failures).toBeLessThanOrEqual(25)
    expect(tested.states()).toEqual([{ key: '', state: 'open', retryAfter: 5_000 }])
    script.answer = undefined
    await clock.advance(5_000)
    for (let i = 0; i < 7; i++) {
      expect(tested.state()).toBe('halfOpen')
      expect(tagOf(await call(wrapped, ''))).toBe('ok')
    }
    expect(tested.states()).toEqual([{ key: '', state: 'closed', retryAfter: 0 }])
  })

  it('B49: given a handler that throws, rejects or answers undefined, then a Defect comes out, and counts as a failure', async () => {
    const answers = [
      () => {
        throw new Error('bang')
      },
      () => Promise.reject(new Error('bang')),
      () => undefined,
    ]
    for (const answer of answers) {
      const t = setUp()
      t.script.answer = answer
      expect(await t.send()).toBe('Defect')
      expect(t.tested.state()).toBe('open')
    }
  })

  it('B46: given each transition, then telemetry has it once, with name, key, from and to', async () => {
    const t = setUp({ name: 'stock' })
    t.script.answer = down
    await t.send()
    await t.send()
    await t.clock.advance(5_000)
    t.tested.states()
    await t.send()
    await t.clock.advance(5_000)
    t.script.answer = undefined
    await t.send()
    await t.send()
    expect(t.transitions.map(({ breaker, key, from, to }) => [breaker, key, from, to])).toEqual([
      ['stock', '', 'closed', 'open'],
      ['stock', '', 'open', 'halfOpen'],
      ['stock', '', 'halfOpen', 'open'],
      ['stock', '', 'open', 'halfOpen'],
      ['stock', '', 'halfOpen', 'closed'],
    ])
  })

  it('given a listener that throws, when it opens, probes and closes, then no call is disturbed (opossum: never settles)', async () => {
    const before = listenerFailures()
    const t = setUp({
      onTelemetry: () => {
        throw new Error('listener')
      },
    })
    t.script.answer = down
    expect(await t.send()).toBe('Broken')
    expect(await t.send()).toBe('CircuitOpen')
    t.script.answer = undefined
    await t.clock.advance(5_000)
    expect(await t.send()).toBe('ok')
    expect(t.tested.state()).toBe('closed')
    expect(listenerFailures() - before).toBe(3)
  })

  it('given no listener of its own, then the diagnostics channel has the transition', async () => {
    const seen: unknown[] = []
    const listening = subscribe((event) => void seen.push(event), ['breaker.transition'])
    const tested = breaker({ detector: consecutive({ failures: 1 }), name: 'channelled' })
    await call(tested(endpoint(() => fail(down), method('place'))), undefined)
    listening[Symbol.dispose]()
    expect(seen).toEqual([{ kind: 'breaker.transition', breaker: 'channelled', key: '', from: 'closed', to: 'open' }])
  })

  it('given no name, then it is called after its method, after the contract where it wraps several, or breaker', async () => {
    const named = async (...methods: (MethodInfo | undefined)[]): Promise<string | undefined> => {
      let name: string | undefined
      const tested = breaker({
        detector: consecutive({ failures: 1 }),
        onTelemetry: (event) => {
          if (event.kind === 'breaker.transition') name = event.breaker
        },
      })
      const [first] = methods.map((info) => tested(endpoint(() => fail(down), info)))
      if (first !== undefined) await call(first, undefined)
      return name
    }
    expect(await named(method('place'))).toBe('shop.Orders/place')
    expect(await named(method('place'), method('get'))).toBe('shop.Orders')
    expect(await named(method('place'), method('get', 'shop.Stock'))).toBe('breaker')
    expect(await named(undefined)).toBe('breaker')
  })

  it('given one breaker over several methods, then they share a circuit; by byMethod each has its own', async () => {
    const bad = endpoint((_: unknown) => fail(down), method('place'))
    const good = endpoint((_: unknown) => ok(1), method('get'))
    const make = (): Middleware<CircuitOpen> => breaker({ detector: consecutive({ failures: 1 }) })
    const shared = mapMethods({ bad, good }, make())
    await call(shared.bad, undefined)
    expect(tagOf(await call(shared.good, undefined))).toBe('CircuitOpen')
    const apart = mapMethods({ bad, good }, byMethod(make))
    await call(apart.bad, undefined)
    expect(tagOf(await call(apart.good, undefined))).toBe('ok')
  })

  it('given one options object for two breakers, then it is not changed and nothing is shared (opossum shares caches)', async () => {
    const options = Object.freeze({ ...presets.gobreaker, detector: consecutive({ failures: 1 }) })
    const [one, other] = [breaker(options), breaker(options)]
    await call(one(endpoint(() => fail(down))), undefined)
    expect([one.state(), other.state()]).toEqual(['open', 'closed'])
  })

  it('given a breaker in any state, then it holds no timer', async () => {
    const t = setUp()
    t.script.answer = down
    await t.send()
    await t.send()
    expect(t.clock.pending).toBe(0)
  })

  it('given a probe under way, when others call, then they are refused at once (cockatiel makes them wait)', async () => {
    const t = setUp()
    t.script.answer = down
    await t.send()
    await t.clock.advance(5_000)
    let end: (answer: unknown) => void = () => {}
    t.script.answer = () => new Promise((resolve) => (end = resolve))
    const probe = t.send()
    expect(await Promise.all([t.send(), t.send(), t.send()])).toEqual(['CircuitOpen', 'CircuitOpen', 'CircuitOpen'])
    end(ok('x'))
    expect(await probe).toBe('ok')
    expect(t.tested.state()).toBe('closed')
  })

  it('given a call of before it opened, when it succeeds while half-open, then it does not close (opossum#381)', async () => {
    const t = setUp()
    let end: (answer: unknown) => void = () => {}
    t.script.answer = () => new Promise((resolve) => (end = resolve))
    const slow = t.send()
    t.script.answer = down
    await t.send()
    await t.clock.advance(5_000)
    end(ok('x'))
    expect(await slow).toBe('ok')
    expect(t.tested.state()).toBe('halfOpen')
    expect(t.transitions).toHaveLength(1)
  })

  it('given old failures, when minutes later one call fails, then the window is empty (cockatiel turns one bucket a call)', async () => {
    const t = setUp({ detector: ratio({ window: 10_000, minimum: 10 }) })
    t.script.answer = down
    for (let i = 0; i < 9; i++) await t.send()
    await t.clock.advance(600_000)
    await t.send()
    expect(t.tested.state()).toBe('closed')
  })

  it('given the very first call fails, then the default does not open (opossum does)', async () => {
    const tested = breaker()
    await call(tested(endpoint(() => fail(down))), undefined)
    expect(tested.state()).toBe('closed')
  })

  it('given 2.5 calls a second, when 20 in a row fail, then open: the minimum is in calls (cockatiel derives 100 failures)', async () => {
    const t = setUp({ detector: ratio({ minimum: 20 }) })
    t.script.answer = down
    for (let i = 0; i < 20; i++) {
      await t.clock.advance(400)
      await t.send()
    }
    expect(t.tested.state()).toBe('open')
  })
})

describe('classification', () => {
  it('given the caller gives up, then it says nothing: neither does it open, nor as a probe close (opossum opens, Polly closes)', async () => {
    const t = setUp()
    const waiting = endpoint(
      (_: string, ctx: Context) =>
        new Promise<ReturnType<typeof fail<Failure>>>((resolve) =>
          ctx.signal.addEventListener('abort', () => resolve(fail(failing('cancelled', 'Cancelled')))),
        ),
    )
    const cancelled = async (): Promise<string> => {
      const scope = withCancel(background())
      const outcome = t.tested(waiting)('x')(scope.ctx)()
      scope.cancel()
      return tagOf(await outcome)
    }
    expect(await cancelled()).toBe('Cancelled')
    expect(t.tested.state()).toBe('closed')
    t.script.answer = down
    await t.send()
    await t.clock.advance(5_000)
    expect(await cancelled()).toBe('Cancelled')
    expect(t.tested.state()).toBe('halfOpen')
    t.script.answer = undefined
    expect(await t.send()).toBe('ok')
    expect(t.tested.state()).toBe('closed')
  })

  it('given every code, then failures open, successes close a half-open one, ignored ones do neither', async () => {
    const expected: Record<Code, 'opens' | 'closes' | 'neither'> = {
      unavailable: 'opens',
      deadline_exceeded: 'opens',
      internal: 'opens',
      unknown: 'opens',
      data_loss: 'opens',
      invalid_argument: 'closes',
      not_found: 'closes',
      already_exists: 'closes',
      failed_precondition: 'closes',
      out_of_range: 'closes',
      aborted: 'closes',
      cancelled: 'neither',
      unauthenticated: 'neither',
      permission_denied: 'neither',
      resource_exhausted: 'neither',
      unimplemented: 'neither',
    }
    for (const [code, effect] of Object.entries(expected)) {
      const t = setUp()
      t.script.answer = failing(code as Code)
      await t.send()
      expect(t.tested.state(), code).toBe(effect === 'opens' ? 'open' : 'closed')
      t.script.answer = down
      await t.send()
      await t.clock.advance(5_000)
      t.script.answer = failing(code as Code)
      await t.send()
      expect(t.tested.state(), code).toBe(effect === 'opens' ? 'open' : effect === 'closes' ? 'closed' : 'halfOpen')
    }
  })

  it('given the refusals of our own policies further in, then they are ignored (opossum counts a full bulkhead as failures)', async () => {
    for (const tag of ['CircuitOpen', 'RateLimited', 'NoEndpoints', 'InProgress']) {
      const t = setUp()
      t.script.answer = failing('unavailable', tag)
      await t.send()
      expect(t.tested.state(), tag).toBe('closed')
    }
  })

  it('B51: given a table, then its tags go before its codes, and both before ours', async () => {
    const classify = {
      codes: { resource_exhausted: 'failure', unavailable: 'ignored' },
      tags: { Broken: 'success', constructor: 'failure' },
    } as const
    const verdicts = async (failure: Failure): Promise<string> => {
      const t = setUp({ classify })
      t.script.answer = failure
      await t.send()
      return t.tested.state()
    }
    expect(await verdicts(failing('resource_exhausted', 'Full'))).toBe('open')
    expect(await verdicts(failing('unavailable', 'Away'))).toBe('closed')
    expect(await verdicts(failing('internal', 'Broken'))).toBe('closed')
    expect(await verdicts(failing('not_found', 'constructor'))).toBe('open')
    expect(await verdicts(failing('not_found', 'toString'))).toBe('closed')
  })

  it('B28 B51: given a function, then it decides with outcome and context, and leaves to the table what it does not know', async () => {
    const seen: unknown[] = []
    const t = setUp({
      classify: (outcome, ctx) => {
        seen.push(ctx.metadata.get('x-test'))
        return outcome._tag === 'Right' && outcome.right === 'degraded' ? 'failure' : undefined
      },
    })
    await call(t.wrapped, 'fine', { metadata: { 'x-test': 'one' } })
    expect(t.tested.state()).toBe('closed')
    await call(t.wrapped, 'degraded', { metadata: { 'x-test': 'two' } })
    expect(t.tested.state()).toBe('open')
    expect(seen).toEqual(['one', 'two'])
    await t.clock.advance(5_000)
    t.script.answer = down
    await t.send()
    expect(t.tested.state()).toBe('open')
  })

  it('given a function that throws or answers rubbish, then the call is a Defect, it counts nowhere and a probe gives its place back (opossum: never settles)', async () => {
    let rubbish: () => unknown = () => undefined
    const t = setUp({ classify: () => rubbish() as undefined })
    t.script.answer = down
    await t.send()
    await t.clock.advance(5_000)
    for (const bad of [
      () => {
        throw new Error('classifier')
      },
      () => 'maybe',
    ]) {
      rubbish = bad
      expect(await t.send()).toBe('Defect')
      expect(t.tested.state()).toBe('halfOpen')
    }
    rubbish = () => 'success'
    expect(await t.send()).toBe('Broken')
    expect(t.tested.state()).toBe('closed')
  })
})

describe('a keyed breaker', () => {
  const keyed = (more: Parameters<typeof breaker<string>>[0] = {}) => setUp({ by: (_, input) => input, ...more })

  it('B7 B15: given two keys, when one fails, then the other passes; the same key has the same circuit', async () => {
    const t = keyed()
    t.script.answer = down
    await t.send('north')
    t.script.answer = undefined
    expect(await t.send('north')).toBe('CircuitOpen')
    expect(await t.send('south')).toBe('ok')
    expect(t.tested.states()).toEqual([
      { key: 'north', state: 'open', retryAfter: 5_000 },
      { key: 'south', state: 'closed', retryAfter: 0 },
    ])
    expect([t.tested.state('north'), t.tested.state('south'), t.tested.state('east')]).toEqual([
      'open',
      'closed',
      'closed',
    ])
    expect(t.transitions).toMatchObject([{ key: 'north', to: 'open' }])
  })

  it('given more keys than allowed, then the least recently used goes, and an open one stays', async () => {
    const t = keyed({ maxKeys: 100 })
    t.script.answer = down
    await t.send('bad')
    t.script.answer = undefined
    for (let i = 0; i < 1_000; i++) await t.send(`k${i}`)
    expect(t.tested.states()).toHaveLength(100)
    expect(t.tested.state('bad')).toBe('open')
    expect(await t.send('bad')).toBe('CircuitOpen')
  })

  it('given an open key that nobody calls, when `idle` has passed after its wait, then it is forgotten as well', async () => {
    const t = keyed({ idle: 60_000 })
    t.script.answer = down
    await t.send('gone')
    t.script.answer = undefined
    await t.send('other')
    await t.clock.advance(60_000)
    await t.send('x')
    expect(t.tested.states().map(({ key }) => key)).toEqual(['gone', 'x'])
    await t.clock.advance(65_000)
    await t.send('y')
    expect(t.tested.states().map(({ key }) => key)).toEqual(['y'])
    // Who counts open circuits by their transitions must not count this one for ever.
    expect(t.transitions).toMatchObject([
      { key: 'gone', from: 'closed', to: 'open' },
      { key: 'gone', from: 'open', to: 'closed' },
    ])
  })

  it('given a key that is forgotten while a call is under way, then its end disturbs nobody', async () => {
    const t = keyed({ maxKeys: 1 })
    let end: (answer: unknown) => void = () => {}
    t.script.answer = () => new Promise((resolve) => (end = resolve))
    const slow = t.send('old')
    t.script.answer = undefined
    await t.send('new')
    end(fail(down))
    expect(await slow).toBe('Broken')
    expect(t.tested.state('old')).toBe('closed')
    expect(t.transitions).toEqual([])
  })

  it('given `by` throws or answers no string, then the call is a Defect and is not made', async () => {
    for (const by of [
      () => {
        throw new Error('by')
      },
      () => undefined as never,
    ]) {
      const t = setUp({ by })
      expect(await t.send()).toBe('Defect')
      expect(t.script.calls).toBe(0)
    }
  })
})

describe('in a chain', () => {
  it('given steps on both sides, when the circuit is open, then those outside see CircuitOpen and those inside never start', async () => {
    const seen: string[] = []
    const watch = (name: string): Middleware =>
      observe(() => {
        seen.push(`${name} starts`)
        return (outcome) => void seen.push(`${name} ends ${tagOf(outcome)}`)
      })
    const t = setUp()
    const whole = chain(
      watch('outer'),
      guard(() => pass()),
      t.tested,
      watch('inner'),
    )(t.script.it)
    t.script.answer = down
    expect(tagOf(await call(whole, ''))).toBe('Broken')
    expect(tagOf(await call(whole, ''))).toBe('CircuitOpen')
    expect(seen).toEqual([
      'outer starts',
      'inner starts',
      'inner ends Broken',
      'outer ends Broken',
      'outer starts',
      'outer ends CircuitOpen',
    ])
  })

  it('given a chain of guards, observers and a breaker, then it is one layer: as many turns of the microtask queue as a single observer', async () => {
    const turns = async (wrap: Middleware<CircuitOpen>): Promise<number> => {
      let count = 0
      let over = false
      const answer = call(wrap(endpoint(async () => ok(1))), undefined).then(() => {
        over = true
      })
      while (!over) {
        await null
        count++
      }
      await answer
      return count
    }
    const quiet = observe(() => undefined)
    const alone = await turns(quiet)
    expect(
      await turns(
        chain(
          quiet,
          breaker(),
          guard(() => pass()),
          breaker(),
          quiet,
        ),
      ),
    ).toBe(alone)
  })

  it('given a refusal by what stands inside, then it is an outcome like any other', async () => {
    const t = setUp()
    const refusing = guard(() => fail(down))
    expect(tagOf(await call(chain(t.tested, refusing)(t.script.it), ''))).toBe('Broken')
    expect(t.tested.state()).toBe('open')
  })
})

describe('streams', () => {
  it('given a stream, then its outcome counts when it ends, not when it opens', async () => {
    async function* two() {
      yield ok(1)
      yield fail(down)
    }
    const tested = breaker({ detector: consecutive({ failures: 1 }) })
    const opened = await call(tested(endpoint(() => ok(stream(two())))), undefined)
    if (opened._tag === 'Left') throw new Error('opens')
    expectTypeOf(opened.right).toEqualTypeOf<Stream<number, Failure>>()
    expect(tested.state()).toBe('closed')
    const items: string[] = []
    for await (const item of opened.right) items.push(item._tag)
    expect(items).toEqual(['Right', 'Left'])
    expect(tested.state()).toBe('open')
  })
})

describe('presets', () => {
  const opensAfter = async (preset: Exclude<keyof typeof presets, 'byDependency'>, most: number): Promise<number> => {
    const t = setUp({ ...presets[preset] })
    t.script.answer = down
    for (let calls = 1; calls <= most; calls++) {
      await t.send()
      if (t.tested.state() === 'open') return calls
    }
    return Number.POSITIVE_INFINITY
  }

  it('given a total outage, then hystrix opens at call 20, gobreaker at 6 (B39), kitex at 200 (B19)', async () => {
    expect(await opensAfter('hystrix', 300)).toBe(20)
    expect(await opensAfter('gobreaker', 300)).toBe(6)
    expect(await opensAfter('kitex', 300)).toBe(200)
  })

  it('given a total outage, then lastHundred opens at call 20, halfOfAMinute at 10, kitexInstance at 200', async () => {
    expect(await opensAfter('lastHundred', 300)).toBe(20)
    expect(await opensAfter('halfOfAMinute', 300)).toBe(10)
    expect(await opensAfter('kitexInstance', 300)).toBe(200)
  })

  it('given lastHundred opened, when 3 s have passed, then one success closes it, and two failures open it again', async () => {
    const t = setUp({ ...presets.lastHundred })
    t.script.answer = down
    for (let i = 0; i < 20; i++) await t.send()
    await t.clock.advance(2_999)
    expect(await t.send()).toBe('CircuitOpen')
    await t.clock.advance(1)
    expect([await t.send(), t.tested.state(), await t.send(), t.tested.state()]).toEqual([
      'Broken',
      'halfOpen',
      'Broken',
      'open',
    ])
    await t.clock.advance(3_000)
    await t.send()
    t.script.answer = undefined
    expect([await t.send(), t.tested.state()]).toEqual(['ok', 'closed'])
  })

  it('given slowAndFailing, then slow alone and failing alone leave it closed, both for three stretches open it for 30, 60, 120 s', async () => {
    const t = setUp({ ...presets.slowAndFailing })
    let took = 10
    const run = async (seconds: number, failures: boolean): Promise<boolean> => {
      for (let i = 0; i < seconds * 10; i++) {
        t.script.answer = () => t.clock.sleep(took).then(() => (failures && i % 3 === 0 ? fail(down) : ok('')))
        const sent = t.send()
        await t.clock.advance(Math.max(100, took))
        await sent
        if (t.tested.state() === 'open') return true
      }
      return false
    }
    expect(await run(120, false)).toBe(false)
    expect(await run(60, true)).toBe(false)
    took = 25
    expect(await run(15, false)).toBe(false)
    expect(await run(120, true)).toBe(true)
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      const left = t.tested.states()[0]?.retryAfter ?? 0
      // The call that opened it ended some milliseconds ago.
      waits.push(Math.ceil(left / 1_000) * 1_000)
      await t.clock.advance(left)
      t.script.answer = down
      await t.send()
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 120_000])
    await t.clock.advance(120_000)
    t.script.answer = undefined
    for (let i = 0; i < 5; i++) expect([t.tested.state(), await t.send()]).toEqual(['halfOpen', 'ok'])
    expect(t.tested.state()).toBe('closed')
  })

  it('B7 B13 B14 B15: given aegis and kratos by operation, when one of two fails, then the other one goes on', async () => {
    for (const preset of [presets.aegis, presets.kratos]) {
      const t = setUp({ ...preset, by: (_, input) => input, random: () => 0 })
      t.script.answer = down
      for (let i = 0; i < 100; i++) await t.send('a')
      const calls = t.script.calls
      expect([await t.send('a'), t.tested.state('a'), t.script.calls - calls]).toEqual(['CircuitOpen', 'halfOpen', 0])
      expect([await t.send('b'), t.tested.state('b')]).toEqual(['Broken', 'closed'])
    }
  })

  it('given byDependency, then a database opens at 5 % within a minute, a cache at 12 % within half of one', async () => {
    const share = async (preset: Preset): Promise<number> => {
      for (let percent = 1; percent <= 20; percent++) {
        const t = setUp({ ...preset })
        for (let i = 0; i < 1_000; i++) {
          t.script.answer = i % 100 >= 100 - percent ? down : undefined
          await t.send()
          await t.clock.advance(20)
        }
        if (t.tested.state() === 'open') return percent
      }
      return Number.NaN
    }
    expect(await share(presets.byDependency.mysql)).toBe(5)
    expect(await share(presets.byDependency.redis)).toBe(12)
  })

  it('B40: given gobreaker opened, when 60 s have passed, then one probe decides', async () => {
    const t = setUp({ ...presets.gobreaker })
    t.script.answer = down
    for (let i = 0; i < 6; i++) await t.send()
    await t.clock.advance(59_999)
    expect(await t.send()).toBe('CircuitOpen')
    await t.clock.advance(1)
    t.script.answer = undefined
    expect([await t.send(), t.tested.state()]).toEqual(['ok', 'closed'])
  })

  it('B21: given kitex cooled down, when three calls come at once, then the first passes, the next after 200 ms closes', async () => {
    const t = setUp({ ...presets.kitex })
    t.script.answer = down
    for (let i = 0; i < 200; i++) await t.send()
    t.script.answer = undefined
    await t.clock.advance(5_000)
    expect([await t.send(), await t.send(), await t.send()]).toEqual(['ok', 'CircuitOpen', 'CircuitOpen'])
    await t.clock.advance(200)
    expect([await t.send(), await t.send()]).toEqual(['ok', 'ok'])
  })
})

describe('types and options', () => {
  it('given breakers, then their types say what they add and read', () => {
    interface PlaceOrder {
      readonly region: string
    }
    expectTypeOf(breaker()).toExtend<Middleware<CircuitOpen>>()
    const byRegion = breaker({ ...presets.hystrix, by: (_, order: PlaceOrder) => order.region })
    expectTypeOf(byRegion).toExtend<Middleware<CircuitOpen, unknown, unknown, PlaceOrder>>()
    expectTypeOf(chain(breaker(), byRegion)).toEqualTypeOf<Middleware<CircuitOpen, unknown, unknown, PlaceOrder>>()
    const place = endpoint((order: PlaceOrder) => ok(order.region))
    expectTypeOf(byRegion(place)).toEqualTypeOf<Endpoint<PlaceOrder, string, CircuitOpen>>()
    // @ts-expect-error: the failure would be lost
    const lost: Middleware = breaker()
    // @ts-expect-error: it reads an input with a region
    const wrong = byRegion(endpoint((id: { readonly id: string }) => ok(id.id)))
    expect([typeof lost, typeof wrong]).toEqual(['function', 'function'])
  })

  it('given a bad option, when made, then the error names it', () => {
    const wrong =
      (options: object): (() => unknown) =>
      () =>
        breaker(options)
    expect(wrong({ detector: 'ratio' })).toThrow('breaker: "detector"')
    expect(wrong({ recovery: {} })).toThrow('breaker: "recovery"')
    expect(wrong({ by: 'region' })).toThrow('breaker: "by" must be a function, but was "region"')
    expect(wrong({ by: () => '', maxKeys: 0 })).toThrow('breaker: "maxKeys"')
    expect(wrong({ by: () => '', idle: 0 })).toThrow('breaker: "idle"')
    expect(wrong({ classify: 'failure' })).toThrow('breaker: "classify"')
    expect(wrong({ classify: { codes: { unavailble: 'failure' } } })).toThrow('"unavailble"')
    expect(wrong({ classify: { codes: { unavailable: 'bad' } } })).toThrow('classify.codes.unavailable')
    expect(wrong({ classify: { tags: { Mine: true } } })).toThrow('classify.tags.Mine')
    expect(() => probes({ count: 1.5 })).toThrow(RangeError)
  })
})
