// Fastify with JSON schemas for what comes in and what goes out, as its documentation says, without its logger.
import fastify from 'fastify'
import type { Served } from '../load/parts.ts'
import { bill, type Cart, find, type Order, place, type Query } from '../shop/work.ts'

const string = { type: 'string' } as const
const number = { type: 'number' } as const
const integer = { type: 'integer' } as const
const array = <S>(items: S) => ({ type: 'array', items }) as const
const object = <P extends object>(properties: P) =>
  ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false }) as const

const order = object({ sku: string, quantity: integer })
const receipt = object({ id: string, sku: string, total: number })
const line = object({
  sku: string,
  quantity: integer,
  price: number,
  gift: { type: 'boolean' },
  tags: array(string),
})
const cart = object({
  customer: object({ name: string, email: string, address: object({ street: string, city: string, zip: string }) }),
  lines: array(line),
})
const invoice = object({
  id: string,
  to: object({ name: string, city: string }),
  lines: array(object({ sku: string, sum: number, tags: array(string) })),
  total: number,
})
const found = object({ id: string, currency: string, lines: array(number) })

export async function fastifyWithSchema(): Promise<Served> {
  const app = fastify()
  app.post<{ Body: Order }>('/v1/orders', { schema: { body: order, response: { 200: receipt } } }, ({ body }) =>
    place(body),
  )
  app.post<{ Body: Cart }>('/v1/invoices', { schema: { body: cart, response: { 200: invoice } } }, ({ body }) =>
    bill(body),
  )
  app.get<{ Params: Pick<Query, 'id'>; Querystring: Omit<Query, 'id'> }>(
    '/v1/orders/:id',
    {
      schema: {
        params: object({ id: string }),
        querystring: object({ currency: string, limit: integer }),
        response: { 200: found },
      },
    },
    ({ params, query }) => find({ ...params, ...query }),
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as { port: number }).port }
}
