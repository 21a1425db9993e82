// What a codec is beside its shape, for those who explain its errors: its nature, its name, its tag, what it refines.
import type * as t from 'io-ts'
import { inside } from './inside.ts'
import { resolve, shapeOf } from './shape.ts'

/** The codec inside of what only narrows or names it, as `t.strict`, `t.brand` and `t.recursion` do. */
export function unwrap(codec: t.Mixed): t.Mixed {
  switch (inside(codec)._tag) {
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
    case 'RecursiveType':
      return unwrap(inside(codec).type as t.Mixed)
    default:
      return codec
  }
}

/** The key that tells the members of a union apart, if it has one. */
export const tagOf = (codec: t.Mixed): string | undefined => inside(unwrap(codec)).tag

/** What a codec is made of, for those who read its errors. */
export function natureOf(codec: t.Mixed): 'union' | 'intersection' | 'literal' | 'other' {
  switch (inside(unwrap(codec))._tag) {
    case 'UnionType':
      return 'union'
    case 'IntersectionType':
      return 'intersection'
    case 'LiteralType':
    case 'KeyofType':
      return 'literal'
    default:
      return 'other'
  }
}

/** The name of a refinement or of a codec written by hand, where somebody gave it one: `Int`, `DateFromISOString`. */
export function nameOf(codec: t.Mixed): string | undefined {
  const { _tag, name } = inside(codec)
  return (_tag === undefined || _tag === 'RefinementType') && /^[\w$][\w$ .-]{0,63}$/.test(name) ? name : undefined
}

/** What a refinement asks of a value, and the kind of values it takes some of; `undefined` for other codecs. */
export function refinementOf(codec: t.Mixed): { readonly asks: string; readonly of: string } | undefined {
  const { _tag, name } = inside(codec)
  if (_tag !== 'RefinementType') return undefined
  const { kind } = resolve(shapeOf(codec))
  const of = kind === 'struct' || kind === 'record' ? 'object' : kind === 'tuple' ? 'array' : kind
  // Where nobody gave it a name, io-ts makes one of its predicate's: `(string | isEven)`, or `(string | <function1>)`.
  return { asks: nameOf(codec) ?? `${of} (${/ \| ([\w$]{1,64})\)$/.exec(name)?.[1] ?? 'refined'})`, of }
}
