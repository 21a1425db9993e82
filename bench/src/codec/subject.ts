// A library's decoder as a subject: proved to decode, to refuse, and to do with unknown keys what its label says.
import assert from 'node:assert/strict'
import type { Subject } from '../harness/suite.ts'
import { escaping, invalid, type ShapeName, valid, variety, withExtra } from './shapes.ts'

/** What a decoder does with a key that it does not know. */
export type Unknown = 'strips' | 'keeps' | 'refuses'

/** One library's decoder of one shape. */
export interface Decoder {
  /** The value, or `undefined` where it does not fit. */
  readonly decode: (raw: unknown) => unknown
  readonly unknown: Unknown
}

const own = (value: unknown): boolean => Object.hasOwn(value as object, 'extra')

/** How often a call goes through the values: where one takes less than the harness's `await`, often. */
const passes: Readonly<Record<ShapeName, number>> = { small: 16, nested: 4, array: 1 }

/** What was made is kept for a while: the compiler of the engine leaves out what nobody could look at. */
const kept: unknown[] = new Array(variety).fill(undefined)

const through = (
  shape: ShapeName,
  values: readonly unknown[],
  work: (value: unknown) => unknown,
): Pick<Subject, 'times' | 'call'> => ({
  times: variety * passes[shape],
  call() {
    for (let pass = 0; pass < passes[shape]; pass++) for (let n = 0; n < variety; n++) kept[n] = work(values[n])
    return kept
  },
})

/** Decodes all values of a shape in a call. */
export function decoding(shape: ShapeName, which: 'valid' | 'invalid', { decode, unknown }: Decoder): Subject {
  const values = (which === 'valid' ? valid : invalid)[shape]
  return {
    ...through(shape, values, decode),
    async check() {
      for (const value of valid[shape]) assert.deepEqual(decode(value), value)
      for (const value of invalid[shape]) assert.equal(decode(value), undefined)
      const given = withExtra(shape)
      const decoded = decode(given)
      const did: Unknown = decoded === undefined ? 'refuses' : own(decoded) ? 'keeps' : 'strips'
      assert.equal(did, unknown)
      assert.ok(own(given), 'what was given has been changed')
    },
  }
}

/** Encodes all values of a shape in a call. */
export function encoding(shape: ShapeName, encode: (value: unknown) => unknown): Subject {
  return {
    ...through(shape, valid[shape], encode),
    async check() {
      for (const value of valid[shape]) assert.deepEqual(encode(value), value)
      assert.ok(!own(encode(withExtra(shape))), 'an unknown key was encoded')
    },
  }
}

/** JSON text of all values of a shape, and its length in bytes: for that it must be in one piece. */
export function writing(shape: ShapeName, write: (value: unknown) => string): Subject {
  return {
    ...through(shape, valid[shape], (value) => Buffer.byteLength(write(value))),
    async check() {
      for (const value of valid[shape]) assert.equal(write(value), JSON.stringify(value))
      assert.equal(write(escaping[shape]), JSON.stringify(escaping[shape]))
    },
  }
}
