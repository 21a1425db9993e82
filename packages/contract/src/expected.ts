// What a codec takes, in a few words that a caller of another team, in another language, understands.
import type * as t from 'io-ts'
import { inside } from './inside.ts'
import { nameOf } from './nature.ts'
import { type Literal, type Shape, shapeOf } from './shape.ts'

const longest = 80
const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 3)}...` : text)

/** `string`, `Int`, `"a" | "b"`, `object`, `array`; of a secret the literals are not told. */
export const expected = (codec: t.Mixed, secret: boolean): string =>
  cut(named(codec) ?? shaped(shapeOf(codec), 0, secret))

/** `"a" | "b"`; `a certain string` of a secret. */
export const expectedLiterals = (literals: readonly Literal[], secret: boolean): string =>
  distinct(literals.map((literal) => (secret ? `a certain ${typeof literal}` : JSON.stringify(literal))))

/** The same of several members of a union; objects by their keys: `{ card } | { iban, bic? }`. */
export const expectedOneOf = (codecs: readonly t.Mixed[], secret: boolean): string =>
  cut(distinct(codecs.map((codec) => named(codec) ?? outline(shapeOf(codec), secret))))

/** The name somebody gave, through what only wraps. */
function named(codec: t.Mixed): string | undefined {
  const { kind } = shapeOf(codec)
  if (kind === 'struct' || kind === 'all' || kind === 'one') return undefined
  const name = nameOf(codec)
  if (name !== undefined || kind !== 'custom') return name
  const within = inside(codec).type
  return within === undefined ? undefined : named(within)
}

function shaped(shape: Shape, depth: number, secret: boolean): string {
  if (depth > 8) return 'something'
  switch (shape.kind) {
    case 'undefined':
      return 'nothing'
    case 'literals':
      return expectedLiterals(shape.values, secret)
    case 'array':
    case 'tuple':
      return 'array'
    case 'record':
    case 'struct':
      return 'object'
    case 'all':
      return distinct(
        shape.of.map((member) => shaped(member, depth + 1, secret)),
        ' & ',
      )
    case 'one': {
      const members = shape.of.map((member) => shaped(member, depth + 1, secret))
      return distinct(members.filter((member) => member !== 'nothing' || members.length === 1))
    }
    case 'lazy':
      return shaped(shape.of(), depth + 1, secret)
    case 'custom':
    case 'unknown':
      return 'something else'
    default:
      return shape.kind
  }
}

function outline(shape: Shape, secret: boolean): string {
  if (shape.kind === 'lazy') return outline(shape.of(), secret)
  if (shape.kind !== 'struct') return shaped(shape, 0, secret)
  return `{ ${[...shape.fields].map(([key, { optional }]) => (optional ? `${key}?` : key)).join(', ')} }`
}

const distinct = (texts: readonly string[], between = ' | '): string => [...new Set(texts)].join(between)
