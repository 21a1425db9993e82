// Documents under other people's eyes: a validator of OpenAPI 3.1, and a linter with all its recommended rules.
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { describe, expect, it } from 'vitest'
import { annotate, contract, failure, type OpenApiDocument, openapi, secret, serverStream, unary } from '../index.ts'

const Sku = annotate(
  t.brand(t.string, (s): s is t.Branded<string, { readonly Sku: symbol }> => s !== '', 'Sku'),
  { description: 'what is sold', schema: { pattern: '^[a-z]+$' } },
)
const Item = annotate(t.strict({ sku: Sku, qty: annotate(t.Int, { description: 'how many', example: 3 as t.Int }) }), {
  title: 'Item',
})
const Card = t.strict({ kind: t.literal('card'), number: secret(t.string) }, 'Card')
const Voucher = t.strict({ kind: t.literal('voucher'), code: t.string }, 'Voucher')
const Order = annotate(
  t.intersection([
    t.strict({
      id: t.string,
      items: t.array(Item),
      at: DateFromISOString,
      payment: t.union([Card, Voucher]),
      size: t.tuple([t.number, t.union([t.literal('cm'), t.literal('in')])]),
      labels: t.record(t.string, t.union([t.string, t.null])),
    }),
    t.partial({ note: annotate(t.union([t.string, t.null]), { deprecated: true }) }),
    t.union([t.type({ pickUp: t.literal(true) }), t.type({ address: t.string })]),
  ]),
  { title: 'Order', description: 'What somebody wants.' },
)
const Tree: t.Type<unknown> = t.recursion('Tree', (self) => t.strict({ of: Sku, sons: t.array(self) }) as never)
const OutOfStock = failure(
  'OutOfStock',
  'failed_precondition',
  t.strict({ sku: annotate(t.string, { example: 'oak' }), left: annotate(t.number, { example: 0 }) }),
)
const NotFound = failure('OrderNotFound', 'not_found')
const Slow = failure('Slow', 'resource_exhausted', t.strict({ retryAfter: t.number }))
const ById = t.strict({ id: annotate(t.string, { description: 'an order', example: '7' }) })

const Orders = contract(
  'shop.orders.v1.Orders',
  {
    place: unary({
      input: Order,
      output: Order,
      failures: [OutOfStock, Slow],
      http: 'POST /v1/orders',
      idempotent: true,
    }),
    get: unary({ input: ById, output: Order, failures: [NotFound], http: 'GET /v1/orders/{id}' }),
    drop: unary({
      input: t.intersection([t.strict({ orderId: t.string }), t.partial({ why: t.string })]),
      output: t.void,
      failures: [NotFound],
      http: [{ route: 'DELETE /v1/orders/{orderId}', headers: { why: 'x-why' } }, 'POST /v1/orders/{orderId}:drop'],
    }),
    find: unary({
      input: t.partial({ q: t.string, page: t.Int, tags: t.array(t.string) }),
      output: t.array(Order),
      http: 'GET /v1/orders',
    }),
    tree: unary({ input: Tree, output: t.union([Tree, t.undefined]), description: 'A tree. And back.' }),
    watch: serverStream({ input: ById, output: Order, failures: [NotFound], http: 'GET /v1/orders/{id}/events' }),
    ping: unary({ input: t.void, output: t.unknown, unknownKeys: { output: 'refuse' } }),
  },
  { description: 'Orders of the shop.' },
)
const Payments = contract(
  'shop.payments.v1.Payments',
  { charge: unary({ input: Card, output: t.void, failures: [Slow], http: 'POST /v1/charges', deprecated: true }) },
  { description: 'Money.', unknownKeys: { input: 'strip' } },
)

const { document } = openapi([Orders, Payments], {
  info: { title: 'Shop', version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
  security: { token: { type: 'http', scheme: 'bearer' } },
})

async function lint(linted: OpenApiDocument): Promise<readonly string[]> {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lintFromString({ source: JSON.stringify(linted), config, absoluteRef: 'openapi.json' })
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
}

/** The validator alters what it is given. */
const validate = (given: OpenApiDocument): ReturnType<Validator['validate']> =>
  new Validator().validate(structuredClone(given))

describe('a document', () => {
  it('given all that contracts can hold, then the validator takes it', async () => {
    expect(await validate(document)).toEqual({ valid: true })
  })

  it('given all that contracts can hold, then no recommended rule of the linter has anything to say', async () => {
    expect(await lint(document)).toEqual([])
  })

  it('given a contract of which nothing is said, then two things are missing that only people know', async () => {
    const C = contract('C', { m: unary({ input: t.strict({ a: t.string }), output: t.void }) })
    const bare = openapi(C).document
    expect(await validate(bare)).toEqual({ valid: true })
    expect((await lint(bare)).map((problem) => problem.split(':')[0])).toEqual(['info-license', 'tag-description'])
  })

  it('given a document that is broken, then validator and linter see it', async () => {
    const { post } = document.paths['/v1/orders'] as never as Record<string, object>
    const broken = { ...document, paths: { '/v1/orders': { post: { ...post, parameters: [{ in: 'query' }] } } } }
    expect(await validate(broken as never)).toMatchObject({ valid: false })
    expect(await lint(broken as never)).not.toEqual([])
  })
})
