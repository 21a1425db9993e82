// valibot: objects strip what they do not know, which is their default.
import * as v from 'valibot'
import type { Subject } from '../harness/suite.ts'
import type { ShapeName } from './shapes.ts'
import { decoding } from './subject.ts'

const Item = v.object({ sku: v.string(), qty: v.number(), price: v.number(), gift: v.boolean() })
const shapes: Readonly<Record<ShapeName, v.GenericSchema>> = {
  small: v.object({ id: v.string(), name: v.string(), qty: v.number(), price: v.number(), active: v.boolean() }),
  nested: v.object({
    id: v.string(),
    status: v.picklist(['open', 'paid', 'sent']),
    customer: v.object({
      name: v.string(),
      email: v.string(),
      address: v.object({ street: v.string(), city: v.string(), zip: v.string() }),
    }),
    items: v.array(Item),
    tags: v.array(v.string()),
    note: v.optional(v.string()),
  }),
  array: v.object({ items: v.array(Item) }),
}

export const valibot = (shape: ShapeName, which: 'valid' | 'invalid'): Subject => {
  const schema = shapes[shape]
  return decoding(shape, which, {
    unknown: 'strips',
    decode(raw) {
      const result = v.safeParse(schema, raw)
      return result.success ? result.output : undefined
    },
  })
}
