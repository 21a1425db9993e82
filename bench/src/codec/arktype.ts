// arktype: checks in place and keeps unknown keys, which is its default.
import { type Type, type } from 'arktype'
import type { Subject } from '../harness/suite.ts'
import type { ShapeName } from './shapes.ts'
import { decoding } from './subject.ts'

const Item = type({ sku: 'string', qty: 'number', price: 'number', gift: 'boolean' })
const shapes: Readonly<Record<ShapeName, Type>> = {
  small: type({ id: 'string', name: 'string', qty: 'number', price: 'number', active: 'boolean' }),
  nested: type({
    id: 'string',
    status: "'open' | 'paid' | 'sent'",
    customer: { name: 'string', email: 'string', address: { street: 'string', city: 'string', zip: 'string' } },
    items: Item.array(),
    tags: 'string[]',
    'note?': 'string',
  }),
  array: type({ items: Item.array() }),
} as unknown as Record<ShapeName, Type>

export const arktype = (shape: ShapeName, which: 'valid' | 'invalid'): Subject => {
  const schema = shapes[shape]
  return decoding(shape, which, {
    unknown: 'keeps',
    decode(raw) {
      const result: unknown = schema(raw)
      return result instanceof type.errors ? undefined : result
    },
  })
}
