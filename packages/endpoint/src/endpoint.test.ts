import * as E from 'fp-ts/lib/Either.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as RTE from 'fp-ts/lib/ReaderTaskEither.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  background,
  byMethod,
  CallError,
  type Context,
  call,
  chain,
  type Defect,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  fromPromise,
  guard,
  type MethodInfo,
  type Middleware,
  mapFailure,
  mapInput,
  mapMethod,
  mapMethods,
  mapOutput,
  middleware,
  observe,
  ok,
  pass,
  provide,
  recover,
  refuse,
  run,
  runner,
  tap,
  timeout,
  unwrap,
  withCancel,
  withMethod,
} from './index.ts'
import { nop } from './testing.ts'

interface Empty extends Failure<'Empty', 'invalid_argument'> {}
const empty: Empty = { _tag: 'Empty', code: 'invalid_argument', message: 'no text' }
const method: MethodInfo = { contract: 'text.v1.Text', name: 'uppercase', kind: 'unary', idempotent: true }
const uppercase = endpoint(
  async ({ s }: { readonly s: string }) => (s === '' ? fail(empty) : ok({ v: s.toUpperCase() })),
  method,
)

describe('endpoint', () => {
  it('infers input, output and failures of a function that answers ok or fail', async () => {
    expectTypeOf(uppercase).toEqualTypeOf<Endpoint<{ readonly s: string }, { v: string }, Empty>>()
    expect(await call(uppercase, { s: 'oak' })).toEqual(ok({ v: 'OAK' }))
    expect(await call(uppercase, { s: '' })).toEqual(fail(empty))
  })

  it('EP-3: given nop, when called with anything, then it succeeds with nothing', async () => {
    expect(await call(nop, 'anything')).toEqual(ok(undefined))
  })

  it('whatever a function does, an Either comes out', async () => {
    const rubbish: unknown[] = [
      undefined,
      null,
      1,
      'x',
      {},
      [],
      { _tag: 'Middle' },
      { _tag: 'Left' },
      { _tag: 'Left', left: { _tag: 'X' } },
      () => {},
    ]
    for (const value of rubbish) {
      expect(
        await call(
          endpoint(() => value as never),
          undefined,
        ),
      ).toMatchObject({ left: { _tag: 'Defect' } })
      expect(
        await call(
          endpoint(async () => value as never),
          undefined,
        ),
      ).toMatchObject({ left: { _tag: 'Defect' } })
    }
    const thenable = (then: (...args: never[]) => void): object => Object.defineProperty({}, 'then', { value: then })
    for (const bad of [
      thenable((_: unknown, reject: (cause: unknown) => void) => reject('x')),
      thenable(() => {
        throw new Error('then')
      }),
    ])
      expect(
        await call(
          endpoint(() => bad as never),
          undefined,
        ),
      ).toMatchObject({ left: { _tag: 'Defect' } })
    for (const thrown of [undefined, null, 'text', new Error('e')])
      expect(
        await call(
          endpoint(() => Promise.reject(thrown)),
          undefined,
        ),
      ).toMatchObject({ left: { _tag: 'Defect', cause: thrown } })
  })

  it('given a plain function of its shape that throws, rejects, or answers no promise, then that is a Defect too', async () => {
    const raws = [
      () => {
        throw new Error('input')
      },
      () => () => {
        throw new Error('ctx')
      },
      () => () => () => {
        throw new Error('task')
      },
      () => () => () => Promise.reject(new Error('later')),
      () => () => () => E.right(1),
    ] as unknown as Endpoint<number, number>[]
    for (const raw of raws) expect(await call(raw, 1)).toMatchObject({ left: { _tag: 'Defect' } })
    expect(await call(raws[4] as Endpoint<number, number>, 1)).toMatchObject({
      left: { cause: new TypeError("the endpoint's task answered an object and not a promise") },
    })
    expect(() => chain(guard(() => pass()))(undefined as never)).toThrow()
  })

  it.each([
    [() => ok(1), 'given an input it answered an object and not a function of the context'],
    [async () => Promise.reject(new Error('nobody hears of it')), 'given an input it answered a promise and not'],
    [() => () => 5, 'given its context it answered 5 and not a task'],
  ])('given a plain function of another shape, then the Defect says that it is none', async (f, says) => {
    const answer: unknown = await call(f as unknown as Endpoint<number, number>, 1)
    const { left } = answer as { readonly left: { readonly cause: Error } }
    expect(left.cause).toBeInstanceOf(TypeError)
    expect(left.cause.message).toContain(`this is no endpoint: ${says}`)
  })
})

describe('fp-ts', () => {
  const ctx = background()
  it('an endpoint is a Kleisli arrow: pipe, flow and RTE work on it', async () => {
    const shout = flow(
      uppercase,
      RTE.map(({ v }) => `${v}!`),
      RTE.mapLeft((f): Empty | Defect => f),
    )
    expectTypeOf(shout({ s: '' })(ctx)).toEqualTypeOf<TE.TaskEither<Empty | Defect, string>>()
    expect(await pipe({ s: 'oak' }, shout)(ctx)()).toEqual(E.right('OAK!'))
  })

  it('a plain Kleisli arrow is an endpoint: middlewares wrap it, call calls it', async () => {
    const twice: Endpoint<{ readonly s: string }, string, Empty> = ({ s }) =>
      pipe(
        uppercase({ s }),
        RTE.flatMap(({ v }) => uppercase({ s: v + v })),
        RTE.map(({ v }) => v),
      )
    expect(await call(timeout(1_000)(twice), { s: 'oak' })).toEqual(ok('OAKOAK'))
  })

  it('ok and fail are right and left', () => {
    expect([ok(1), fail(empty)]).toEqual([E.right(1), E.left(empty)])
  })
})

describe('fromPromise', () => {
  it('given a function that fails by throwing, then what onThrow makes of it is the failure, and without it a Defect', async () => {
    const parse = fromPromise(
      async (text: string): Promise<number> => JSON.parse(text),
      (): Empty => empty,
    )
    expectTypeOf(parse).toEqualTypeOf<Endpoint<string, number, Empty>>()
    expect(await call(parse, '7')).toEqual(ok(7))
    expect(await call(parse, '}')).toEqual(fail(empty))
    expect(
      await call(
        fromPromise((text: string): unknown => JSON.parse(text)),
        '}',
      ),
    ).toMatchObject({ left: { _tag: 'Defect', cause: expect.any(SyntaxError) } })
  })
})

describe('call', () => {
  it('refuses a bad timeout at once, and an option it does not have at compile time', () => {
    expect(() => call(uppercase, { s: '' }, { timeout: Number.NaN })).toThrow('call: timeout is milliseconds')
    expect(() => call(uppercase, { s: '' }, { timeout: -1 })).toThrow('call: timeout is milliseconds')
    // @ts-expect-error there is no option `deadline`
    void call(uppercase, { s: '' }, { deadline: 5 })
  })

  it('given a signal that aborts, then the endpoint hears it', async () => {
    const controller = new AbortController()
    const waits = endpoint(
      (_: undefined, ctx) =>
        new Promise<ReturnType<typeof ok<unknown>>>((r) =>
          ctx.signal.addEventListener('abort', () => r(ok(ctx.signal.reason))),
        ),
    )
    const answer = call(waits, undefined, { signal: controller.signal })
    controller.abort()
    expect(await answer).toMatchObject({ right: { _tag: 'Cancelled' } })
  })

  it('given a parent, then its cancellation and its deadline hold', async () => {
    const parent = withCancel(background({ deadline: 1e12 }))
    const looks = endpoint((_: undefined, ctx) => ok([ctx.deadline, ctx.signal.aborted]))
    expect(await call(looks, undefined, { parent: parent.ctx })).toEqual(ok([1e12, false]))
    parent.cancel()
    expect(await call(looks, undefined, { parent: parent.ctx })).toEqual(ok([1e12, true]))
  })
})

describe('unwrap', () => {
  it('gives the value or throws a CallError with the failure, of a result and of a promise of one', async () => {
    expect(unwrap(ok(1))).toBe(1)
    expect(await unwrap(call(uppercase, { s: 'a' }))).toEqual({ v: 'A' })
    await expect(unwrap(call(uppercase, { s: '' }))).rejects.toThrow(new CallError(empty))
    await expect(unwrap(call(uppercase, { s: '' }))).rejects.toMatchObject({
      name: 'CallError',
      message: 'Empty: no text',
      failure: empty,
    })
  })
})

describe('operators', () => {
  it('change input, output and failures, and carry the method on', async () => {
    const op = pipe(
      uppercase,
      mapInput((s: string) => ({ s })),
      mapOutput(({ v }) => v.length),
      mapFailure((f): Failure<'Blank', 'invalid_argument'> => ({ ...f, _tag: 'Blank' })),
    )
    expectTypeOf(op).toEqualTypeOf<Endpoint<string, number, Failure<'Blank', 'invalid_argument'>>>()
    expect([await call(op, 'oak'), await call(op, '')]).toEqual([ok(3), fail({ ...empty, _tag: 'Blank' })])
    expect(op.method).toBe(method)
  })

  it('given a function that throws, then that is a Defect, and mapFailure leaves Defects alone', async () => {
    const bad = (): never => {
      throw new Error('f')
    }
    for (const op of [
      mapInput(bad)(uppercase as never),
      mapOutput(bad)(uppercase),
      tap(bad)(uppercase as never),
      recover(bad)(endpoint(() => fail(empty))),
    ])
      expect(await call(op as Endpoint<unknown, unknown>, { s: 'a' })).toMatchObject({ left: { _tag: 'Defect' } })
    expect(await call(mapFailure(bad)(endpoint(bad)) as never, undefined as never)).toMatchObject({
      left: { _tag: 'Defect' },
    })
  })

  it('tap passes over what its function answers, where that is no promise', async () => {
    const seen: unknown[] = []
    // A counter's `inc` is one of these: `void` to the compiler, a value in fact.
    const note: (v: string) => void = (v) => seen.push(v)
    const pushing = pipe(
      uppercase,
      tap(({ v }) => note(v)),
    )
    expect(await call(pushing, { s: 'a' })).toEqual(ok({ v: 'A' }))
    expect(seen).toEqual(['A'])
  })

  it('tap sees successes, waits, and changes nothing', async () => {
    const seen: unknown[] = []
    const tapped = pipe(
      uppercase,
      tap(async ({ v }, { s }) => void seen.push([v, s])),
    )
    expect([await call(tapped, { s: 'a' }), await call(tapped, { s: '' })]).toEqual([ok({ v: 'A' }), fail(empty)])
    expect(seen).toEqual([['A', 'a']])
  })

  it('recover answers in place of a failure and removes it from the type', async () => {
    const safe: Endpoint<{ readonly s: string }, { v: string }> = pipe(
      uppercase,
      recover((f, { s }) => (f._tag === 'Defect' ? fail(f) : ok({ v: `?${s}` }))),
    )
    expect(await call(safe, { s: '' })).toEqual(ok({ v: '?' }))
  })

  it('provide supplies what an endpoint needs, in pipe and in chain', async () => {
    const needy = endpoint((_: undefined, ctx: Context & { readonly db: string }) => ok(ctx.db))
    expect(await call(pipe(needy, provide({ db: 'a' })), undefined)).toEqual(ok('a'))
    expect(
      await call(
        chain(
          observe(() => undefined),
          provide({ db: 'b' }),
        )(needy),
        undefined,
      ),
    ).toEqual(ok('b'))
    // @ts-expect-error db is not provided
    void call(needy, undefined)
  })
})

describe('middleware, the general form', () => {
  it('may call again, carries the method, and makes a Defect of what it throws', async () => {
    let calls = 0
    const flaky = endpoint(() => (++calls < 2 ? fail(empty) : ok(calls)), method)
    const again: Middleware = middleware((next) => async (input, ctx) => {
      expect(next.method).toBe(method)
      const first = await next(input, ctx)
      return first._tag === 'Right' ? first : next(input, ctx)
    })
    expect(await call(again(flaky), undefined)).toEqual(ok(2))
    expect(again(flaky).method).toBe(method)
    const throws: Middleware = middleware(() => () => {
      throw new Error('mine')
    })
    expect(await call(throws(flaky), undefined)).toMatchObject({ left: { _tag: 'Defect' } })
  })

  it('run and runner are the endpoint as one function', async () => {
    expect(await run(uppercase, { s: 'a' }, background())).toEqual(ok({ v: 'A' }))
    expect(await runner(uppercase)({ s: 'a' }, background())).toEqual(ok({ v: 'A' }))
    expect(runner(uppercase).method).toBe(method)
  })
})

describe('byMethod', () => {
  it('chooses once, when it wraps, by the method of what it wraps, through everything the kernel makes', async () => {
    const chosen: (string | undefined)[] = []
    const labelled = byMethod((m) => {
      chosen.push(m?.name)
      return guard(() => (m === undefined ? refuse(empty) : pass()))
    })
    const wrapped = pipe(
      uppercase,
      timeout(1_000),
      mapOutput((o) => o),
      chain(
        labelled,
        observe(() => undefined),
      ),
    )
    expect(await call(wrapped, { s: 'a' })).toEqual(ok({ v: 'A' }))
    expect(await call(wrapped, { s: 'b' })).toEqual(ok({ v: 'B' }))
    expect(await call(labelled(endpoint(() => ok())), undefined)).toEqual(fail(empty))
    expect(chosen).toEqual(['uppercase', undefined])
  })
})

describe('mapMethods and mapMethod', () => {
  const disposed: string[] = []
  const record = {
    uppercase,
    count: endpoint(({ s }: { readonly s: string }) => ok(s.length)),
    url: 'http://127.0.0.1',
    [Symbol.asyncDispose]: async () => void disposed.push('closed'),
  }
  const refusing: Middleware<Failure<'Closed', 'unavailable'>> = guard(() =>
    refuse({ _tag: 'Closed', code: 'unavailable', message: '' } as const),
  )

  it('wrap every endpoint or one, and keep all else', async () => {
    const closed = mapMethods(record, refusing)
    expect(await call(closed.count, { s: 'a' })).toMatchObject({ left: { _tag: 'Closed' } })
    expect([closed.url, closed.uppercase.method]).toEqual(['http://127.0.0.1', method])
    await closed[Symbol.asyncDispose]()
    expect(disposed).toEqual(['closed'])
    const one = mapMethod(
      record,
      'uppercase',
      mapOutput(({ v }) => v),
    )
    expect([await call(one.uppercase, { s: 'a' }), await call(one.count, { s: 'a' })]).toEqual([ok('A'), ok(1)])
    expect(one[Symbol.asyncDispose]).toBe(record[Symbol.asyncDispose])
    expect(await call(record.count, { s: 'a' })).toEqual(ok(1))
  })

  it('given a record without any endpoint, then mapMethods says so; an empty one, or a client without methods, is fine', () => {
    const served = { contract: { name: 'a.A' }, endpoints: record }
    // @ts-expect-error nothing in it is an endpoint
    expect(() => mapMethods(served, refusing)).toThrow(
      'mapMethods: wrap the record of endpoints before implement(...); there is no endpoint under contract, endpoints',
    )
    expect(Object.keys(mapMethods({}, refusing))).toEqual([])
    expect(Object.keys(mapMethods({ [Symbol.asyncDispose]: async () => {} }, refusing))).toEqual([])
  })

  it('given a name that is no endpoint, then mapMethod says so', () => {
    expect(() => mapMethod(record, 'url' as 'count', (next) => next)).toThrow('there is no endpoint "url"')
  })
})

describe('withMethod', () => {
  it('given an endpoint, then another that carries this method, does the same, and still fuses with what wraps it', async () => {
    const bare = observe(() => undefined)(endpoint((n: number) => ok(n)))
    const named = withMethod(bare, method)
    expect([named.method, bare.method]).toEqual([method, undefined])
    expect(await call(guard(() => pass())(named), 1)).toEqual(ok(1))
  })
})
