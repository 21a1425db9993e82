// What a codec takes, as far as its structure tells. A codec that somebody wrote by hand, and `t.unknown`, are opaque: what
// is inside them is theirs.
import type * as t from 'io-ts'
import { type Inside, inside } from './inside.ts'

/** A key of an object: the shape of its value, and whether it may be left out. */
export interface Field {
  readonly shape: Shape
  readonly optional: boolean
}

export type Literal = string | number | boolean

export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'undefined' }
  | { readonly kind: 'literals'; readonly values: readonly Literal[] }
  | { readonly kind: 'array'; readonly item: Shape; readonly codec: t.Mixed }
  | { readonly kind: 'tuple'; readonly items: readonly Shape[] }
  | { readonly kind: 'record'; readonly key: t.Mixed; readonly value: Shape }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Field> }
  /** All of them at once: an intersection. */
  | { readonly kind: 'all'; readonly of: readonly Shape[] }
  /** One of them: a union. `codecs` are its members, `tag` the key that tells them apart. */
  | { readonly kind: 'one'; readonly of: readonly Shape[]; readonly codecs: readonly t.Mixed[]; readonly tag?: string }
  /** A recursion: its shape, known when the whole codec is. */
  | { readonly kind: 'lazy'; readonly of: () => Shape }
  /** Opaque: written by hand, which on a wire is most often text, or anything at all. */
  | { readonly kind: 'custom' | 'unknown' }

/** Whatever its `_tag` says is there. */
type Whole = Required<Omit<Inside, '_tag' | 'tag'>> & Pick<Inside, '_tag' | 'tag'>
const look = (codec: t.Mixed): Whole => inside(codec) as Whole

const shapes = new WeakMap<t.Mixed, Shape>()

/** The shape of a codec; the same object for the same codec. */
export function shapeOf(codec: t.Mixed): Shape {
  let shape = shapes.get(codec)
  if (shape === undefined) {
    shape = read(codec)
    shapes.set(codec, shape)
  }
  return shape
}

function read(codec: t.Mixed): Shape {
  const whole = look(codec)
  switch (whole._tag) {
    case 'StringType':
      return { kind: 'string' }
    case 'NumberType':
      return { kind: 'number' }
    case 'BooleanType':
      return { kind: 'boolean' }
    case 'NullType':
      return { kind: 'null' }
    case 'UndefinedType':
    case 'VoidType':
      return { kind: 'undefined' }
    case 'LiteralType':
      return { kind: 'literals', values: [whole.value] }
    case 'KeyofType':
      return { kind: 'literals', values: Object.keys(whole.keys) }
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { kind: 'array', item: shapeOf(whole.type), codec: whole.type }
    case 'TupleType':
      return { kind: 'tuple', items: whole.types.map(shapeOf) }
    case 'DictionaryType':
      return { kind: 'record', key: whole.domain, value: shapeOf(whole.codomain) }
    case 'InterfaceType':
    case 'StrictType':
      return struct(whole.props, false)
    case 'PartialType':
      return struct(whole.props, true)
    case 'ExactType':
    case 'ReadonlyType':
    case 'RefinementType':
      return shapeOf(whole.type)
    case 'RecursiveType':
      return { kind: 'lazy', of: () => shapeOf(whole.type) }
    case 'IntersectionType':
      return all(whole.types.map(shapeOf))
    case 'UnionType': {
      const of = whole.types.map(shapeOf)
      const { types: codecs, tag } = whole
      return tag === undefined ? { kind: 'one', of, codecs } : { kind: 'one', of, codecs, tag }
    }
    case undefined:
      return { kind: 'custom' }
    default:
      return { kind: 'unknown' }
  }
}

const struct = (props: Readonly<Record<string, t.Mixed>>, optional: boolean): Shape => ({
  kind: 'struct',
  fields: new Map(Object.entries(props).map(([key, codec]) => [key, { shape: shapeOf(codec), optional }])),
})

/** An intersection; objects become one object, so that most codecs need no looking for who knows a key. */
function all(shapes: readonly Shape[]): Shape {
  const flat = shapes.flatMap((shape) => (shape.kind === 'all' ? shape.of : [shape]))
  const [only] = flat
  if (flat.length === 1 && only !== undefined) return only
  if (!flat.every((shape) => shape.kind === 'struct')) return { kind: 'all', of: flat }
  const fields = new Map<string, Field>()
  for (const { fields: more } of flat)
    for (const [key, field] of more) {
      const known = fields.get(key)
      fields.set(
        key,
        known === undefined
          ? field
          : { shape: all([known.shape, field.shape]), optional: known.optional && field.optional },
      )
    }
  return { kind: 'struct', fields }
}

/** A shape without the names of recursions around it. */
export function resolve(shape: Shape): Shape {
  let resolved = shape
  while (resolved.kind === 'lazy') resolved = resolved.of()
  return resolved
}

/** Does some part of the shape satisfy the test? */
export function some(shape: Shape, test: (part: Shape) => boolean, seen: Set<Shape> = new Set()): boolean {
  if (seen.has(shape)) return false
  seen.add(shape)
  if (test(shape)) return true
  return parts(shape).some((part) => some(part, test, seen))
}

function parts(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case 'array':
      return [shape.item]
    case 'tuple':
      return shape.items
    case 'record':
      return [shape.value]
    case 'struct':
      return [...shape.fields.values()].map((field) => field.shape)
    case 'all':
    case 'one':
      return shape.of
    case 'lazy':
      return [shape.of()]
    default:
      return []
  }
}

/**
 * The fields of an input that is an object: those of every member of a union, optional where some member has them not.
 * `undefined` where it may be something else than an object, or where nobody can tell its fields.
 */
export function fieldsOf(shape: Shape): ReadonlyMap<string, Field> | undefined {
  const resolved = resolve(shape)
  if (resolved.kind === 'struct') return resolved.fields
  if (resolved.kind !== 'all' && resolved.kind !== 'one') return undefined
  const members = resolved.of.map(fieldsOf)
  if (members.length === 0 || !members.every((fields) => fields !== undefined)) return undefined
  const names = new Set(members.flatMap((fields) => [...fields.keys()]))
  return new Map(
    [...names].map((name) => {
      const found = members.flatMap((fields) => fields.get(name) ?? [])
      const shapes = found.map((field) => field.shape)
      if (resolved.kind === 'all') return [name, { shape: all(shapes), optional: found.every((f) => f.optional) }]
      const optional = found.length < members.length || found.some((field) => field.optional)
      return [name, { shape: { kind: 'one', of: shapes, codecs: [] }, optional }]
    }),
  )
}

/** Is it a codec of one of these values (or of several, for a key that tells members of a union apart)? */
export function literalsOf(shape: Shape, key: string): readonly Literal[] {
  const resolved = resolve(shape)
  switch (resolved.kind) {
    case 'struct': {
      const field = resolved.fields.get(key)
      return field === undefined ? [] : valuesOf(field.shape)
    }
    case 'all':
    case 'one':
      return resolved.of.flatMap((member) => literalsOf(member, key))
    default:
      return []
  }
}

/** The literals that a shape allows: of an intersection those that all of its parts do which have some. */
function valuesOf(shape: Shape): readonly Literal[] {
  if (shape.kind === 'literals') return shape.values
  if (shape.kind !== 'all') return []
  const [first = [], ...rest] = shape.of.map(valuesOf).filter((values) => values.length > 0)
  return first.filter((value) => rest.every((values) => values.includes(value)))
}
