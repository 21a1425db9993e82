// The strict table: which kind of codec goes with which scalar of protobuf, and how values cross.
import type { Description } from '@tenon/contract'
import { bytesAsText, type Convert, longAsNumber, longAsText, scalar, whole } from './convert.ts'

/** What a codec without parts is, as the table knows it. */
export type Kind =
  | 'text'
  | 'number'
  | 'whole number'
  | 'whole number as text'
  | 'boolean'
  | 'bytes as base64 text'
  | 'time'
  | 'duration'

const longs: ReadonlySet<string> = new Set(['BigIntFromString', 'IntFromString'])

/** The kind of a description that is a scalar; `undefined` for all others. */
export function kindOf(of: Description): Kind | undefined {
  const { schema } = of.notes ?? {}
  switch (of.kind) {
    case 'string':
      return textual(schema?.format)
    case 'boolean':
      return 'boolean'
    case 'number':
      return schema?.type === 'integer' ? 'whole number' : 'number'
    case 'refined': {
      if (longs.has(of.name)) return 'whole number as text'
      const inside = kindOf(of.of)
      if (inside === 'number' && schema?.type === 'integer') return 'whole number'
      return inside === 'text' ? textual(schema?.format) : inside
    }
    case 'literal': {
      const [first] = of.values
      if (of.values.every((value) => typeof value === 'number'))
        return of.values.every((value) => Number.isInteger(value)) ? 'whole number' : 'number'
      return of.values.every((value) => typeof value === typeof first)
        ? typeof first === 'boolean'
          ? 'boolean'
          : 'text'
        : undefined
    }
    default:
      return undefined
  }
}

function textual(format: unknown): Kind {
  if (format === 'date-time') return 'time'
  if (format === 'duration') return 'duration'
  if (format === 'int64' || format === 'uint64') return 'whole number as text'
  return format === 'byte' ? 'bytes as base64 text' : 'text'
}

const int32 = (type: string): Convert => whole(type, -(2 ** 31), 2 ** 31 - 1)
const uint32 = (type: string): Convert => whole(type, 0, 2 ** 32 - 1)

const integers: Readonly<Record<string, Convert>> = {
  int32: int32('int32'),
  sint32: int32('sint32'),
  sfixed32: int32('sfixed32'),
  uint32: uint32('uint32'),
  fixed32: uint32('fixed32'),
  int64: longAsNumber('int64', false),
  sint64: longAsNumber('sint64', false),
  sfixed64: longAsNumber('sfixed64', false),
  uint64: longAsNumber('uint64', true),
  fixed64: longAsNumber('fixed64', true),
  double: scalar(0),
}

const texts: Readonly<Record<string, Convert>> = { string: scalar('') }

const table: Readonly<Record<Kind, Readonly<Record<string, Convert>>>> = {
  text: texts,
  time: texts,
  duration: texts,
  // In 32 bits it would be another number.
  number: { double: scalar(0) },
  'whole number': integers,
  'whole number as text': {
    ...texts,
    int64: longAsText('int64', false),
    sint64: longAsText('sint64', false),
    sfixed64: longAsText('sfixed64', false),
    uint64: longAsText('uint64', true),
    fixed64: longAsText('fixed64', true),
  },
  boolean: { bool: scalar(false) },
  'bytes as base64 text': { ...texts, bytes: bytesAsText },
}

/** How values of this kind cross in this scalar type; `undefined` where they may not. */
export const scalarOf = (kind: Kind, type: string): Convert | undefined =>
  Object.hasOwn(table[kind], type) ? table[kind][type] : undefined

/** The scalar types that a kind may have, for messages. */
export const scalarsOf = (kind: Kind): string => Object.keys(table[kind]).join(', ')

/** The type that `toProto` gives to a kind. */
export const preferred: Readonly<Record<Kind, string>> = {
  text: 'string',
  number: 'double',
  'whole number': 'int64',
  'whole number as text': 'int64',
  boolean: 'bool',
  'bytes as base64 text': 'bytes',
  time: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
}
