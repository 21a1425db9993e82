// How much work a value is for io-ts. A union without a tag tries its members one after the other, each to the bottom: in
// a recursion, a hundred bytes of input that fit two members down to the last level cost more than the life of the server.
import { literalsOf, type Shape, some } from './shape.ts'

/** Does a recursion go through a union without a tag, of which several members go on? */
export const branches = (shape: Shape): boolean =>
  some(shape, (part) => part.kind === 'one' && part.tag === undefined && part.of.filter(recurs).length > 1)

const recurs = (shape: Shape): boolean => some(shape, (part) => part.kind === 'lazy')

/** Would decoding cost more than some twenty visits of every node of the value? Linear itself: what it counts it keeps. */
export function isTooMuch(shape: Shape, value: unknown): boolean {
  const known = new Map<object, Map<Shape, number>>()
  return visits(shape, value, known) > 10_000 + 20 * known.size
}

function visits(shape: Shape, value: unknown, known: Map<object, Map<Shape, number>>): number {
  if (shape.kind === 'lazy') return visits(shape.of(), value, known)
  if (typeof value !== 'object' || value === null) return shape.kind === 'one' ? shape.of.length : 1
  let byShape = known.get(value)
  if (byShape === undefined) {
    byShape = new Map()
    known.set(value, byShape)
  }
  let count = byShape.get(shape)
  if (count === undefined) {
    count = 1
    for (const [inside, item] of within(shape, value)) count += visits(inside, item, known)
    byShape.set(shape, count)
  }
  return count
}

/** What decoding a value of this shape decodes in turn. */
function* within(shape: Shape, value: object): Generator<readonly [Shape, unknown]> {
  const row = value as Readonly<Record<string, unknown>>
  if (shape.kind === 'all') for (const member of shape.of) yield [member, value]
  else if (shape.kind === 'one') {
    const { tag } = shape
    for (const member of shape.of)
      if (tag === undefined || (literalsOf(member, tag) as readonly unknown[]).includes(row[tag])) yield [member, value]
  } else if (Array.isArray(value)) {
    if (shape.kind === 'array') for (const item of value) yield [shape.item, item]
    if (shape.kind === 'tuple') for (const [at, item] of shape.items.entries()) yield [item, value[at]]
  } else if (shape.kind === 'record') for (const item of Object.values(row)) yield [shape.value, item]
  else if (shape.kind === 'struct') for (const [key, field] of shape.fields) yield [field.shape, row[key]]
}
