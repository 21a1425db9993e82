// io-ts as it is, compiled, and as a contract decodes its inputs.
import { codecs, compile, contract, unary } from '@tenon/contract'
import * as t from 'io-ts'
import type { Subject } from '../harness/suite.ts'
import type { ShapeName } from './shapes.ts'
import { type Decoder, decoding, encoding } from './subject.ts'

const Item = t.strict({ sku: t.string, qty: t.number, price: t.number, gift: t.boolean })
const shapes: Readonly<Record<ShapeName, t.Mixed>> = {
  small: t.strict({ id: t.string, name: t.string, qty: t.number, price: t.number, active: t.boolean }),
  nested: t.exact(
    t.intersection([
      t.type({
        id: t.string,
        status: t.keyof({ open: null, paid: null, sent: null }),
        customer: t.strict({
          name: t.string,
          email: t.string,
          address: t.strict({ street: t.string, city: t.string, zip: t.string }),
        }),
        items: t.array(Item),
        tags: t.array(t.string),
      }),
      t.partial({ note: t.string }),
    ]),
  ),
  array: t.strict({ items: t.array(Item) }),
}

const stripping = (codec: t.Mixed): Decoder => ({
  unknown: 'strips',
  decode(raw) {
    const outcome = codec.decode(raw)
    return outcome._tag === 'Right' ? outcome.right : undefined
  },
})

export const plain = (shape: ShapeName, which: 'valid' | 'invalid'): Subject =>
  decoding(shape, which, stripping(shapes[shape]))

export const compiled = (shape: ShapeName, which: 'valid' | 'invalid'): Subject =>
  decoding(shape, which, stripping(compile(shapes[shape])))

/** What a transport does with an input: unknown keys are refused, and a failure tells each wrong field. */
export function ofContract(shape: ShapeName, which: 'valid' | 'invalid'): Subject {
  const { methods } = contract('bench.v1.Bench', { take: unary({ input: shapes[shape], output: t.void }) })
  const { decodeInput } = codecs(methods.take)
  return decoding(shape, which, {
    unknown: 'refuses',
    decode(raw) {
      const outcome = decodeInput(raw)
      return outcome._tag === 'Right' ? outcome.right : undefined
    },
  })
}

export const plainEncode = (shape: ShapeName): Subject => encoding(shape, shapes[shape].encode)
export const compiledEncode = (shape: ShapeName): Subject => {
  const codec = compile(shapes[shape])
  return encoding(shape, (value) => codec.encode(value))
}
