// zod 4: objects strip what they do not know, which is their default.
import * as z from 'zod'
import type { Subject } from '../harness/suite.ts'
import type { ShapeName } from './shapes.ts'
import { decoding, encoding } from './subject.ts'

const Item = z.object({ sku: z.string(), qty: z.number(), price: z.number(), gift: z.boolean() })
const shapes: Readonly<Record<ShapeName, z.ZodType>> = {
  small: z.object({ id: z.string(), name: z.string(), qty: z.number(), price: z.number(), active: z.boolean() }),
  nested: z.object({
    id: z.string(),
    status: z.enum(['open', 'paid', 'sent']),
    customer: z.object({
      name: z.string(),
      email: z.string(),
      address: z.object({ street: z.string(), city: z.string(), zip: z.string() }),
    }),
    items: z.array(Item),
    tags: z.array(z.string()),
    note: z.string().optional(),
  }),
  array: z.object({ items: z.array(Item) }),
}

export const zod = (shape: ShapeName, which: 'valid' | 'invalid'): Subject => {
  const schema = shapes[shape]
  return decoding(shape, which, {
    unknown: 'strips',
    decode(raw) {
      const result = schema.safeParse(raw)
      return result.success ? result.data : undefined
    },
  })
}

/** Checks and copies, as its decoding does. */
export const zodEncode = (shape: ShapeName): Subject => {
  const schema = shapes[shape]
  return encoding(shape, (value) => z.encode(schema, value))
}
