// Discovered clients: a contract over all instances of its service.
import { type CallFailed, contract, event, failure, serverStream, unary } from '@tenon/contract'
import { call, chain, type Endpoint, endpoint, fail, mapMethods, ok, type Stream, stream } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { discovered, endpointerOf } from './discovered.ts'
import { fixed } from './fixed.ts'
import type { Instance } from './instance.ts'
import { memoryRegistry } from './memory-registry.ts'
import type { NoEndpoints } from './no-endpoints.ts'
import type { Strategy } from './strategy.ts'

const OutOfStock = failure('OutOfStock', 'failed_precondition', t.strict({ sku: t.string }))
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({ input: t.strict({ sku: t.string }), output: t.string, failures: [OutOfStock] }),
  get: unary({ input: t.strict({ id: t.string }), output: t.string, idempotent: true }),
  watch: serverStream({ input: t.strict({ id: t.string }), output: t.number }),
  placed: event({ message: t.string }),
})

/** A client of one instance, without a wire. */
function client(instance: Instance, closed: string[] = []) {
  return {
    place: endpoint(async ({ sku }: { sku: string }) =>
      sku === '' ? fail(OutOfStock({ sku })) : ok(`${sku} at ${instance.id}`),
    ),
    get: endpoint(async ({ id }: { id: string }) => ok(`${id} at ${instance.id}`)),
    watch: endpoint(async (_: { id: string }) =>
      ok(
        stream(
          (async function* () {
            yield ok(1)
          })(),
        ),
      ),
    ),
    [Symbol.asyncDispose]: async () => void closed.push(instance.id),
  }
}

describe('a discovered client', () => {
  it('given instances come and go, then calls follow them; one connection serves all methods', async () => {
    const registry = memoryRegistry()
    const connected: string[] = []
    const closed: string[] = []
    await using orders = discovered(Orders, registry.instancer('orders'), {
      connect(instance) {
        connected.push(instance.id)
        return client(instance, closed)
      },
    })
    const one = registry.registrar({ service: 'orders', id: 'h:1', address: 'h:1' })
    const two = registry.registrar({ service: 'orders', id: 'h:2', address: 'h:2' })
    await one.start()
    await two.start()
    expect(await call(orders.place, { sku: 'oak' })).toEqual(ok('oak at h:1'))
    expect(await call(orders.get, { id: '7' })).toEqual(ok('7 at h:2'))
    expect(await call(orders.place, { sku: '' })).toEqual(fail(OutOfStock({ sku: '' })))
    expect(connected).toEqual(['h:1', 'h:2'])
    await one.drain()
    expect(closed).toEqual(['h:1'])
    expect(await call(orders.get, { id: '7' })).toEqual(ok('7 at h:2'))
    await two.drain()
    expect(await call(orders.get, { id: '7' })).toMatchObject({ left: { _tag: 'NoEndpoints', reason: 'empty' } })
  })

  it('given it is disposed, then all connections are closed and the registry is not watched any more', async () => {
    const closed: string[] = []
    const orders = discovered(Orders, fixed(['h:1', 'h:2']), { connect: (instance) => client(instance, closed) })
    await orders[Symbol.asyncDispose]()
    await orders[Symbol.asyncDispose]()
    expect(closed).toEqual(['h:1', 'h:2'])
    expect(await call(orders.get, { id: '7' })).toMatchObject({ left: { _tag: 'NoEndpoints', reason: 'closed' } })
  })

  it('given a middleware around it, then its endpointer and its closing are still there', async () => {
    const closed: string[] = []
    const clock = virtualClock()
    const orders = mapMethods(
      discovered(Orders, fixed(['h:1'], { service: 'orders' }), {
        connect: (instance) => client(instance, closed),
        clock,
      }),
      chain(),
    )
    expect(await endpointerOf(orders).ready({ atLeast: 1 })).toEqual(ok(1))
    expect(endpointerOf(orders).view()).toEqual({
      service: 'orders',
      status: 'known',
      nodes: [{ id: 'h:1', address: 'h:1', state: 'ready', inFlight: 0 }],
    })
    await orders[Symbol.asyncDispose]()
    expect(closed).toEqual(['h:1'])
    expect(() => endpointerOf({})).toThrow('endpointerOf: this is no client that discovered(...) made')
  })

  it('given the methods of the contract, then each endpoint carries its own; events are not called', () => {
    const orders = discovered(Orders, fixed([]), { connect: (instance) => client(instance) })
    expect(orders.get.method).toMatchObject({
      contract: 'shop.orders.v1.Orders',
      name: 'get',
      kind: 'unary',
      idempotent: true,
    })
    expect(Object.keys(orders)).toEqual(['place', 'get', 'watch'])
  })

  it('given connect answers later, or with a method missing, then it works, or it says which', async () => {
    const orders = discovered(Orders, fixed(['h:1']), { connect: async (instance) => client(instance) })
    expect(await call(orders.get, { id: '7' })).toEqual(ok('7 at h:1'))
    const { get: _, ...partly } = client({ id: 'x' } as Instance)
    const broken = discovered(Orders, fixed(['h:1']), { connect: () => partly as ReturnType<typeof client> })
    expect(await call(broken.get, { id: '7' })).toMatchObject({
      left: {
        reason: 'unconnected',
        cause: new TypeError('what connect gives for shop.orders.v1.Orders has no endpoint "get"'),
      },
    })
    await broken[Symbol.asyncDispose]()
  })
})

describe('the types of a discovered client', () => {
  type OutOfStock = ReturnType<typeof OutOfStock>
  interface Wired extends AsyncDisposable {
    readonly place: Endpoint<{ sku: string }, string, OutOfStock | CallFailed>
    readonly get: Endpoint<{ id: string }, string, CallFailed>
    readonly watch: Endpoint<{ id: string }, Stream<number, CallFailed>, CallFailed>
  }
  const connect = (): Wired => null as never

  it('given what connect gives, then NoEndpoints is added to each endpoint and it can be disposed', () => {
    const orders = discovered(Orders, fixed([]), { connect })
    expectTypeOf(orders.place).toEqualTypeOf<Endpoint<{ sku: string }, string, OutOfStock | CallFailed | NoEndpoints>>()
    expectTypeOf(orders.watch).toEqualTypeOf<
      Endpoint<{ id: string }, Stream<number, CallFailed>, CallFailed | NoEndpoints>
    >()
    expectTypeOf(orders[Symbol.asyncDispose]).toEqualTypeOf<() => PromiseLike<void>>()
    expectTypeOf(discovered(Orders, fixed([]), { connect: async () => connect() }).get).toEqualTypeOf(orders.get)
  })

  it('given a strategy that cannot read every input, or a client that cannot be closed, or misses a method, then it does not compile', () => {
    const bySku: Strategy<{ readonly sku: string }> = { name: 'bySku', balancer: () => ({ pick: () => 0 }) }
    const byAny: Strategy<{ readonly sku: string } | { readonly id: string }> = {
      name: 'byAny',
      balancer: () => ({ pick: () => 0 }),
    }
    discovered(Orders, fixed([]), { connect, balance: byAny })
    // @ts-expect-error get and watch have no sku
    discovered(Orders, fixed([]), { connect, balance: bySku })
    const { place, get, watch } = client({ id: 'x' } as Instance)
    // @ts-expect-error nothing closes it
    discovered(Orders, fixed([]), { connect: () => ({ place, get, watch }) })
    // @ts-expect-error there is no watch
    discovered(Orders, fixed([]), { connect: () => ({ place, get, [Symbol.asyncDispose]: async () => {} }) })
  })
})
