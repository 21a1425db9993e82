// A library's decoder as a subject: proved to decode, to refuse, and to do with unknown keys what its label says.
import assert from 'node:assert/strict'
import type { Subject } from '../harness/suite.ts'
import { invalid, type ShapeName, valid, variety, withExtra } from './shapes.ts'

/** What a decoder does with a key that it does not know. */
export type Unknown = 'strips' | 'keeps' | 'refuses'

/** One library's decoder of one shape. */
export interface Decoder {
  /** The value, or `undefined` where it does not fit. */
  readonly decode: (raw: unknown) => unknown
  readonly unknown: Unknown
}

const own = (value: unknown): boolean => Object.hasOwn(value as object, 'extra')

/** Decodes all values of a shape in a call. */
export function decoding(shape: ShapeName, which: 'valid' | 'invalid', { decode, unknown }: Decoder): Subject {
  const values = (which === 'valid' ? valid : invalid)[shape]
  return {
    times: variety,
    call() {
      let last: unknown
      for (let n = 0; n < variety; n++) last = decode(values[n])
      return last
    },
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
  const values = valid[shape]
  return {
    times: variety,
    call() {
      let last: unknown
      for (let n = 0; n < variety; n++) last = encode(values[n])
      return last
    },
    async check() {
      for (const value of valid[shape]) assert.deepEqual(encode(value), value)
      assert.ok(!own(encode(withExtra(shape))), 'an unknown key was encoded')
    },
  }
}
