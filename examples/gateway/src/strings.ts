// A contract of the consumer's own: of stringsvc the gateway needs two methods, and writes down what it expects of them. It
// imports nothing of that service, so neither waits for a release of the other.
import { contract, failure, unary } from '@tenon/contract'
import * as t from 'io-ts'

const EmptyString = failure('EmptyString', 'invalid_argument')
const Text = t.strict({ s: t.string })

export const Strings = contract('strings.v1.Strings', {
  uppercase: unary({
    input: Text,
    output: t.strict({ v: t.string }),
    failures: [EmptyString],
    idempotent: true,
    http: 'POST /v1/uppercase',
  }),
  count: unary({ input: Text, output: t.strict({ v: t.number }), idempotent: true, http: 'POST /v1/count' }),
})
