import type { Failure } from '@tenon/endpoint'
import {
  background,
  byMethod,
  call,
  endpoint,
  fail,
  mapMethods,
  observe,
  ok,
  type Stream,
  stream,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import {
  type ClientOf,
  clientStream,
  contract,
  duplex,
  event,
  failure,
  handler,
  implement,
  serverStream,
  unary,
} from './index.ts'

const NotFound = failure('NotFound', 'not_found')
const Id = t.strict({ id: t.string })
const Orders = contract('shop.v1.Orders', {
  get: unary({ input: Id, output: t.string, failures: [NotFound] }),
  watch: serverStream({ input: Id, output: t.number, failures: [NotFound] }),
  sum: clientStream({ input: t.number, output: t.number }),
  echo: duplex({ input: t.string, output: t.string }),
  placed: event({ message: Id }),
})
const { methods } = Orders
const get = handler(methods.get, ({ id }) => (id === '' ? fail(NotFound()) : ok(id.toUpperCase())))
const watch = handler(methods.watch, async function* ({ id }) {
  for (let i = 1; i <= 2; i++) yield ok(i)
  if (id === '') yield fail(NotFound())
})
const sum = handler(methods.sum, async (numbers) => {
  let total = 0
  for await (const number of numbers) {
    if (number._tag === 'Left') return number
    total += number.right
  }
  return ok(total)
})
const echo = handler(methods.echo, async function* (words) {
  for await (const word of words) yield word
})
const all = { get, watch, sum, echo }
const drain = async <X>(source: AsyncIterable<X>): Promise<X[]> => {
  const items: X[] = []
  for await (const item of source) items.push(item)
  return items
}
const of = <O>(...items: readonly O[]): Stream<O> =>
  stream(
    (async function* (): AsyncGenerator<Either<never, O>> {
      for (const item of items) yield E.right(item)
    })(),
  ) as Stream<O>
const opened = async (answer: Promise<Either<Failure, Stream<unknown, Failure>>>): Promise<unknown[]> => {
  const result = await answer
  return E.isRight(result) ? drain(result.right) : [result]
}

describe('a handler', () => {
  it('given a method, when its endpoint is made, then it carries that method and answers as the function does', async () => {
    expect(get.method).toBe(methods.get)
    expect(await call(get, { id: 'a' })).toEqual(ok('A'))
    expect(await call(get, { id: '' })).toEqual(fail(NotFound()))
  })

  it('given a generator, when it is called, then the answer is a stream that ends after its first failure', async () => {
    expect(await opened(call(watch, { id: 'a' }))).toEqual([ok(1), ok(2)])
    expect(await opened(call(watch, { id: '' }))).toEqual([ok(1), ok(2), fail(NotFound())])
  })

  it('given streams of inputs, when it is called, then it reads them', async () => {
    expect(await call(sum, of(1, 2, 3))).toEqual(ok(6))
    expect(await opened(call(echo, of('a', 'b')))).toEqual([ok('a'), ok('b')])
  })

  it('given an event, when it is consumed, then the handler is an endpoint of nothing', async () => {
    const seen: string[] = []
    const consume = handler(methods.placed, async ({ id }) => {
      seen.push(id)
      return ok()
    })
    expect(await call(consume, { id: 'a' })).toEqual(ok(undefined))
    expect([seen, consume.method]).toEqual([['a'], methods.placed])
  })

  it('given a function that throws, when it is called, then that is a Defect, in a stream its last item', async () => {
    const boom = (): never => {
      throw new Error('boom')
    }
    expect(await call(handler(methods.get, boom), { id: 'a' })).toMatchObject({ left: { _tag: 'Defect' } })
    const breaks = handler(methods.watch, async function* () {
      yield ok(1)
      boom()
    })
    expect(await opened(call(breaks, { id: 'a' }))).toMatchObject([ok(1), { left: { _tag: 'Defect' } }])
    const never = handler(methods.watch, boom as () => AsyncIterable<never>)
    expect(await call(never, { id: 'a' })).toMatchObject({ left: { _tag: 'Defect' } })
  })
})

describe('an implementation', () => {
  it('given its endpoints, when it is made, then contract and endpoints stand in it', async () => {
    const made = implement(Orders, all)
    expect(made.contract).toBe(Orders)
    expect(Object.keys(made.endpoints)).toEqual(['get', 'watch', 'sum', 'echo'])
    expect(made.endpoints.get).toBe(get)
  })

  it('given an endpoint without a method, when it is made, then it gets that of the contract, and the given one stays', async () => {
    const bare = endpoint(async ({ id }: { readonly id: string }) => ok(id))
    const plain =
      ({ id }: { readonly id: string }) =>
      () =>
      async () =>
        E.right(id)
    for (const given of [bare, plain]) {
      const { endpoints } = implement(Orders, { ...all, get: given })
      expect(endpoints.get?.method).toBe(methods.get)
      expect(given).not.toHaveProperty('method', methods.get)
      expect(await endpoints.get?.({ id: 'a' })(background())()).toEqual(ok('a'))
    }
  })

  it('given middlewares around all methods, when it is called, then they know which method they are around', async () => {
    const names: unknown[] = []
    const labelled = byMethod((method) =>
      observe(() => {
        names.push(method?.name)
        return undefined
      }),
    )
    const { endpoints } = implement(Orders, mapMethods(all, labelled))
    await endpoints.get?.({ id: 'a' })(background())()
    expect(names).toEqual(['get'])
  })

  it('given a client that owns connections, when it stands for an implementation, then that is a gateway', () => {
    const client = { ...all, [Symbol.asyncDispose]: async () => {} } as unknown as ClientOf<typeof Orders> &
      AsyncDisposable
    expect(Object.keys(implement(Orders, client).endpoints)).toEqual(['get', 'watch', 'sum', 'echo'])
  })

  it('given what the compiler would have refused, when it is made, then a TypeError names the method', () => {
    const make = (impl: object) => () => implement(Orders, impl as typeof all)
    const { get: _, ...without } = all
    expect(make(without)).toThrow('implement shop.v1.Orders: "get" is missing')
    expect(make({ ...all, got: get })).toThrow('implement shop.v1.Orders: the contract has no method "got"')
    expect(make({ ...all, get: 5 })).toThrow('implement shop.v1.Orders: "get" is no endpoint')
    expect(make({ ...all, placed: get })).toThrow('"placed" is an event: consumed, not implemented')
  })

  it('given a plain function that cannot be an endpoint, when it is made, then a TypeError says what to wrap it in', () => {
    const plain: readonly object[] = [
      async ({ id }: { readonly id: string }) => ok(id),
      ({ id }: { readonly id: string }, _ctx: unknown) => ok(id),
      function* () {
        yield ok(1)
      },
      async function* () {
        yield ok(1)
      },
    ]
    for (const given of plain)
      expect(() => implement(Orders, { ...all, get: given } as unknown as typeof all)).toThrow(
        new TypeError(
          'implement shop.v1.Orders: "get" is a plain function and no endpoint: wrap it in handler(Orders.methods.get, ...)',
        ),
      )
  })

  it('given a plain function that may be an endpoint, when it is called, then the Defect says that it is none', async () => {
    const given = ({ id }: { readonly id: string }) => ok(id)
    const { endpoints } = implement(Orders, { ...all, get: given } as unknown as typeof all)
    expect(await endpoints.get?.({ id: 'a' })(background())()).toMatchObject({
      left: { _tag: 'Defect', cause: { message: expect.stringContaining('this is no endpoint') } },
    })
  })
})
