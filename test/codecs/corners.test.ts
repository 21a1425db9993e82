import * as t from 'io-ts'
import { clone } from 'io-ts-types/lib/clone.js'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { withValidate } from 'io-ts-types/lib/withValidate.js'
import { describe, it } from 'vitest'
import { compiledIsSame, contractIsSame } from './laws.ts'

const change = (name: string, f: (value: never) => unknown): t.Mixed =>
  new t.Type(
    name,
    t.unknown.is,
    (u) => t.success(f(u as never)),
    (value) => [value],
  )

const Upper: t.Mixed = new t.Type<unknown>(
  'Upper',
  t.string.is,
  (u, c) => (typeof u === 'string' ? t.success(u.toUpperCase()) : t.failure(u, c)),
  (value) => String(value).toLowerCase(),
)
const Unix: t.Mixed = new t.Type<unknown>(
  'Unix',
  DateFromISOString.is,
  (u, c) => (typeof u === 'number' ? t.success(new Date(u)) : t.failure(u, c)),
  (value) => (value as Date).getTime(),
)
const LowerCase: t.Mixed = new t.Type<unknown>(
  'LowerCase',
  t.string.is,
  (u, c) => (typeof u === 'string' ? t.success(u.toLowerCase()) : t.failure(u, c)),
  (value) => String(value).toUpperCase(),
)
const PositiveZero = change('PositiveZero', (value: number) => (value === 0 ? 0 : value))
const Few = t.refinement(t.type({ a: t.string }), (value) => Object.keys(value).length === 1)

interface Tree {
  readonly kids: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ kids: t.readonlyArray(Tree) }))

const chain = (length: number): Tree => {
  let tree: Tree = { kids: [] }
  for (let i = 1; i < length; i++) tree = { kids: [tree] }
  return tree
}

const Short = t.refinement(t.string, (text) => text.length < 4)
const Bag: t.Mixed = t.recursion<unknown>('Bag', (self: t.Mixed) => {
  const bag: t.Mixed = t.intersection([t.type({ of: t.record(Short, self) }), t.partial({ two: t.tuple([t.string]) })])
  return bag
})
const deep = { of: { 'too long': chain(80) } }
const dark = { of: JSON.parse('{"too long":{"__proto__":1}}') as unknown }

class Sum {
  readonly at = '2026-01-02T03:04:05.000Z'
  get total(): number {
    return 3
  }
}

const inheriting = Object.assign(Object.create({ inherited: 1 }), { at: '2026-01-02T03:04:05.000Z', a: 'x' })
const otherEncode = Object.assign(clone(t.union([t.type({ a: t.string }), Upper])), { encode: (v: unknown) => [v] })
const fields = Array.from({ length: 70 }, (_, at) => `f${at}`)
const wide = t.exact(
  t.intersection([t.type(Object.fromEntries(fields.map((key) => [key, t.number]))), t.partial({ z: Upper })]),
)
const row = (keys: readonly string[]): object => Object.fromEntries(keys.map((key, at) => [key, at]))

type Corner = readonly [name: string, codec: t.Mixed, ...values: unknown[]]

/** What random codecs and values seldom hit: each has been wrong in some version of the compiler, or would be without a line of it. */
const corners: readonly Corner[] = [
  [
    'a member of a union that takes the value once keys are left out of it',
    t.union([t.intersection([t.type({ a: Upper }), t.partial({ b: t.number })]), t.type({ a: t.string })]),
    { a: 'x', b: 'y' },
    { a: 'x' },
  ],
  [
    'a member of a union that is meant once keys are left out',
    t.union([
      t.record(t.string, DateFromISOString),
      t.intersection([t.type({ at: Unix }), t.partial({ b: t.string })]),
    ]),
    { at: new Date(0), b: undefined },
    { at: 0, b: undefined },
  ],
  [
    '__proto__ as any key',
    t.record(t.string, t.number),
    JSON.parse('{"__proto__":1}'),
    JSON.parse('{"a":1,"__proto__":1}'),
  ],
  ['__proto__ as a key that changes', t.record(LowerCase, t.number), JSON.parse('{"A":1,"__PROTO__":2}')],
  ['as many levels as may be, and one more', Tree, chain(32), chain(33), chain(40)],
  ['what is left out of a recursion, deep or dark', Bag, deep, dark, { of: {}, two: ['a', chain(80)] }],
  ['an inherited getter beside a change', t.type({ at: DateFromISOString, total: t.number }), new Sum()],
  [
    'an inherited key beside a change',
    t.intersection([t.type({ at: DateFromISOString }), t.type({ a: t.string })]),
    inheriting,
  ],
  [
    'an inherited key beside changes in every member',
    t.intersection([t.type({ at: DateFromISOString }), t.type({ a: Upper })]),
    inheriting,
    JSON.parse('{"at":"2026-01-02T03:04:05.000Z","a":"x","__proto__":{"b":1}}'),
  ],
  ['a union that somebody encodes otherwise', otherEncode, { a: 'x' }, 'x'],
  [
    'a key of two strict members',
    t.intersection([t.strict({ a: Upper }), t.strict({ a: t.string, b: t.string })]),
    { a: 'x', b: 'y' },
  ],
  [
    'strict members in any order',
    t.intersection([t.strict({ b: Upper }), t.strict({ a: t.string })]),
    { a: 'x', b: 'y' },
    { b: 'y', a: 'x' },
    { b: 'y', a: 'x', c: 1 },
  ],
  [
    'a strict member before an open one',
    t.intersection([t.strict({ b: t.string }), t.partial({ a: t.string })]),
    { a: 'x', b: 'y' },
    { b: 'y' },
    { c: 1, a: 'x', b: 'y' },
    { b: 'y', a: undefined },
  ],
  [
    'a member that takes what its structure does not',
    t.union([
      withValidate(t.array(t.string), t.type({ a: t.string }).validate as never),
      t.record(t.keyof({ a: null }), t.string),
    ]),
    { a: 'x', b: 'y' },
  ],
  [
    'a union that names a tag it does not use',
    new t.TaggedUnionType(
      'Odd',
      t.unknown.is as never,
      ...oddUnion(),
      [t.type({ k: t.literal('a') }), t.type({ k: t.string })],
      'k',
    ),
    { k: 'a', x: 1 },
    { k: 'b' },
  ],
  [
    'zero of either sign, between equal and same',
    t.intersection([t.strict({ a: PositiveZero }), t.strict({ b: t.string })]),
    { a: -0, b: '' },
  ],
  [
    'zero of either sign, in another order',
    t.strict({ a: PositiveZero, b: t.string }),
    { b: '', a: -0 },
    { b: '', a: -0, c: 1 },
  ],
  [
    'a predicate on keys, wrong more often than is told',
    t.array(Few),
    Array.from({ length: 250 }, () => ({ a: '', x: 1 })),
  ],
  ['a predicate on keys', Few, { a: '' }, { a: '', x: 1 }],
  [
    'more fields than a number has bits',
    wide,
    row(fields),
    row([...fields].reverse()),
    { ...row(fields), z: 'a' },
    { ...row(fields), y: 1 },
    row(fields.slice(1)),
  ],
  [
    'symbols beside a change',
    t.strict({ at: DateFromISOString }),
    { at: '2026-01-02T03:04:05.000Z', [Symbol.for('a')]: 1 },
  ],
  [
    'NaN where something changes',
    t.strict({ at: DateFromISOString, n: t.number }),
    { at: '2026-01-02T03:04:05.000Z', n: Number.NaN },
  ],
  [
    'a sparse array',
    t.type({ a: t.array(t.union([t.number, t.undefined])) }),
    { a: Object.assign(new Array(3), { 0: 1, 2: 3 }) },
  ],
  [
    'keys that everything has',
    t.partial({ toString: t.string, constructor: t.unknown }),
    {},
    { toString: undefined },
    { toString: 'x' },
  ],
]

function oddUnion(): [never, never] {
  const { validate, encode } = t.union([t.type({ k: t.string }), t.string])
  return [validate as never, encode as never]
}

describe.each(corners.map(([name, codec, ...values]) => ({ name, codec, values })))(
  'given $name',
  ({ codec, values }) => {
    it('then compiled code answers as io-ts', () => {
      for (const value of values) compiledIsSame(codec, value)
    })

    it.each(['refuse', 'strip'] as const)('then a contract with code answers as one without: %s', (unknownKeys) => {
      for (const value of values) contractIsSame(codec, unknownKeys, value)
    })
  },
)
