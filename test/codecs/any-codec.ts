// Random codecs of every kind, each with values that it takes.
import { annotate, compile, secret } from '@tenon/contract'
import fc from 'fast-check'
import * as t from 'io-ts'
import { clone } from 'io-ts-types/lib/clone.js'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { mapOutput } from 'io-ts-types/lib/mapOutput.js'
import { NonEmptyString } from 'io-ts-types/lib/NonEmptyString.js'
import { NumberFromString } from 'io-ts-types/lib/NumberFromString.js'
import { optionFromNullable } from 'io-ts-types/lib/optionFromNullable.js'
import { withEncode } from 'io-ts-types/lib/withEncode.js'
import { withFallback } from 'io-ts-types/lib/withFallback.js'
import { withMessage } from 'io-ts-types/lib/withMessage.js'
import { withValidate } from 'io-ts-types/lib/withValidate.js'

/** A codec, the kinds of codecs it is made of, and raw values that it may well take. */
export interface Case {
  readonly codec: t.Mixed
  readonly kinds: ReadonlySet<string>
  readonly values: fc.Arbitrary<unknown>
  readonly [fc.toStringMethod]: () => string
}

type Any = t.Mixed

const made = (kind: string, codec: Any, values: fc.Arbitrary<unknown>, inside: readonly Case[] = []): Case => ({
  codec,
  values,
  kinds: new Set([kind, ...inside.flatMap((each) => [...each.kinds])]),
  [fc.toStringMethod]: () => `${kind} ${codec.name}`,
})

const leaf = (kind: string, codec: Any, values: fc.Arbitrary<unknown>): fc.Arbitrary<Case> =>
  fc.constant(made(kind, codec, values))

/** Says where it was asked, so that a wrong context is a wrong result. */
const Where: Any = new t.Type<unknown, unknown>(
  'Where',
  (u): u is unknown => typeof u === 'string',
  (u, c) =>
    typeof u === 'string' || u === undefined
      ? t.success(`${c.map(({ key, type }) => `${key}:${type.name}`).join('/')} ${String(u)}`)
      : t.failure(u, c, 'nowhere'),
  (a) => String(a).toUpperCase(),
)

/** Takes an object and makes another of it. */
const Boxed: Any = new t.Type<unknown, unknown>(
  'Boxed',
  (u): u is unknown => typeof u === 'object' && u !== null && 'box' in u,
  (u, c) => (typeof u === 'object' && u !== null && !Array.isArray(u) ? t.success({ box: u }) : t.failure(u, c)),
  (a) => (a as { readonly box?: unknown }).box,
)

/** Takes anything that is no symbol, as it is. */
const Plain: Any = new t.Type<unknown, unknown>(
  'Plain',
  (u): u is unknown => typeof u !== 'symbol',
  (u, c) => (typeof u === 'symbol' ? t.failure(u, c) : t.success(u)),
  t.identity,
)

/** Of every domain of records. */
const LowerCase: Any = new t.Type<string, string>(
  'LowerCase',
  (u): u is string => typeof u === 'string' && u === u.toLowerCase(),
  (u, c) => (typeof u === 'string' && u.length < 9 ? t.success(u.toLowerCase()) : t.failure(u, c)),
  (a) => a.toUpperCase(),
)

const Even: Any = t.brand(
  t.number,
  (n): n is t.Branded<number, { readonly Even: symbol }> => (n as number) % 2 === 0,
  'Even',
)
const Short: Any = t.refinement(t.string, (s) => s.length < 4, 'Short')

/** A copy that says it were another. */
const lie = (codec: Any, parts: object): Any => Object.assign(clone(codec), parts)

export const keys = ['a', 'b', 'c', 'k', 'odd key', '1', '0', 'length', 'toString', 'constructor', '"];//'] as const

const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, Number.NaN))
const text = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('a', 'b', '1', 'a'))
const iso = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString())

const leaves: fc.Arbitrary<Case> = fc.oneof(
  leaf('string', t.string, text),
  leaf('number', t.number, number),
  leaf('boolean', t.boolean, fc.boolean()),
  leaf('bigint', t.bigint, fc.bigInt()),
  leaf('null', t.null, fc.constant(null)),
  leaf('undefined', t.undefined, fc.constant(undefined)),
  leaf('void', t.void, fc.constant(undefined)),
  leaf('unknown', t.unknown, fc.anything({ maxDepth: 1 })),
  leaf('any', t.any, fc.anything({ maxDepth: 1 })),
  leaf('never', t.never as unknown as Any, fc.constant(1)),
  leaf('UnknownArray', t.UnknownArray, fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 3 })),
  leaf('UnknownRecord', t.UnknownRecord, fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })),
  leaf('object', t.object, fc.constantFrom({}, [], new Date(0))),
  leaf('Function', t.Function as unknown as Any, fc.constant(keys.at)),
  leaf('literal', t.literal('a'), fc.constant('a')),
  leaf('literal', t.literal(1), fc.constant(1)),
  leaf('literal', t.literal(true), fc.constant(true)),
  leaf('literal 0', t.literal(0), fc.constantFrom(0, -0)),
  leaf('literal 0', t.literal(-0), fc.constantFrom(0, -0)),
  leaf('literal', t.literal(Number.NaN), fc.constant(Number.NaN)),
  leaf('keyof', t.keyof({ a: null, b: null, toString: null }), fc.constantFrom('a', 'b', 'toString')),
  leaf(
    'keyof',
    t.keyof(Object.fromEntries('abcdefghijklmnop'.split('').map((key) => [key, null]))),
    fc.constantFrom('a', 'p'),
  ),
  leaf('refinement', Short, text),
  leaf('Int', t.Int, fc.integer()),
  leaf(
    'brand',
    Even,
    fc.integer().map((n) => n * 2),
  ),
  leaf('DateFromISOString', DateFromISOString, iso),
  leaf('NumberFromString', NumberFromString, fc.constantFrom('1', '2.5', '-0')),
  leaf('NonEmptyString', NonEmptyString, text),
  leaf('liar', lie(t.type({ a: t.string }), { props: { a: t.number } }), fc.record({ a: text })),
  leaf('liar', lie(t.array(t.string), { type: t.number }), fc.array(text, { maxLength: 2 })),
  leaf('liar', lie(t.union([t.string, t.null]), { types: [t.number] }), text),
  leaf('by hand', Where, fc.oneof(text, fc.constant(undefined))),
  leaf('by hand', Boxed, fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })),
  leaf('by hand', Plain, fc.anything({ maxDepth: 1 })),
)

// The types of io-ts know less than it does of what may be strict.
const exact = (codec: Any): Any => t.exact(codec as unknown as t.HasProps) as unknown as Any

type Fields = readonly (readonly [string, Case])[]

const fieldsOf = (inner: fc.Arbitrary<Case>, of: readonly string[] = keys): fc.Arbitrary<Fields> =>
  fc.uniqueArray(fc.tuple(fc.constantFrom(...of), inner), { maxLength: 4, selector: ([key]) => key })

const props = (fields: Fields): t.Props => Object.fromEntries(fields.map(([key, { codec }]) => [key, codec]))

/** Keys in the order of the codec or in another, optional ones sometimes missing or `undefined`. */
const rowOf = (fields: Fields, optional: boolean): fc.Arbitrary<unknown> => {
  const entries = fields.map(([key, { values }]) =>
    (optional ? fc.option(values, { nil: undefined, freq: 3 }) : values).map((value) => [key, value] as const),
  )
  return fc.tuple(fc.tuple(...entries), fc.nat(9), fc.boolean()).map(([all, order, leaveOut]) => {
    const some = optional && leaveOut ? all.filter(([, value]) => value !== undefined) : all
    return Object.fromEntries(order > 7 ? [...some].reverse() : some)
  })
}

const cases = (fields: Fields): readonly Case[] => fields.map(([, each]) => each)

const structs: Readonly<Record<string, { readonly make: (of: t.Props) => Any; readonly optional: boolean }>> = {
  type: { make: (of) => t.type(of), optional: false },
  strict: { make: (of) => t.strict(of), optional: false },
  partial: { make: (of) => t.partial(of), optional: true },
  'exact partial': { make: (of) => t.exact(t.partial(of)), optional: true },
  'exact refinement': {
    make: (of) => exact(t.refinement(t.type(of), (value) => Object.keys(value).length !== 5)),
    optional: false,
  },
}

const struct = (inner: fc.Arbitrary<Case>, of: readonly string[] = keys): fc.Arbitrary<Case> =>
  fc.tuple(fc.constantFrom(...Object.keys(structs)), fieldsOf(inner, of)).map(([kind, fields]) => {
    const { make, optional } = structs[kind] as (typeof structs)[string]
    return made(kind, make(props(fields)), rowOf(fields, optional), cases(fields))
  })

const both = (values: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
  fc.tuple(...values).map((all) => (all.every((each) => typeof each === 'object') ? Object.assign({}, ...all) : all[0]))

const intersection = (members: readonly Case[]): Case =>
  made(
    'intersection',
    t.intersection(members.map(({ codec }) => codec) as [Any, Any]),
    both(members.map(({ values }) => values)),
    members,
  )

/** As people write them: objects with keys of their own, strict, optional, or a union among them. */
const objects = (inner: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc
    .tuple(
      struct(inner, ['a', 'b', '1']),
      struct(inner, ['c', 'd', '0']),
      fc.oneof(
        struct(inner, ['e', 'toString']),
        tagged(inner),
        leaf('UnknownRecord', t.UnknownRecord, fc.constant({})),
      ),
      fc.nat(3),
    )
    .map(([one, two, three, which]) =>
      which === 0
        ? intersection([one, two, three])
        : which === 1
          ? intersection([
              one,
              made(
                'exact intersection',
                exact(t.intersection([one.codec, two.codec])),
                both([one.values, two.values]),
                [one, two],
              ),
            ])
          : which === 2
            ? intersection([intersection([one, two]), three])
            : intersection([two, one]),
    )

function union(members: readonly Case[]): Case {
  try {
    const codec: Any = t.union(members.map((each) => each.codec) as [Any, Any])
    return made('union', codec, fc.oneof(...members.map(({ values }) => values)), members)
  } catch (cause) {
    // io-ts stumbles over literals at keys that every object has, when it looks for a tag.
    if (cause instanceof TypeError) return members[0] as Case
    throw cause
  }
}

function tagged(inner: fc.Arbitrary<Case>): fc.Arbitrary<Case> {
  const member = (tag: unknown): fc.Arbitrary<Case> =>
    fc.tuple(fieldsOf(inner, ['a', 'b', 'c']), fc.boolean()).map(([rest, strict]) => {
      const fields: Fields = [['k', made('literal', t.literal(tag as string), fc.constant(tag))], ...rest]
      return made('member', (strict ? t.strict : t.type)(props(fields)), rowOf(fields, false), cases(fields))
    })
  return fc.tuple(member('a'), member(1), member(true)).map((members) => {
    const { codec, values, kinds } = union(members)
    return { ...made('tagged union', codec, values), kinds: new Set([...kinds, 'tagged union']) }
  })
}

const record = (inner: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc
    .tuple(
      fc.constantFrom<readonly [string, Any]>(
        ['record of string', t.string],
        ['record of keyof', t.keyof({ b: null, a: null, 1: null })],
        ['record of literal', t.literal('a')],
        ['record of literals', t.union([t.literal('b'), t.literal('1'), t.literal('a')])],
        ['record of refinement', Short],
        ['record by hand', LowerCase],
      ),
      inner,
    )
    .map(([[kind, domain], of]) =>
      made(
        kind,
        t.record(domain, of.codec),
        fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '1', 'A'), text), of.values, {
          maxKeys: 4,
          noNullPrototype: true,
        }),
        [of],
      ),
    )

/** Lists, trees, and two that speak of each other. */
const recursion = (inner: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc.tuple(inner, fc.nat(3)).map(([v, which]) => {
    const nest = (value: unknown, depth: number): unknown =>
      [
        { v: value, next: depth === 0 ? null : undefined },
        { v: value, kids: [] as unknown[] },
        { k: 'leaf', v: value },
        { v: value },
      ][which]
    const grow = (value: unknown, below: unknown): unknown =>
      [
        { v: value, next: below },
        { v: value, kids: [below, below] },
        { k: 'node', of: [below] },
        { v: value, back: below },
      ][which]
    const codecs: readonly (() => Any)[] = [
      () => t.recursion('List', (self: Any) => t.strict({ v: v.codec, next: t.union([self, t.null]) }) as Any),
      () => t.recursion('Tree', (self: Any) => t.type({ v: v.codec, kids: t.array(self) }) as Any),
      () =>
        t.recursion(
          'Expression',
          (self: Any) =>
            t.union([
              t.strict({ k: t.literal('leaf'), v: v.codec }),
              t.type({ k: t.literal('node'), of: t.array(self) }),
            ]) as Any,
        ),
      () => {
        const One: Any = t.recursion(
          'One',
          () => t.intersection([t.strict({ v: v.codec }), t.partial({ back: Other })]) as Any,
        )
        const Other: Any = t.recursion('Other', () => t.readonly(One))
        return One
      },
    ]
    const make = codecs[which] as () => Any
    const values = fc
      .array(v.values, { minLength: 1, maxLength: 4 })
      .map((all) => all.slice(1).reduce((below, value) => grow(value, below), nest(all[0], 0)))
    return made('recursion', make(), values, [v])
  })

type Change = (codec: Any) => Any

/** What people do to a codec that exists. */
const changes: Readonly<Record<string, Change>> = {
  readonly: (codec) => t.readonly(codec),
  refinement: (codec) => t.refinement(codec, (value) => JSON.stringify(value)?.length !== 7, 'Odd'),
  withMessage: (codec) => withMessage(codec, () => 'no'),
  withFallback: (codec) => withFallback(codec, 'fallback'),
  withValidate: (codec) => withValidate(codec, t.type({ a: t.string }).validate as never),
  withEncode: (codec) => withEncode(codec, (value) => ({ encoded: value })),
  mapOutput: (codec) => mapOutput(codec, (value) => [value]),
  clone: (codec) => clone(codec),
  'other encode': (codec) => Object.assign(clone(codec), { encode: (value: unknown) => [value] }),
  'other is': (codec) => Object.assign(clone(codec), { is: () => true }),
  annotate: (codec) => annotate(codec, { description: 'said', example: 1 }),
  secret: (codec) => secret(codec),
  pipe: (codec) => codec.pipe(Plain),
  optionFromNullable: (codec) => optionFromNullable(codec) as Any,
  compile: (codec) => compile(codec),
  'compile twice': (codec) => compile(annotate(compile(codec), { title: 'Twice' })),
}

const changed = (inner: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc
    .tuple(fc.constantFrom(...Object.keys(changes)), inner)
    .map(([kind, of]) => made(kind, (changes[kind] as Change)(of.codec), of.values, [of]))

/** Random codecs, some levels deep. */
export const anyCodec: fc.Arbitrary<Case> = fc.letrec<{ any: Case }>((tie) => {
  const inner = tie('any')
  const several = fc.array(inner, { minLength: 2, maxLength: 3 })
  return {
    any: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'codec' },
      { arbitrary: leaves, weight: 6 },
      { arbitrary: struct(inner), weight: 6 },
      { arbitrary: objects(inner), weight: 3 },
      { arbitrary: tagged(inner), weight: 2 },
      { arbitrary: several.map(union), weight: 3 },
      { arbitrary: several.map(intersection), weight: 1 },
      {
        arbitrary: inner.map((of) => made('array', t.array(of.codec), fc.array(of.values, { maxLength: 3 }), [of])),
        weight: 2,
      },
      {
        arbitrary: inner.map((of) =>
          made('readonlyArray', t.readonlyArray(of.codec), fc.array(of.values, { maxLength: 3 }), [of]),
        ),
        weight: 1,
      },
      {
        arbitrary: several.map((of) =>
          made(
            'tuple',
            t.tuple(of.map(({ codec }) => codec) as [Any, Any]),
            fc.tuple(...of.map(({ values }) => values)),
            of,
          ),
        ),
        weight: 1,
      },
      { arbitrary: record(inner), weight: 2 },
      { arbitrary: recursion(inner), weight: 2 },
      { arbitrary: changed(inner), weight: 3 },
    ),
  }
}).any
