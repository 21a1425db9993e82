// The service: plain functions that know of no wire, no context, no middleware.
import { failure } from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'

/** There is nothing to write in capitals. */
export const EmptyString = failure('EmptyString', 'invalid_argument')

export const uppercase = (s: string) => (s === '' ? fail(EmptyString()) : ok(s.toUpperCase()))

/** Counts bytes, as Go's `len` does: 6 for "héllo". */
export const count = (s: string) => Buffer.byteLength(s)
