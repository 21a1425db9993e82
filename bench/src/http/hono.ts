// Hono on @hono/node-server, with zod schemas through its own validator.
import { createAdaptorServer } from '@hono/node-server'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import * as z from 'zod'
import type { Served } from '../load/parts.ts'
import { bill, find, place } from '../shop/work.ts'
import { listening } from './served.ts'

const order = z.strictObject({ sku: z.string(), quantity: z.int() })
const cart = z.strictObject({
  customer: z.strictObject({
    name: z.string(),
    email: z.string(),
    address: z.strictObject({ street: z.string(), city: z.string(), zip: z.string() }),
  }),
  lines: z.array(
    z.strictObject({
      sku: z.string(),
      quantity: z.int(),
      price: z.number(),
      gift: z.boolean(),
      tags: z.array(z.string()),
    }),
  ),
})
const query = z.strictObject({ currency: z.string(), limit: z.coerce.number().int() })

export function hono(): Promise<Served> {
  const app = new Hono()
  app.post('/v1/orders', zValidator('json', order), async (c) => c.json(await place(c.req.valid('json'))))
  app.post('/v1/invoices', zValidator('json', cart), async (c) => c.json(await bill(c.req.valid('json'))))
  app.get('/v1/orders/:id', zValidator('query', query), async (c) =>
    c.json(await find({ id: c.req.param('id'), ...c.req.valid('query') })),
  )
  app.notFound((c) => c.json({ message: 'nothing here' }, 404))
  return listening(createAdaptorServer({ fetch: app.fetch }) as Parameters<typeof listening>[0])
}
