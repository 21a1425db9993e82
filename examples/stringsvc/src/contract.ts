// What the service says of itself. Transports, clients and documents are made of it; endpoints take their types from it.
import { contract, type EndpointsOf, unary } from '@tenon/contract'
import * as t from 'io-ts'
import { EmptyString } from './service.ts'

export const Text = t.strict({ s: t.string })
export const Capitals = t.strict({ v: t.string })

export const Strings = contract('strings.v1.Strings', {
  uppercase: unary({
    input: Text,
    output: Capitals,
    failures: [EmptyString],
    // May be repeated without harm: step 3 does.
    idempotent: true,
    http: 'POST /v1/uppercase',
  }),
  count: unary({ input: Text, output: t.strict({ v: t.number }), idempotent: true, http: 'POST /v1/count' }),
})

/** The endpoints of the service, wrapped in anything: what its transports take. */
export type StringEndpoints = EndpointsOf<typeof Strings>
