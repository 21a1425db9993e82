// The service: plain functions, and the three ways in which they say no. They know of no wire.
import { failure } from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import * as t from 'io-ts'

/** There is nothing to sum. */
export const TwoZeroes = failure('TwoZeroes', 'invalid_argument')
/** The sum needs more than 32 bits. */
export const IntOverflow = failure('IntOverflow', 'out_of_range')
/** The text would be longer than this many bytes. */
export const MaxSizeExceeded = failure('MaxSizeExceeded', 'invalid_argument', t.strict({ limit: t.number }))

const smallest = -(2 ** 31)
const largest = 2 ** 31 - 1
const limit = 10

/** Both are whole numbers. The sum is looked at, where Go kit looks whether `b` may still be added: 2^32 and 0 may there. */
export function sum(a: number, b: number) {
  if (a === 0 && b === 0) return fail(TwoZeroes({ message: "can't sum two zeroes" }))
  const v = a + b
  return v < smallest || v > largest ? fail(IntOverflow({ message: 'integer overflow' })) : ok({ v })
}

/** Counts bytes, as Go's `len` does. */
export const concat = (a: string, b: string) =>
  Buffer.byteLength(a) + Buffer.byteLength(b) > limit
    ? fail(MaxSizeExceeded({ limit, message: 'result exceeds maximum size' }))
    : ok({ v: a + b })
