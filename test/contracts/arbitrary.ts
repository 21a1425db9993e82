// Random codecs with values that they take, for the laws of documents and of compatibility.

import fc from 'fast-check'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'

/** A codec, and values of it. */
export interface Case {
  readonly codec: t.Mixed
  readonly values: fc.Arbitrary<unknown>
  /** Does it hold a predicate that a document cannot tell? */
  readonly opaque: boolean
}

type Brand = { readonly Even: symbol }
const Even = t.brand(t.number, (n): n is t.Branded<number, Brand> => n % 2 === 0, 'Even')

const keys = ['a', 'b', 'c'] as const

const leaf = (codec: t.Mixed, values: fc.Arbitrary<unknown>, opaque = false): fc.Arbitrary<Case> =>
  fc.constant({ codec, values, opaque })

const number = fc.double({ noNaN: true, noDefaultInfinity: true })

const leaves: fc.Arbitrary<Case> = fc.oneof(
  leaf(t.string, fc.string()),
  leaf(t.number, number),
  leaf(t.boolean, fc.boolean()),
  leaf(t.null, fc.constant(null)),
  leaf(t.Int, fc.integer()),
  leaf(
    Even,
    fc.integer({ min: 0, max: 99 }).map((n) => n * 2),
    true,
  ),
  leaf(t.keyof({ x: null, y: null }), fc.constantFrom('x', 'y')),
  leaf(t.keyof({ x: null, y: null, z: null }), fc.constantFrom('x', 'y', 'z')),
  leaf(t.literal('x'), fc.constant('x')),
  leaf(t.literal(1), fc.constant(1)),
  leaf(DateFromISOString, fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), true),
  leaf(t.unknown, fc.constantFrom<unknown>(null, 1, 'x', [], { q: 1 })),
)

const struct = (make: (props: t.Props) => t.Mixed, inner: fc.Arbitrary<Case>, optional: boolean): fc.Arbitrary<Case> =>
  fc.dictionary(fc.constantFrom(...keys), inner, { maxKeys: 3, noNullPrototype: true }).map((fields) => {
    const names = Object.keys(fields)
    return {
      codec: make(Object.fromEntries(names.map((name) => [name, (fields[name] as Case).codec]))),
      values: fc.record(
        Object.fromEntries(names.map((name) => [name, (fields[name] as Case).values])),
        optional ? { requiredKeys: [] } : {},
      ),
      opaque: names.some((name) => (fields[name] as Case).opaque),
    }
  })

/** A list of itself, with something beside it. */
const recursion = (inner: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc.tuple(inner, fc.boolean()).map(([v, optional]) => {
    const codec: t.Mixed = t.recursion('List', (next) =>
      optional
        ? t.intersection([t.strict({ v: v.codec }), t.partial({ next })])
        : t.strict({ v: v.codec, next: t.union([next, t.null]) }),
    )
    const end = v.values.map((value) => (optional ? { v: value } : { v: value, next: null }))
    const more = fc.tuple(v.values, end).map(([value, next]) => ({ v: value, next }))
    return { codec, values: fc.oneof(end, more), opaque: v.opaque }
  })

/** Random codecs, some levels deep. */
export const cases: fc.Arbitrary<Case> = fc.letrec<{ any: Case }>((tie) => {
  const inner = tie('any')
  const two = fc.tuple(inner, inner)
  return {
    any: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'codec' },
      { arbitrary: leaves, weight: 3 },
      { arbitrary: struct((props) => t.strict(props), inner, false), weight: 3 },
      { arbitrary: struct((props) => t.type(props), inner, false), weight: 1 },
      { arbitrary: struct((props) => t.exact(t.partial(props)), inner, true), weight: 2 },
      {
        arbitrary: fc
          .tuple(struct(t.type, inner, false), struct(t.partial, inner, true))
          .filter(([one, other]) => Object.keys(propsOf(one)).every((name) => !(name in propsOf(other))))
          .map(([one, other]) => ({
            codec: t.intersection([one.codec, other.codec]),
            values: fc.tuple(one.values, other.values).map(([a, b]) => ({ ...(a as object), ...(b as object) })),
            opaque: one.opaque || other.opaque,
          })),
        weight: 2,
      },
      {
        arbitrary: inner.map((item) => ({
          ...item,
          codec: t.array(item.codec),
          values: fc.array(item.values, { maxLength: 3 }),
        })),
        weight: 2,
      },
      { arbitrary: inner.map((item) => ({ ...item, codec: t.readonly(item.codec) })), weight: 1 },
      {
        arbitrary: inner.map((item) => ({
          ...item,
          codec: t.record(t.string, item.codec),
          values: fc.dictionary(fc.constantFrom('a', 'k', 'odd key'), item.values, { noNullPrototype: true }),
        })),
        weight: 1,
      },
      {
        arbitrary: inner.map((item) => ({
          ...item,
          codec: t.record(t.keyof({ a: 0, b: 0 }), item.codec),
          values: fc.record({ a: item.values, b: item.values }),
        })),
        weight: 1,
      },
      {
        arbitrary: two.map(([one, other]) => ({
          codec: t.tuple([one.codec, other.codec]),
          values: fc.tuple(one.values, other.values),
          opaque: one.opaque || other.opaque,
        })),
        weight: 1,
      },
      {
        arbitrary: two.map(([one, other]) => ({
          codec: t.union([one.codec, other.codec]),
          values: fc.oneof(one.values, other.values),
          opaque: one.opaque || other.opaque,
        })),
        weight: 2,
      },
      {
        arbitrary: two.map(([one, other]) => ({
          codec: t.union([
            t.strict({ kind: t.literal('one'), of: one.codec }),
            t.strict({ kind: t.literal('two'), of: other.codec }),
          ]),
          values: fc.oneof(
            one.values.map((of) => ({ kind: 'one', of })),
            other.values.map((of) => ({ kind: 'two', of })),
          ),
          opaque: one.opaque || other.opaque,
        })),
        weight: 1,
      },
      { arbitrary: recursion(inner), weight: 1 },
    ),
  }
}).any

const propsOf = ({ codec }: Case): object => (codec as unknown as { readonly props: object }).props
