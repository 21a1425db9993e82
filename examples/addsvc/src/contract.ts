// The contract: what the service is to the world, once for all four wires. Servers and clients are made of it.
import { annotate, contract, type EndpointsOf, unary } from '@tenon/contract'
import * as t from 'io-ts'
import { IntOverflow, MaxSizeExceeded, TwoZeroes } from './service.ts'

/** Any whole number that JavaScript holds exactly; gRPC carries it as an `int64`. Others are refused, and not rounded. */
export const Whole = annotate(t.refinement(t.number, Number.isSafeInteger, 'Whole'), {
  description: 'A whole number.',
  example: 2,
  schema: { type: 'integer' },
})

export const Numbers = t.strict({ a: Whole, b: Whole })
export const Texts = t.strict({ a: t.string, b: t.string })

export const Add = contract('add.v1.Add', {
  sum: unary({
    input: Numbers,
    output: t.strict({ v: Whole }),
    failures: [TwoZeroes, IntOverflow],
    idempotent: true,
    http: 'POST /v1/sum',
    description: 'Sums two numbers, not both zero, to one of 32 bits.',
  }),
  concat: unary({
    input: Texts,
    output: t.strict({ v: t.string }),
    failures: [MaxSizeExceeded],
    idempotent: true,
    http: 'POST /v1/concat',
    description: 'Puts one text after another, up to ten bytes.',
  }),
})

/** The service's endpoints, wrapped in anything: what transports take, and what the client of any wire is. */
export type AddEndpoints = EndpointsOf<typeof Add>
