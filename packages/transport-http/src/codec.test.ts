// The JSON codecs of the low level where an io-ts codec says what the JSON holds.
import { createServer } from 'node:http'
import type { CallFailed } from '@tenon/contract'
import { call, type Endpoint, endpoint, fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { http } from './index.ts'

const Order = t.strict({ sku: t.string, qty: t.Int })
const Receipt = t.strict({ total: t.number })

describe('a server and a client of one endpoint, their JSON checked by codecs', () => {
  const listener = http.server(
    endpoint(({ sku, qty }: { readonly sku: string; readonly qty: number }) =>
      ok(sku === 'odd' ? { total: 'much' } : { total: qty * 2, note: 'thanks' }),
    ),
    { decode: http.decodeJsonAs(Order) },
  )
  const post = (url: string, body: string) => fetch(url, { method: 'POST', body })

  it('given a body that fits, then both sides have it typed, and what the client does not know is dropped', async () => {
    await using served = await http.serve([], { routes: { 'POST /orders': listener } })
    await using order = http.client({
      url: `${served.url}/orders`,
      encode: (input: { readonly sku: string; readonly qty: number }, request) => http.encodeJson(input, request),
      decode: http.readJsonAs(Receipt),
    })
    const receipt = await call(order, { sku: 'oak', qty: 3 })
    expect(receipt).toEqual(ok({ total: 6 }))
    if (receipt._tag === 'Right') expectTypeOf(receipt.right).toEqualTypeOf<{ total: number }>()
    expect(await call(order, { sku: 'odd', qty: 3 })).toEqual(
      fail({
        _tag: 'Remote',
        code: 'internal',
        tag: 'InvalidOutput',
        message: 'the answer does not fit: total: expected number, got string',
      }),
    )
  })

  it('given a body that does not fit, then 400 names each wrong field; what is no JSON, and nothing, are refused too', async () => {
    await using served = await http.serve([], { routes: { 'POST /orders': listener } })
    const wrong = await post(`${served.url}/orders`, '{"sku":1,"qty":1.5,"x":0}')
    expect(wrong.status).toBe(400)
    expect(await wrong.json()).toMatchObject({
      tag: 'InvalidArgument',
      details: {
        issues: [
          { path: 'sku', expected: 'string', actual: 'number' },
          { path: 'qty', expected: 'Int', actual: 'another number' },
          { path: 'x', expected: 'no such field', actual: 'number' },
        ],
      },
    })
    expect(await (await post(`${served.url}/orders`, '{"sku":')).json()).toMatchObject({
      detail: 'the JSON of the body breaks off',
    })
    expect(await (await post(`${served.url}/orders`, '')).json()).toMatchObject({
      detail: 'expected object, but it is missing',
    })
  })

  it('given other rules for unknown keys, then they hold', async () => {
    const lax = http.server(
      endpoint((order: { readonly sku: string }) => ok(order)),
      { decode: http.decodeJsonAs(t.strict({ sku: t.string }), { unknownKeys: 'strip' }) },
    )
    const server = createServer(lax).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { readonly port: number }
    await using strict = http.client({
      url: `http://127.0.0.1:${port}/`,
      decode: http.readJsonAs(t.strict({}), { unknownKeys: 'refuse' }),
    })
    expect(await (await post(`http://127.0.0.1:${port}/`, '{"sku":"oak","x":1}')).text()).toBe('{"sku":"oak"}')
    expect(await call(strict, { sku: 'oak' })).toMatchObject(
      fail({ _tag: 'Remote', code: 'internal', message: 'the answer does not fit: sku: no such field' }),
    )
    server.close()
  })
})

describe('a client of one endpoint', () => {
  const Sold = { _tag: 'Sold', code: 'failed_precondition', message: 'sold' } as const
  const Gone = { _tag: 'Gone', code: 'not_found', message: 'gone' } as const
  const Odd = { _tag: 'Odd', code: 'invalid_argument', message: 'odd' } as const

  it('given several failures that its codecs answer, then all of them are in its type', async () => {
    await using served = await http.serve([], {
      routes: {
        'POST /': http.server(
          endpoint((status: string) => ok(status)),
          { decode: ({ body }) => ok(String(body)) },
        ),
      },
    })
    await using sale = http.client({
      url: served.url,
      encode: (id: string, request) => {
        if (id === 'odd') return fail(Odd)
        request.body = id
        return undefined
      },
      decode: async ({ body }) => {
        const text = String(JSON.parse(String(body)))
        return text === 'sold' ? fail(Sold) : text === 'gone' ? fail(Gone) : ok(text.length)
      },
    })
    type E = typeof sale extends Endpoint<string, number, infer E> ? E : never
    expectTypeOf<E>().toEqualTypeOf<typeof Sold | typeof Gone | typeof Odd | CallFailed>()
    expect(await call(sale, 'sold')).toEqual(fail(Sold))
    expect(await call(sale, 'gone')).toEqual(fail(Gone))
    expect(await call(sale, 'odd')).toEqual(fail(Odd))
    expect(await call(sale, 'oak')).toEqual(ok(3))
  })
})
