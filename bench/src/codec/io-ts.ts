// io-ts as it is, compiled, and as a contract decodes its inputs.
import { type Codecs, codecs, compile, contract, unary } from '@tenon/contract'
import * as t from 'io-ts'
import type { Subject } from '../harness/suite.ts'
import type { ShapeName } from './shapes.ts'
import { type Decoder, decoding, encoding, writing } from './subject.ts'

type Props = Readonly<Record<string, t.Mixed>>

function made(
  object: (props: Props) => t.Mixed,
  strict: (codec: t.Mixed) => t.Mixed,
): Readonly<Record<ShapeName, t.Mixed>> {
  const item = object({ sku: t.string, qty: t.number, price: t.number, gift: t.boolean })
  const address = object({ street: t.string, city: t.string, zip: t.string })
  const order = t.type({
    id: t.string,
    status: t.keyof({ open: null, paid: null, sent: null }),
    customer: object({ name: t.string, email: t.string, address }),
    items: t.array(item),
    tags: t.array(t.string),
  })
  return {
    small: object({ id: t.string, name: t.string, qty: t.number, price: t.number, active: t.boolean }),
    nested: strict(t.intersection([order, t.partial({ note: t.string })])),
    array: object({ items: t.array(item) }),
  }
}

// The types of io-ts say less than it does of what may be strict.
const shapes = made(t.strict, (codec) => t.exact(codec as unknown as t.HasProps) as unknown as t.Mixed)
const open = made(t.type, (codec) => codec)

const decoder = (codec: t.Mixed, unknown: Decoder['unknown']): Decoder => ({
  unknown,
  decode(raw) {
    const outcome = codec.decode(raw)
    return outcome._tag === 'Right' ? outcome.right : undefined
  },
})

export const plain = (shape: ShapeName, which: 'valid' | 'invalid'): Subject =>
  decoding(shape, which, decoder(shapes[shape], 'strips'))

export const compiled = (shape: ShapeName, which: 'valid' | 'invalid'): Subject =>
  decoding(shape, which, decoder(compile(shapes[shape]), 'strips'))

/** `t.type` and no `t.strict`: other keys are not looked for. */
export const compiledOpen = (shape: ShapeName, which: 'valid' | 'invalid'): Subject =>
  decoding(shape, which, decoder(compile(open[shape]), 'keeps'))

const method = (shape: ShapeName): Codecs => {
  const codec = shapes[shape]
  return codecs(contract('bench.v1.Bench', { take: unary({ input: codec, output: codec }) }).methods.take) as Codecs
}

/** What a transport does with an input: unknown keys are refused, and a failure tells each wrong field. */
export function ofContract(shape: ShapeName, which: 'valid' | 'invalid'): Subject {
  const { decodeInput } = method(shape)
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
export const contractEncode = (shape: ShapeName): Subject => {
  const { encodeOutput } = method(shape)
  return encoding(shape, encodeOutput)
}

/** What a transport does with an output. */
export const contractText = (shape: ShapeName): Subject => {
  const { encodeOutput } = method(shape)
  return writing(shape, (value) => JSON.stringify(encodeOutput(value)))
}
