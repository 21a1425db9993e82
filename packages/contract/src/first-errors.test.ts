// The first mistakes are those that io-ts tells first, at a price that does not depend on how many there are.
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { NumberFromString } from 'io-ts-types/lib/NumberFromString.js'
import { describe, expect, it } from 'vitest'
import { coder } from './coder.ts'
import { explain } from './explain.ts'
import { firstErrors, fits, isLarge } from './first-errors.ts'
import { hiding } from './secrets.ts'

const Dice = t.brand(t.number, (n): n is t.Branded<number, { readonly Dice: symbol }> => n > 0 && n < 7, 'Dice')
const leaves: readonly t.Mixed[] = [
  t.string,
  t.number,
  t.boolean,
  t.null,
  t.undefined,
  t.unknown,
  t.literal('a'),
  t.keyof({ a: null, b: null }),
  t.Int,
  Dice,
  DateFromISOString,
  NumberFromString,
  t.UnknownArray,
  t.UnknownRecord,
]
const { codec: codecs } = fc.letrec<{ codec: t.Mixed; props: t.Props }>((tie) => {
  const codec = tie('codec')
  const props = tie('props')
  const two = fc.tuple(codec, codec)
  return {
    props: fc.dictionary(fc.constantFrom('a', 'b', 'c'), codec, { maxKeys: 3, noNullPrototype: true }),
    codec: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'codec' },
      { arbitrary: fc.constantFrom(...leaves), weight: 4 },
      codec.map((item) => t.array(item)),
      codec.map((item) => t.readonlyArray(item)),
      two.map(([one, other]) => t.tuple([one, other])),
      props.map((fields) => t.type(fields)),
      props.map((fields) => t.strict(fields)),
      props.map((fields) => t.exact(t.partial(fields))),
      props.map((fields) => t.readonly(t.partial(fields))),
      codec.map((item) => t.record(t.string, item)),
      codec.map((item) => t.record(t.union([t.keyof({ a: null, b: null }), t.literal('c')]), item)),
      codec.map((item) =>
        t.record(
          t.refinement(t.string, (key) => key !== 'b', 'NotB'),
          item,
        ),
      ),
      two.map(([one, other]) => t.union([one, other])),
      two.map(([one, other]) => t.intersection([one, other])),
      two.map(([one, other]) =>
        t.union([t.type({ a: t.literal('a'), b: one }), t.strict({ a: t.literal('b'), c: other })]),
      ),
      codec.map((item) => t.refinement(item, () => true, 'Any')),
      codec.map((item) => t.refinement(item, () => false, 'None')),
      codec.map((item): t.Mixed => t.recursion('Self', (self) => t.partial({ a: self, b: item }))),
    ),
  }
})
const scalars = fc.constantFrom<unknown>(
  'a',
  'b',
  '',
  '7',
  '2026-01-01T00:00:00.000Z',
  0,
  3,
  1.5,
  true,
  null,
  undefined,
)
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    { arbitrary: scalars, weight: 3 },
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

/** Where each error stands, and what was there. */
const steps = (errors: t.Errors): unknown =>
  errors.map(({ value, context }) => [value, context.map(({ key, actual }) => [key, actual])])

describe('given any codec and any value', () => {
  it('when it is asked whether it fits, then the answer is that of io-ts', () => {
    fc.assert(
      fc.property(codecs, values, (codec, value) => {
        expect(fits(codec, value)).toBe(E.isRight(codec.decode(value)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('when many items are wrong, then the first issues are those that io-ts tells first', () => {
    const item = fc.tuple(
      fc.constantFrom<'list' | 'record'>('list', 'record'),
      codecs,
      fc.array(values, { minLength: 5, maxLength: 40 }),
    )
    fc.assert(
      fc.property(item, ([kind, inner, list]) => {
        const codec: t.Mixed = kind === 'list' ? t.array(inner) : t.record(t.string, inner)
        const value = kind === 'list' ? list : Object.fromEntries(list.map((one, i) => [`k${i}`, one]))
        const { errors, complete } = firstErrors(codec, value)
        const all = codec.decode(value)
        expect(errors.length > 0).toBe(E.isLeft(all))
        if (E.isLeft(all)) expect(explain(errors, hiding(codec))).toEqual(explain(all.left, hiding(codec)))
        if (E.isLeft(all) && complete) expect(steps(errors)).toEqual(steps(all.left))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('given a body made to be dear', () => {
  const members = Array.from({ length: 20 }, (_, i) => t.strict({ [`k${i}`]: t.literal(`v${i}`), x: t.string }))
  const Wide: t.Mixed = t.union(members as unknown as [t.Mixed, t.Mixed])
  const told = (codec: t.Mixed, raw: unknown): number => {
    const result = coder(codec, 'refuse').decode(raw)
    return E.isLeft(result) ? result.left.length : 0
  }
  // Plain io-ts makes tens of millions of objects of each of these: more than the heap can hold.
  it.each<[string, t.Mixed, unknown]>([
    ['a list of lists', t.array(t.array(Wide)), Array(400).fill(Array(900).fill({}))],
    ['a record', t.record(t.string, Wide), Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`k${i}`, {}]))],
    [
      'fields of fields',
      t.strict({ a: t.strict({ b: t.array(t.tuple([Wide, Wide])) }) }),
      { a: { b: Array(90_000).fill([{}, {}]) } },
    ],
    ['a list in a union', t.union([t.array(Wide), t.strict({ a: t.string })]), Array(300_000).fill({})],
    ['a narrowed list', t.refinement(t.array(Wide), () => true, 'Some'), Array(300_000).fill({})],
  ])('when %s has a mistake everywhere, then it is refused in no time', (_, codec, raw) => {
    const start = performance.now()
    expect(told(codec, raw)).toBeGreaterThan(0)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('when one item of very many is wrong, then that one is told', () => {
    const raw = Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => ({ k19: 'v19', x: '' })))
    ;(raw[40] as object[])[7] = { k19: 'v19', x: 1 }
    const result = coder(t.array(t.array(Wide)), 'refuse').decode(raw)
    expect(result).toEqual(E.left([{ path: '[40][7].x', expected: 'string', actual: 'number' }]))
  })
})

it('a value is large from some two hundred parts on, whatever their order', () => {
  expect(isLarge(Array(198).fill(1))).toBe(false)
  expect(isLarge(Array(201).fill(1))).toBe(true)
  expect(isLarge([[Array(100).fill({})], {}, { a: [Array(100)] }])).toBe(true)
  expect(isLarge(Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`k${i}`, 1])))).toBe(true)
  expect(isLarge('x'.repeat(1_000))).toBe(false)
})
