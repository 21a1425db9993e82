import {
  background,
  type CallOptions,
  type Context,
  call,
  cancelled,
  chain,
  type Defect,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  type MethodInfo,
  type Middleware,
  noMetadata,
  type Outcome,
  ok,
  onEnding,
  outgoing,
  run,
  type Stream,
  stream,
  subscribe,
  type Telemetry,
  timeout,
  withCancel,
} from '@tenon/endpoint'
import { seeded, virtualClock } from '@tenon/endpoint/testing'
import { type Backoff, type Budget, budget, constant, exponential, list } from '@tenon/policy'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { GaveUp, RetryOptions } from './policy.ts'
import { retry } from './retry.ts'
import { nothingSent } from './rule.ts'

const failing = (code: Failure['code'], more: object = {}): Failure => ({ _tag: 'Broken', code, message: '', ...more })
const down = failing('unavailable')
const method = (idempotent: boolean): MethodInfo => ({
  contract: 'shop.Orders',
  name: 'get',
  kind: 'unary',
  idempotent,
})
const tagOf = (outcome: Outcome): string => (outcome._tag === 'Left' ? outcome.left._tag : 'ok')

type Answers = (attempt: number, ctx: Context) => Outcome | Promise<Outcome>
/** Fails so many times, then succeeds. */
const failsFirst =
  (times: number, failure: Failure = down): Answers =>
  (attempt) =>
    attempt <= times ? fail(failure) : ok('done')

/** A retry over a script, on a clock that runs on as soon as everybody waits. */
function setUp(answers: Answers, options: RetryOptions = {}, of: MethodInfo | 'bare' = method(true)) {
  const clock = virtualClock()
  const started: { at: number; ctx: Context }[] = []
  const events: Telemetry[] = []
  const gaveUp: GaveUp[] = []
  const inner = endpoint<string, ReturnType<typeof ok<string>> | ReturnType<typeof fail<Failure>>>(
    (_, ctx) => {
      started.push({ at: clock.now(), ctx })
      return answers(started.length, ctx) as ReturnType<typeof ok<string>>
    },
    of === 'bare' ? undefined : of,
  )
  const tested = retry({
    clock,
    random: seeded(1),
    backoff: constant(10),
    onTelemetry: (event) => void events.push(event),
    onGiveUp: (given) => void gaveUp.push(given),
    ...options,
  })(inner)
  /** Runs it, in a context made of these, to its end. */
  const send = async (o: Parameters<typeof background>[0] & { readonly ctx?: Context } = {}): Promise<Outcome> => {
    const answer = run(tested, 'input', o.ctx ?? background({ clock, ...o }))
    let over = false
    void answer.then(() => {
      over = true
    })
    for (let i = 0; i < 1_000 && !over; i++) await clock.advance(10)
    return answer
  }
  return {
    clock,
    tested,
    started,
    events,
    gaveUp,
    send,
    get times() {
      return started.map(({ at }) => at)
    },
    get why() {
      return events.flatMap((event) => (event.kind === 'retry.exhausted' ? [event.why] : []))
    },
    get failures() {
      return gaveUp.map(({ failures, why }) => [...failures.map(({ message }) => message), why])
    },
  }
}
const numbered =
  (code: Failure['code'] = 'unavailable'): Answers =>
  (attempt) =>
    fail({ ...failing(code), message: `e${attempt}` })

describe('attempts', () => {
  it('given a success, then it is made once, with nothing told and no timer left', async () => {
    const t = setUp(failsFirst(0))
    expect(tagOf(await t.send())).toBe('ok')
    expect([t.started.length, t.events, t.clock.pending]).toEqual([1, [], 0])
  })

  it('LB-6: given constant failure and many attempts, then the last failure', async () => {
    const t = setUp(numbered(), { attempts: 10 })
    expect(await t.send()).toEqual({ _tag: 'Left', left: { ...down, message: 'e10' } })
    expect(t.started).toHaveLength(10)
  })

  it('LB-7: given two failures and then success, when there are two attempts, then the failure', async () => {
    const t = setUp(failsFirst(2), { attempts: 2 })
    expect(tagOf(await t.send())).toBe('Broken')
  })

  it('LB-8: given the same, when there are three, then success, and nobody is told of giving up', async () => {
    const t = setUp(failsFirst(2), { attempts: 3 })
    expect(tagOf(await t.send())).toBe('ok')
    expect([t.why, t.gaveUp, t.clock.pending]).toEqual([[], [], 0])
  })

  it('LB-12: given no listeners at all, then it repeats all the same', async () => {
    let calls = 0
    const bare = retry({ idempotent: true, backoff: constant(0) })(
      endpoint(() => (++calls < 3 ? fail(down) : ok(calls))),
    )
    expect(await call(bare, undefined)).toEqual(ok(3))
  })

  it('LB-13: given attempts without end and constant failure, then it goes on until the deadline does not allow another', async () => {
    const t = setUp(numbered(), { attempts: Number.POSITIVE_INFINITY, backoff: constant(50) })
    expect(tagOf(await t.send({ deadline: 1_000 }))).toBe('Broken')
    expect(t.times).toEqual(Array.from({ length: 20 }, (_, i) => i * 50))
    expect(t.why).toEqual(['deadline'])
  })

  it('LB-15: given one attempt, then exactly one', async () => {
    const t = setUp(numbered(), { attempts: 1 })
    await t.send()
    expect(t.started).toHaveLength(1)
  })

  it('LB-11 LB-16: given attempts fail with e1, e2, e3, then the result is e3 itself, and onGiveUp has all three in order', async () => {
    const failures = [1, 2, 3].map((n) => failing('unavailable', { message: `e${n}` }))
    const t = setUp((attempt) => fail(failures[attempt - 1] as Failure))
    const result = await t.send()
    expect(result._tag === 'Left' && result.left).toBe(failures[2])
    const [given] = t.gaveUp
    expect(given?.failures.map((failure, i) => failure === failures[i])).toEqual([true, true, true])
    expect(given).toMatchObject({ why: 'attempts', method: method(true) })
  })

  it('given two failures worth another attempt and one that is not, then the last is the result and all are inspectable', async () => {
    const t = setUp((attempt) =>
      attempt < 3 ? fail({ ...down, message: `e${attempt}` }) : fail(failing('not_found', { message: 'no' })),
    )
    expect(await t.send()).toMatchObject({ left: { message: 'no' } })
    expect(t.failures).toEqual([['e1', 'e2', 'no', 'failure']])
    expect(t.why).toEqual([])
  })

  it('given a hundred attempts and more, then the last hundred failures are kept', async () => {
    const t = setUp(numbered(), { attempts: 150, backoff: constant(0), budget: budget({ share: 1_000 }) })
    await t.send()
    expect(t.gaveUp[0]?.failures).toHaveLength(100)
    expect(t.gaveUp[0]?.failures[99]).toMatchObject({ message: 'e150' })
  })

  it('given onGiveUp throws, then the result is the failure all the same, and a defect is reported', async () => {
    const defects: Telemetry[] = []
    const listening = subscribe((event) => void defects.push(event), ['defect'])
    const t = setUp(numbered(), {
      onGiveUp: () => {
        throw new Error('listener')
      },
    })
    expect(tagOf(await t.send())).toBe('Broken')
    listening[Symbol.dispose]()
    expect(defects).toHaveLength(1)
  })
})

describe('which failures', () => {
  const attemptsAfter = async (failure: Failure, options: RetryOptions = {}): Promise<number> => {
    const t = setUp(failsFirst(9, failure), options)
    await t.send()
    return t.started.length
  }

  it('LB-19: given any code but unavailable, then one attempt', async () => {
    const once: Failure['code'][] = [
      'not_found',
      'failed_precondition',
      'invalid_argument',
      'deadline_exceeded',
      'resource_exhausted',
      'internal',
      'aborted',
      'cancelled',
      'unknown',
      'unauthenticated',
    ]
    for (const code of once) expect(await attemptsAfter(failing(code)), code).toBe(1)
    expect(await attemptsAfter(down)).toBe(3)
  })

  it('given a Defect, then one attempt, whatever the options say', async () => {
    const t = setUp(
      () => {
        throw new Error('bug')
      },
      { when: () => true },
    )
    expect(tagOf(await t.send())).toBe('Defect')
    expect(t.started).toHaveLength(1)
  })

  it('given codes, then those and no others', async () => {
    const when = ['deadline_exceeded', 'aborted'] as const
    expect(await attemptsAfter(failing('deadline_exceeded'), { when })).toBe(3)
    expect(await attemptsAfter(failing('aborted'), { when })).toBe(3)
    expect(await attemptsAfter(down, { when })).toBe(1)
  })

  it('given a function, then it decides, is told the attempt, and may leave it to the default', async () => {
    const asked: number[] = []
    const when: RetryOptions['when'] = (failure, { attempt }) => {
      asked.push(attempt)
      return failure.code === 'internal' ? true : undefined
    }
    expect(await attemptsAfter(failing('internal'), { when })).toBe(3)
    expect(asked).toEqual([1, 2, 3])
    expect(await attemptsAfter(down, { when })).toBe(3)
    expect(await attemptsAfter(failing('not_found'), { when })).toBe(1)
    expect(await attemptsAfter(down, { when: () => false })).toBe(1)
  })

  it('given CircuitOpen, then one attempt; but where a balancer picked, another instance is tried, without waiting for the first', async () => {
    const open: Failure = { _tag: 'CircuitOpen', code: 'unavailable', message: '', retryAfter: 4_000 } as Failure
    expect(await attemptsAfter(open)).toBe(1)
    const t = setUp((attempt, ctx) => {
      ctx.attempt?.tried.add(`instance-${attempt}`)
      return attempt === 1 ? fail(open) : ok('done')
    })
    expect(tagOf(await t.send())).toBe('ok')
    expect(t.times).toEqual([0, 10])
  })
})

describe('only where it does no harm', () => {
  it('given a method that is not idempotent, or none, then one attempt; with the option, three', async () => {
    for (const of of [method(false), 'bare'] as const) {
      const t = setUp(numbered(), {}, of)
      await t.send()
      expect(t.started).toHaveLength(1)
      const opted = setUp(numbered(), { idempotent: true }, of)
      await opted.send()
      expect(opted.started).toHaveLength(3)
    }
    const forbidden = setUp(numbered(), { idempotent: false })
    await forbidden.send()
    expect(forbidden.started).toHaveLength(1)
  })

  it('given a failure that says that nothing was sent, then it is repeated only where the option says so', async () => {
    const unsent = failing('unavailable', { sent: false })
    const careful = setUp(failsFirst(1, unsent), {}, method(false))
    expect(tagOf(await careful.send())).toBe('Broken')
    const t = setUp(failsFirst(1, unsent), { unsent: nothingSent }, method(false))
    expect(tagOf(await t.send())).toBe('ok')
    const sent = setUp(failsFirst(1), { unsent: nothingSent }, method(false))
    expect(tagOf(await sent.send())).toBe('Broken')
    expect(nothingSent({ _tag: 'NoEndpoints', code: 'unavailable', message: '' })).toBe(true)
    expect(nothingSent({ _tag: 'CircuitOpen', code: 'unavailable', message: '' })).toBe(true)
  })

  it('given an opened stream that fails later, then it is not repeated: it was a success', async () => {
    let opened = 0
    async function* items() {
      yield ok(1)
      yield fail(down)
    }
    const watching = retry({ idempotent: true })(
      endpoint(() => {
        opened++
        return ok(stream(items()))
      }),
    )
    const result = await call(watching, undefined)
    if (result._tag === 'Left') throw new Error('opens')
    expectTypeOf(result.right).toEqualTypeOf<Stream<number, Failure>>()
    const seen: string[] = []
    for await (const item of result.right) seen.push(item._tag)
    expect([seen, opened]).toEqual([['Right', 'Left'], 1])
  })

  it('given a stream that does not open, then it is repeated', async () => {
    let opened = 0
    const watching = retry({ idempotent: true, backoff: constant(0) })(
      endpoint(() => (++opened < 2 ? fail(down) : ok(stream((async function* () {})())))),
    )
    expect(tagOf(await call(watching, undefined))).toBe('ok')
  })

  it('given a method that takes a stream, then it is never repeated: it can be read once', async () => {
    let calls = 0
    const upload = retry({ idempotent: true })(
      endpoint((_: Stream<number>) => {
        calls++
        return fail(down)
      }),
    )
    expect(tagOf(await call(upload, stream((async function* () {})())))).toBe('Broken')
    expect(calls).toBe(1)
  })
})

describe('waits', () => {
  it('given a backoff, then attempt number, wait before and randomness reach it, and its waits are kept', async () => {
    const asked: number[][] = []
    const backoff: Backoff = {
      next(attempt, previous, random) {
        asked.push([attempt, previous, typeof random === 'function' ? 1 : 0])
        return attempt * 100
      },
    }
    const t = setUp(numbered(), { attempts: 4, backoff })
    await t.send()
    expect(t.times).toEqual([0, 100, 300, 600])
    expect(asked).toEqual([
      [1, 0, 1],
      [2, 100, 1],
      [3, 200, 1],
    ])
  })

  it('given no backoff, then full jitter from 20 ms, doubling', async () => {
    const waits: number[][] = [[], []]
    for (let seed = 0; seed < 200; seed++) {
      const events: Telemetry[] = []
      const clock = virtualClock()
      const tested = retry({
        idempotent: true,
        random: seeded(seed),
        clock,
        onTelemetry: (event) => void events.push(event),
      })(endpoint(() => fail(down)))
      const answer = run(tested, undefined, background({ clock }))
      await clock.advance(100)
      await answer
      for (const event of events) if (event.kind === 'retry.attempt') waits[event.attempt - 2]?.push(event.wait)
    }
    for (const [i, most] of [20, 40].entries()) {
      const seen = waits[i] ?? []
      expect(seen).toHaveLength(200)
      expect(Math.max(...seen)).toBeLessThan(most)
      expect(Math.max(...seen)).toBeGreaterThan(most * 0.9)
      expect(Math.min(...seen)).toBeLessThan(most * 0.1)
    }
  })

  it('given the failure asks for a wait, then it is the least; a shorter one, or rubbish, changes nothing', async () => {
    for (const [retryAfter, second] of [
      [300, 300],
      [5, 10],
      [0, 10],
      [-5, 10],
      [Number.NaN, 10],
      ['300', 10],
    ] as const) {
      const t = setUp(failsFirst(1, failing('unavailable', { retryAfter })))
      await t.send()
      expect(t.times, String(retryAfter)).toEqual([0, second])
    }
  })

  it('given a wait without end is asked for, then it gives up at once', async () => {
    const t = setUp(failsFirst(1, failing('unavailable', { retryAfter: Number.POSITIVE_INFINITY })))
    expect(tagOf(await t.send())).toBe('Broken')
    expect([t.clock.now(), t.why]).toEqual([10, ['deadline']])
  })
})

describe('never past the deadline', () => {
  it('LB-21 D-7: given the wait would not end before the deadline, then it gives up at once with the last failure, and both are inspectable', async () => {
    const t = setUp(numbered(), { backoff: list([100, 400]), attempts: 5 })
    expect(await t.send({ deadline: 500 })).toMatchObject({ left: { message: 'e2' } })
    expect(t.times).toEqual([0, 100])
    expect(t.clock.now()).toBeLessThan(500)
    expect(t.failures).toEqual([['e1', 'e2', 'deadline']])
    expect(t.clock.pending).toBe(0)
  })

  it('LB-9 L5: given a timeout around it, then that covers all attempts together', async () => {
    const slow: Answers = (_, ctx) => new Promise((resolve) => void onEnding(ctx, (why) => resolve(fail(why))))
    const t = setUp(slow)
    const whole = timeout(1_000)(t.tested)
    const answer = run(whole, 'input', background({ clock: t.clock }))
    await t.clock.advance(1_000)
    expect(tagOf(await answer)).toBe('DeadlineExceeded')
    const fast = setUp(failsFirst(1))
    const quick = run(timeout(1_000)(fast.tested), 'input', background({ clock: fast.clock }))
    await fast.clock.advance(20)
    expect(tagOf(await quick)).toBe('ok')
  })

  it("given `within`, when it has passed since the first attempt began, then none follows, the first's own time included", async () => {
    const clockOfTest = virtualClock()
    const t = setUp(
      async (attempt) => {
        await clockOfTest.sleep(400)
        return fail({ ...down, message: `e${attempt}` })
      },
      { within: 1_000, attempts: 9, clock: clockOfTest },
    )
    const answer = run(t.tested, 'input', background({ clock: clockOfTest }))
    for (let i = 0; i < 20; i++) await clockOfTest.advance(100)
    expect(await answer).toMatchObject({ left: { message: 'e3' } })
    expect(t.why).toEqual(['deadline'])
  })

  it('given nothing is said, then none starts after 5 s', async () => {
    const t = setUp(numbered(), { attempts: 99, backoff: constant(900) })
    await t.send()
    expect(t.times).toEqual([0, 900, 1_800, 2_700, 3_600, 4_500])
  })
})

describe('the caller goes', () => {
  it('LB-18: given the caller cancels during an attempt, then its context ends, and there is no further one', async () => {
    const slow: Answers = (_, ctx) => new Promise((resolve) => void onEnding(ctx, () => resolve(fail(down))))
    const t = setUp(slow, { backoff: constant(0) })
    using scope = withCancel(background({ clock: t.clock }))
    const answer = run(t.tested, 'input', scope.ctx)
    await t.clock.advance(5)
    scope.cancel()
    expect(tagOf(await answer)).toBe('Broken')
    expect([t.started.length, t.why, t.clock.pending]).toEqual([1, ['cancelled'], 0])
    expect(t.events.map(({ kind }) => kind)).toEqual(['retry.exhausted'])
  })

  it('given the caller cancels during a wait, then the last failure at once, and no timer or listener is left', async () => {
    const t = setUp(numbered(), { backoff: constant(1_000) })
    using scope = withCancel(background({ clock: t.clock }))
    const answer = run(t.tested, 'input', scope.ctx)
    await t.clock.advance(100)
    expect(t.clock.pending).toBe(1)
    scope.cancel(cancelled())
    expect(await answer).toMatchObject({ left: { message: 'e1' } })
    expect([t.clock.now(), t.failures, t.why, t.clock.pending]).toEqual([100, [['e1', 'cancelled']], ['cancelled'], 0])
  })
})

describe('the budget', () => {
  it('given nothing is said, then 100 repetitions in 10 s and one for five calls; then failures pass through', async () => {
    const t = setUp(numbered(), { attempts: 2, backoff: constant(0) })
    for (let i = 0; i < 200; i++) await run(t.tested, 'input', background({ clock: t.clock }))
    expect(t.events.filter((event) => event.kind === 'retry.attempt')).toHaveLength(100 + 200 / 5)
    expect(new Set(t.why)).toEqual(new Set(['attempts', 'budget']))
    await t.clock.advance(10_000)
    t.started.length = 0
    await run(t.tested, 'input', background({ clock: t.clock }))
    expect(t.started).toHaveLength(2)
  })

  it('given one budget for two retries, then they share it; only first attempts pay in, and only what is made is paid for', async () => {
    let [paid, spent] = [0, 0]
    const shared: Budget = {
      deposit: () => void paid++,
      withdraw: () => spent++ < 3,
      balance: () => 0,
    }
    const one = setUp(numbered(), { budget: shared, attempts: 3 })
    const other = setUp(numbered(), { budget: shared, attempts: 3 })
    await one.send()
    await other.send()
    expect([one.started.length, other.started.length]).toEqual([3, 2])
    expect([paid, spent]).toEqual([2, 4])
    await one.send({ deadline: one.clock.now() + 5 })
    expect(one.why).toEqual(['attempts', 'deadline'])
    expect([paid, spent]).toEqual([3, 4])
  })
})

describe('what attempts tell', () => {
  it('given attempts, then each has its number and one set of instances tried, and x-attempt goes out from the second on', async () => {
    const t = setUp((attempt, ctx) => {
      ctx.attempt?.tried.add(`instance-${attempt}`)
      return failsFirst(2)(attempt, ctx)
    })
    await t.send()
    const contexts = t.started.map(({ ctx }) => ctx)
    expect(contexts.map((ctx) => ctx.attempt?.number)).toEqual([1, 2, 3])
    expect(new Set(contexts.map((ctx) => ctx.attempt?.tried)).size).toBe(1)
    expect([...(contexts[0]?.attempt?.tried ?? [])]).toEqual(['instance-1', 'instance-2', 'instance-3'])
    expect(contexts.map((ctx) => outgoing(ctx).get('x-attempt'))).toEqual([undefined, '2', '3'])
  })

  it('given two calls at once, then their sets are two', async () => {
    const t = setUp(failsFirst(0))
    await t.send()
    await t.send()
    expect(t.started[0]?.ctx.attempt?.tried).not.toBe(t.started[1]?.ctx.attempt?.tried)
  })

  it('given a call that is a repetition by an earlier hop, then it is not repeated here, nor paid for', async () => {
    for (const [value, calls] of [
      ['2', 1],
      ['7', 1],
      ['1', 3],
      ['no number', 3],
    ] as const) {
      const t = setUp(numbered())
      await t.send({ metadata: new Map([['x-attempt', value]]) })
      expect(t.started, value).toHaveLength(calls)
    }
  })

  it('given three hops that retry three times, then the last one gets seven calls and not 27', async () => {
    const clock = virtualClock()
    let calls = 0
    const hop = (next: Endpoint<string, string, Failure>): Endpoint<string, string, Failure> => {
      const client = retry({ idempotent: true, backoff: constant(0), clock })(next)
      // A server: what came in is the metadata that went out, and the handler calls on in its name.
      return endpoint(
        (input: string, ctx) =>
          call(client, input, { parent: background({ clock, metadata: outgoing(ctx) }) }) as never,
      )
    }
    const last = endpoint((_: string) => {
      calls++
      return fail(down)
    })
    await call(hop(hop(hop(last as Endpoint<string, string, Failure>))), '', {
      parent: background({ clock, metadata: noMetadata }),
    })
    expect(calls).toBe(7)
  })

  it('given a retry within a retry, then the repetitions of the outer one are not repeated', async () => {
    let calls = 0
    const inner = endpoint(() => {
      calls++
      return fail(down)
    })
    const twice = chain(
      retry({ idempotent: true, backoff: constant(0) }),
      retry({ idempotent: true, backoff: constant(0) }),
    )
    await call(twice(inner), undefined)
    expect(calls).toBe(5)
  })

  it('given repetitions, then telemetry has each with its wait and failure, and the end', async () => {
    const t = setUp(numbered(), { backoff: list([10, 20]) })
    await t.send()
    expect(t.events).toEqual([
      { kind: 'retry.attempt', method: method(true), attempt: 2, wait: 10, failure: { ...down, message: 'e1' } },
      { kind: 'retry.attempt', method: method(true), attempt: 3, wait: 20, failure: { ...down, message: 'e2' } },
      {
        kind: 'retry.exhausted',
        method: method(true),
        attempts: 3,
        why: 'attempts',
        failure: { ...down, message: 'e3' },
      },
    ])
  })

  it('given a listener that throws, then the call goes on', async () => {
    const t = setUp(failsFirst(2), {
      onTelemetry: () => {
        throw new Error('listener')
      },
    })
    expect(tagOf(await t.send())).toBe('ok')
  })
})

describe('types and options', () => {
  it('given a retry, then it adds nothing to the type', () => {
    expectTypeOf(retry()).toEqualTypeOf<Middleware>()
    const place = endpoint((_: string) =>
      Math.random() < 2
        ? ok(1)
        : fail({ _tag: 'Gone', code: 'not_found', message: '' } as Failure<'Gone', 'not_found'>),
    )
    expectTypeOf(retry()(place)).toEqualTypeOf<Endpoint<string, number, Failure<'Gone', 'not_found'>>>()
    const send = (options?: CallOptions) => call(retry()(place), '', options)
    expectTypeOf<Awaited<ReturnType<typeof send>>>().toEqualTypeOf<
      Awaited<ReturnType<typeof call<string, number, Failure<'Gone', 'not_found'>>>>
    >()
    expectTypeOf<Defect>().toExtend<Failure>()
  })

  it('LB-14: given a bad option, when made, then the error names it', () => {
    const wrong =
      (options: object): (() => unknown) =>
      () =>
        retry(options)
    expect(wrong({ attempts: 0 })).toThrow('retry: "attempts" must be a whole number of at least 1, but was 0')
    expect(wrong({ attempts: 2.5 })).toThrow(RangeError)
    expect(wrong({ attempts: '3' })).toThrow(TypeError)
    expect(wrong({ within: 0 })).toThrow('retry: "within"')
    expect(wrong({ backoff: 20 })).toThrow('retry: "backoff" must be a backoff')
    expect(wrong({ budget: 0.2 })).toThrow('retry: "budget" must be a budget')
    expect(wrong({ when: 'unavailable' })).toThrow('retry: "when"')
    expect(wrong({ when: ['unavailble'] })).toThrow('"unavailble"')
    expect(wrong({ idempotent: 'yes' })).toThrow('retry: "idempotent" must be true or false, but was yes')
    expect(wrong({ unsent: true })).toThrow('retry: "unsent" must be a function')
    expect(wrong({ onGiveUp: true })).toThrow('retry: "onGiveUp"')
    expect(() =>
      retry({ backoff: exponential({ from: 20, jitter: 'full' }), budget: budget({ share: 0.2 }) }),
    ).not.toThrow()
  })
})
