// How much work a value is for io-ts. A union without a tag tries its members one after the other, each to the bottom: in
// a recursion, a hundred bytes of input that fit two members down to the last level cost more than the life of the server.
import { literalsOf, type Shape, some } from './shape.ts'

/** Does a recursion go through a union without a tag, of which several members go on? */
export const branches = (shape: Shape): boolean =>
  some(shape, (part) => part.kind === 'one' && part.tag === undefined && part.of.filter(recurs).length > 1)

const recurs = (shape: Shape): boolean => some(shape, (part) => part.kind === 'lazy')

/** Would decoding cost more than some twenty visits of every node of the value? It is counted as far as that, and no further. */
export function isTooMuch(shape: Shape, value: unknown): boolean {
  const purse = { visits: 10_000 + 20 * nodes(value) }
  visit(shape, value, purse)
  return purse.visits < 0
}

type Row = Readonly<Record<string, unknown>>

/** The objects and arrays of a value. */
function nodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 1
  if (Array.isArray(value)) for (const item of value) count += nodes(item)
  else for (const key in value) count += nodes((value as Row)[key])
  return count
}

/** Takes from the purse what decoding would visit, in its order; stops when nothing is left. */
function visit(shape: Shape, value: unknown, purse: { visits: number }): void {
  if (shape.kind === 'lazy') {
    visit(shape.of(), value, purse)
    return
  }
  purse.visits--
  if (typeof value !== 'object' || value === null) {
    if (shape.kind === 'one') purse.visits -= shape.of.length - 1
    return
  }
  const row = value as Row
  switch (shape.kind) {
    case 'all':
      for (let i = 0; i < shape.of.length && purse.visits >= 0; i++) visit(shape.of[i] as Shape, value, purse)
      break
    case 'one': {
      const { of, tag } = shape
      for (let i = 0; i < of.length && purse.visits >= 0; i++) {
        const member = of[i] as Shape
        if (tag === undefined || (literalsOf(member, tag) as readonly unknown[]).includes(row[tag]))
          visit(member, value, purse)
      }
      break
    }
    case 'array':
      if (!Array.isArray(value)) break
      for (let i = 0; i < value.length && purse.visits >= 0; i++) visit(shape.item, value[i], purse)
      break
    case 'tuple':
      if (!Array.isArray(value)) break
      for (let i = 0; i < shape.items.length && purse.visits >= 0; i++) visit(shape.items[i] as Shape, value[i], purse)
      break
    case 'record':
      if (Array.isArray(value)) break
      for (const key in row) {
        if (purse.visits < 0) break
        visit(shape.value, row[key], purse)
      }
      break
    case 'struct':
      if (Array.isArray(value)) break
      for (const [key, field] of shape.fields) {
        if (purse.visits < 0) break
        visit(field.shape, row[key], purse)
      }
      break
  }
}
