// Values without their secrets, for logs and spans: the codec knows which they are.
import type * as t from 'io-ts'
import { redacted } from './annotate.ts'
import { maxDepth } from './guard.ts'
import { inside } from './inside.ts'
import { behind, hasSecret, isSecret } from './secrets.ts'
import { literalsOf, shapeOf, some } from './shape.ts'

/**
 * The value with every secret of the codec replaced by `'[redacted]'`; where there is none, the value itself. Takes
 * values of any kind, decoded or raw, right or wrong: what no member of a union takes is looked at as each of them, and
 * in an intersection a secret of one member is a secret.
 *
 * ```ts
 * import * as t from 'io-ts'
 *
 * const Login = t.strict({ user: t.string, password: secret(t.string) })
 * console.log(redact(Login, { user: 'ada', password: 'hunter2' })) // { user: 'ada', password: '[redacted]' }
 * ```
 */
export function redact(codec: t.Mixed, value: unknown): unknown {
  return hasSecret(codec) ? walk([codec], value, 0, new Map()) : value
}

type Row = Readonly<Record<string, unknown>>

/** By object and by the codecs that hold of it, what it became: a value may hold itself, and be looked at as many things. */
type Done = Map<object, Map<string, unknown>>

/** All these codecs hold of the value at once: the members of an intersection, or those of a union that it may be. */
function walk(codecs: readonly t.Mixed[], value: unknown, depth: number, done: Done): unknown {
  if (value === undefined || value === null) return value
  const atoms = new Set<t.Mixed>()
  for (const codec of codecs) if (expand(codec, value, atoms)) return redacted
  const known = [...atoms].filter((codec) => hasSecret(codec))
  if (typeof value !== 'object' || known.length === 0) return value
  // Deeper than anything that is decoded.
  if (depth >= maxDepth) return redacted
  let made = done.get(value)
  if (made === undefined) {
    made = new Map()
    done.set(value, made)
  }
  const key = known.map(idOf).sort().join(' ')
  if (!made.has(key)) {
    made.set(key, redacted)
    made.set(key, Array.isArray(value) ? items(known, value, depth, done) : entries(known, value as Row, depth, done))
  }
  return made.get(key)
}

function items(codecs: readonly t.Mixed[], value: readonly unknown[], depth: number, done: Done): unknown {
  const of = codecs.map(inside)
  return value.map((item, at) => {
    const own = of.map(({ _tag, type, types }) => (_tag === 'TupleType' ? types?.[at] : type))
    return walk(
      own.filter((codec) => codec !== undefined),
      item,
      depth + 1,
      done,
    )
  })
}

function entries(codecs: readonly t.Mixed[], value: Row, depth: number, done: Done): unknown {
  const of = codecs.map(inside)
  const secretKeys = of.some(({ domain }) => domain !== undefined && behind([domain], false).secret)
  const copy = Object.keys(value).map((key): [string, unknown] => {
    const own = of.map(({ props, codomain }) =>
      props === undefined ? codomain : Object.hasOwn(props, key) ? props[key] : undefined,
    )
    const item = walk(
      own.filter((codec) => codec !== undefined),
      value[key],
      depth + 1,
      done,
    )
    return [secretKeys ? redacted : key, item]
  })
  return Object.fromEntries(copy)
}

/** The codecs behind unions, intersections and wrappers that hold of the value; true when one of them is secret. */
function expand(codec: t.Mixed, value: unknown, into: Set<t.Mixed>): boolean {
  if (isSecret(codec)) return true
  const { _tag, type, types = [] } = inside(codec)
  switch (_tag) {
    case 'UnionType':
      return chosen(codec, types, value).some((member) => expand(member, value, into))
    case 'IntersectionType':
      return types.some((member) => expand(member, value, into))
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
    case 'RecursiveType':
      return type !== undefined && expand(type, value, into)
  }
  into.add(codec)
  return false
}

const ids = new WeakMap<t.Mixed, number>()
let lastId = 0

function idOf(codec: t.Mixed): number {
  let id = ids.get(codec)
  if (id === undefined) {
    id = ++lastId
    ids.set(codec, id)
  }
  return id
}

/** The members of a union that take the value; all of them where none does, or where asking could take for ever. */
function chosen(union: t.Mixed, members: readonly t.Mixed[], value: unknown): readonly t.Mixed[] {
  const { tag } = inside(union)
  if (tag !== undefined && typeof value === 'object') {
    const found: unknown = (value as Row)[tag]
    const tagged = members.filter((member) => (literalsOf(shapeOf(member), tag) as readonly unknown[]).includes(found))
    if (tagged.length > 0) return tagged
  }
  if (some(shapeOf(union), (part) => part.kind === 'lazy')) return members
  const taking = members.filter((member) => takes(member, value))
  return taking.length > 0 ? taking : members
}

/** Asks a codec that somebody may have written by hand. */
function takes(codec: t.Mixed, value: unknown): boolean {
  try {
    return codec.is(value) || codec.decode(value)._tag === 'Right'
  } catch {
    return true
  }
}
