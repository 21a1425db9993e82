// The law of compatibility: where it says that nothing breaks, everything that one side writes is read by the other.
import { type AnyContract, codecs, compat, contract, type PlacedMethod, unary } from '@tenon/contract'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { type Case, cases } from './arbitrary.ts'

type Keys = 'refuse' | 'strip'

const of = (codec: t.Mixed, keys: Keys): AnyContract =>
  contract('C', { m: unary({ input: codec, output: codec, unknownKeys: { input: keys, output: keys } }) })

const coder = (c: AnyContract): ReturnType<typeof codecs<PlacedMethod>> => codecs(c.methods.m as PlacedMethod)

/** As it comes out of JSON. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** A codec near another one: the same in most. */
const near: fc.Arbitrary<readonly [Case, Case]> = fc.tuple(cases, cases, fc.nat(7)).map(([one, other, how]) => {
  const wrap = (item: Case, make: (codec: t.Mixed) => t.Mixed, value: (v: unknown) => unknown): Case => ({
    ...item,
    codec: make(item.codec),
    values: item.values.map(value),
  })
  const same = (v: unknown): unknown => v
  const edits: readonly (readonly [Case, Case])[] = [
    [one, other],
    [one, one],
    [one, wrap(one, (codec) => t.union([codec, other.codec]), same)],
    [one, wrap(one, (codec) => t.union([other.codec, codec]), same)],
    [
      wrap(
        one,
        (codec) => t.strict({ a: codec }),
        (a) => ({ a }),
      ),
      wrap(
        one,
        (codec) => t.intersection([t.strict({ a: codec }), t.partial({ b: other.codec })]),
        (a) => ({ a }),
      ),
    ],
    [
      wrap(
        one,
        (codec) => t.strict({ a: codec, b: t.string }),
        (a) => ({ a, b: '' }),
      ),
      wrap(
        one,
        (codec) => t.strict({ a: codec }),
        (a) => ({ a }),
      ),
    ],
    [
      wrap(
        one,
        (codec) => t.strict({ a: codec }),
        (a) => ({ a }),
      ),
      wrap(
        one,
        (codec) => t.partial({ a: t.union([codec, t.null]) }),
        (a) => ({ a }),
      ),
    ],
    [
      wrap(
        one,
        (codec) => t.array(t.union([codec, t.string])),
        (v) => [v],
      ),
      wrap(
        other,
        (codec) => t.readonlyArray(t.union([codec, one.codec, t.string])),
        (v) => [v],
      ),
    ],
  ]
  return edits[how] as readonly [Case, Case]
})

describe('compat and codecs', () => {
  for (const keys of ['refuse', 'strip'] as const)
    it(`given random pairs and unknown keys that readers ${keys}, when nothing breaks, then every value crosses`, () => {
      let compatible = 0
      fc.assert(
        fc.property(
          near.chain(([one, other]) =>
            fc.tuple(
              fc.constant(one),
              fc.constant(other),
              fc.array(one.values, { maxLength: 6 }),
              fc.array(other.values, { maxLength: 6 }),
            ),
          ),
          ([one, other, olds, nexts]) => {
            const [old, next] = [of(one.codec, keys), of(other.codec, keys)]
            const { breaks } = compat(old, next, { deploy: 'any order' })
            const writes = (
              where: string,
              oldWrites: boolean,
              values: readonly unknown[],
              from: AnyContract,
              to: AnyContract,
            ): void => {
              const broken = breaks.some(
                ({ path, breaks: who }) =>
                  path.startsWith(`C/m.${where}`) && (who === 'old clients') === (oldWrites === (where === 'input')),
              )
              if (broken) return
              compatible++
              for (const value of values) {
                const written = sent(coder(from).encodeInput(value))
                expect(coder(to).decodeInput(written), JSON.stringify(written)).toMatchObject({ _tag: 'Right' })
              }
            }
            writes('input', true, olds, old, next)
            writes('input', false, nexts, next, old)
          },
        ),
        { numRuns: 1_500, seed: 7 },
      )
      expect(compatible).toBeGreaterThan(500)
    })

  it('given any contract, when compared with itself, or with its copy, then nothing breaks', () => {
    fc.assert(
      fc.property(cases, ({ codec }) => {
        const one = of(codec, 'refuse')
        expect(compat(one, one, { deploy: 'any order' }).breaks).toEqual([])
        expect(compat(one, of(t.readonly(codec), 'refuse'), { deploy: 'any order' }).breaks).toEqual([])
      }),
      { numRuns: 1_000, seed: 7 },
    )
  })
})
