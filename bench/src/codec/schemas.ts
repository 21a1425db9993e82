// JSON Schema, compiled: ajv and typebox check in place and keep unknown keys; neither copies.
import { Ajv } from 'ajv'
import fastJsonStringify, { type AnySchema } from 'fast-json-stringify'
import Type, { type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Subject } from '../harness/suite.ts'
import type { ShapeName } from './shapes.ts'
import { decoding, writing } from './subject.ts'

const Item = Type.Object({ sku: Type.String(), qty: Type.Number(), price: Type.Number(), gift: Type.Boolean() })
const shapes: Readonly<Record<ShapeName, TSchema>> = {
  small: Type.Object({
    id: Type.String(),
    name: Type.String(),
    qty: Type.Number(),
    price: Type.Number(),
    active: Type.Boolean(),
  }),
  nested: Type.Object({
    id: Type.String(),
    status: Type.Union([Type.Literal('open'), Type.Literal('paid'), Type.Literal('sent')]),
    customer: Type.Object({
      name: Type.String(),
      email: Type.String(),
      address: Type.Object({ street: Type.String(), city: Type.String(), zip: Type.String() }),
    }),
    items: Type.Array(Item),
    tags: Type.Array(Type.String()),
    note: Type.Optional(Type.String()),
  }),
  array: Type.Object({ items: Type.Array(Item) }),
}

export const ajv = (shape: ShapeName, which: 'valid' | 'invalid'): Subject => {
  const validate = new Ajv({ allErrors: true }).compile(shapes[shape])
  return decoding(shape, which, { unknown: 'keeps', decode: (raw) => (validate(raw) ? raw : undefined) })
}

/** Only whether it fits: its errors are made by an interpreter of the schema, which takes tens of microseconds. */
export const typebox = (shape: ShapeName, which: 'valid' | 'invalid'): Subject => {
  const validator = Compile(shapes[shape])
  return decoding(shape, which, { unknown: 'keeps', decode: (raw) => (validator.Check(raw) ? raw : undefined) })
}

/** A writer of JSON text that is generated from the schema. */
export const fastText = (shape: ShapeName): Subject =>
  writing(shape, fastJsonStringify(shapes[shape] as AnySchema) as (value: unknown) => string)

export const plainText = (shape: ShapeName): Subject => writing(shape, (value) => JSON.stringify(value))
