// The first of what io-ts says of a wrong value, found without the rest. io-ts describes every mistake, and of a union
// every member's: a megabyte of `{}` where a list of lists of some union should be costs it minutes and gigabytes.
import * as t from 'io-ts'
import { nodeOf } from './compiler/node.ts'
import { inside } from './inside.ts'
import { maxIssues } from './issue.ts'
import { literalsOf, shapeOf } from './shape.ts'

/** What io-ts says first of a value. */
export interface FirstErrors {
  /** In the order of io-ts, with its contexts; none where it takes the value. */
  readonly errors: t.Errors
  /** Is this all that io-ts says? */
  readonly complete: boolean
}

/** What io-ts would say first, and all of it where that is not much more than is listed. */
export function firstErrors(codec: t.Mixed, value: unknown): FirstErrors {
  const trail: Trail = { errors: [], context: [{ key: '', type: codec, actual: value }], cut: false }
  visit(codec, value, trail)
  return { errors: trail.errors, complete: !trail.cut }
}

/** Does the codec take it? Says no more, and so costs little where it does not. */
export const fits = (codec: t.Mixed, value: unknown): boolean => visit(codec, value, undefined) === 0

/** How many values a body may hold before it is worth looking for the first mistakes only. */
const many = 200

/** Does it hold many values? */
export const isLarge = (value: unknown): boolean => remaining(value, many) < 0

/** `left` without the values in it; below zero as soon as it is known to be. */
function remaining(value: unknown, left: number): number {
  if (typeof value !== 'object' || value === null) return left
  let rest = left - 1
  if (Array.isArray(value)) {
    rest -= value.length
    for (let i = 0; i < value.length && rest >= 0; i++) rest = remaining(value[i], rest)
    return rest
  }
  for (const key in value) {
    if (rest <= 0) return -1
    rest = remaining((value as Row)[key], rest - 1)
  }
  return rest
}

/** Where the walk is, and what it found. */
interface Trail {
  readonly errors: t.ValidationError[]
  readonly context: t.ContextEntry[]
  /** Did it stop somewhere, because there was enough to say? */
  cut: boolean
}

type Row = Readonly<Record<string, unknown>>

/**
 * How many issues there are for sure, none where the codec takes the value; it stops when they are enough. In the order
 * of io-ts, with its contexts. Without a trail one is enough, and nothing is written down.
 */
function visit(codec: t.Mixed, value: unknown, trail: Trail | undefined): number {
  // A copy of io-ts's codec into which somebody put a function of their own looks like one.
  if (nodeOf(codec).kind === 'opaque') return ask(codec, value, trail)
  // Read where it is needed: most codecs are leaves.
  const of = inside(codec)
  switch (of._tag) {
    case 'StringType':
    case 'NumberType':
    case 'BooleanType':
    case 'NullType':
    case 'UndefinedType':
    case 'VoidType':
    case 'LiteralType':
    case 'KeyofType':
      return codec.is(value) ? 0 : wrong(value, trail)
    case 'UnknownType':
    case 'AnyType':
      return 0
    case 'ArrayType':
    case 'ReadonlyArrayType':
      if (!Array.isArray(value)) return wrong(value, trail)
      return each(value.length, trail, (i) => within(of.type as t.Mixed, String(i), value[i], trail))
    case 'TupleType':
      if (!Array.isArray(value)) return wrong(value, trail)
      return each((of.types as Codecs).length, trail, (i) =>
        within((of.types as Codecs)[i], String(i), value[i], trail),
      )
    case 'InterfaceType':
    case 'PartialType':
      return t.UnknownRecord.is(value)
        ? fields(of.props as Props, value, of._tag === 'PartialType', trail)
        : wrong(value, trail)
    case 'DictionaryType': {
      if (!t.UnknownRecord.is(value)) return ask(codec, value, trail)
      const known = keysOf(of.domain as t.Mixed)
      const keys = known ?? Object.keys(value)
      return each(keys.length, trail, (i) => {
        const key = keys[i] as string
        // A key that is not of the domain is left out, and nothing is said of it.
        return known === undefined && !fits(of.domain as t.Mixed, key) ? 0 : within(of.codomain, key, value[key], trail)
      })
    }
    case 'ExactType':
      return t.UnknownRecord.is(value) ? visit(of.type as t.Mixed, value, trail) : wrong(value, trail)
    case 'ReadonlyType':
    case 'RecursiveType':
      return visit(of.type as t.Mixed, value, trail)
    case 'RefinementType':
      return visit(of.type as t.Mixed, value, trail) || ask(codec, value, trail)
    case 'IntersectionType': {
      // Two members may say the same of one field, which is told once.
      let most = 0
      for (let i = 0; i < (of.types as Codecs).length && (most === 0 || trail !== undefined); i++)
        most = Math.max(most, within((of.types as Codecs)[i], String(i), value, trail))
      return most
    }
    case 'UnionType':
      return of.tag === undefined
        ? untagged(of.types as Codecs, value, trail)
        : tagged(codec, of.types as Codecs, of.tag, value, trail)
    default:
      return ask(codec, value, trail)
  }
}

type Codecs = readonly t.Mixed[]
type Props = Readonly<Record<string, t.Mixed>>

function each(length: number, trail: Trail | undefined, at: (i: number) => number): number {
  const enough = trail === undefined ? 0 : maxIssues
  let found = 0
  for (let i = 0; i < length; i++) {
    if (found > enough) {
      if (trail !== undefined) trail.cut = true
      break
    }
    found += at(i)
  }
  return found
}

/** What stands inside of a value, one step further. */
function within(codec: t.Mixed | undefined, key: string, value: unknown, trail: Trail | undefined): number {
  trail?.context.push({ key, type: codec as t.Mixed, actual: value })
  const found = visit(codec as t.Mixed, value, trail)
  trail?.context.pop()
  return found
}

function fields(props: Props, row: Row, optional: boolean, trail: Trail | undefined): number {
  const keys = Object.keys(props)
  return each(keys.length, trail, (i) => {
    const key = keys[i] as string
    return optional && row[key] === undefined ? 0 : within(props[key], key, row[key], trail)
  })
}

function untagged(types: Codecs, value: unknown, trail: Trail | undefined): number {
  if (types.some((member) => fits(member, value))) return 0
  if (trail !== undefined) for (const [i, member] of types.entries()) within(member, String(i), value, trail)
  return 1
}

function tagged(codec: t.Mixed, types: Codecs, tag: string, value: unknown, trail: Trail | undefined): number {
  const found = t.UnknownRecord.is(value)
    ? types.findIndex((member) => (literalsOf(shapeOf(member), tag) as readonly unknown[]).includes(value[tag]))
    : -1
  return found < 0 ? ask(codec, value, trail) : within(types[found], String(found), value, trail)
}

/** The keys of a record that has these and no others. */
function keysOf(domain: t.Mixed): readonly string[] | undefined {
  const { _tag, value, keys, types } = inside(domain)
  if (_tag === 'LiteralType') return typeof value === 'string' ? [value] : undefined
  if (_tag === 'KeyofType') return Object.keys(keys as object)
  if (_tag !== 'UnionType') return undefined
  const all = (types as Codecs).map(keysOf)
  return all.every((some) => some !== undefined) ? [...new Set(all.flat())] : undefined
}

function wrong(value: unknown, trail: Trail | undefined): number {
  trail?.errors.push({ value, context: trail.context.slice() })
  return 1
}

/** Leaves it to the codec: one written by hand, or a predicate on what was found to be sound. */
function ask(codec: t.Mixed, value: unknown, trail: Trail | undefined): number {
  const result = codec.validate(value, trail?.context.slice() ?? [{ key: '', type: codec, actual: value }])
  if (result._tag === 'Right') return 0
  if (trail === undefined) return 1
  trail.cut ||= result.left.length > enoughOfOne
  trail.errors.push(...result.left.slice(0, enoughOfOne))
  return 1
}

/** Errors of one codec that somebody wrote by hand, which may describe a million items. */
const enoughOfOne = 1_000
