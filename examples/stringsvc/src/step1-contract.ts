// Step 1 once more, with a contract: what is said of the service once makes its server, its clients and its documents.
//
// The same three layers, and no transport to write: compare it with `step1.ts`. What one gains and what is different on
// the wire stands in the README, side by side.
import { run } from '@tenon/app'
import { contract, failure, handler, implement, unary } from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import { command, port } from '@tenon/example-command'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'

// What goes in and out, what may fail, where it is on HTTP.

const EmptyString = failure('EmptyString', 'invalid_argument')
const Text = t.strict({ s: t.string })

const Strings = contract('strings.v1.Strings', {
  uppercase: unary({
    input: Text,
    output: t.strict({ v: t.string }),
    failures: [EmptyString],
    idempotent: true,
    http: 'POST /uppercase',
  }),
  count: unary({ input: Text, output: t.strict({ v: t.number }), idempotent: true, http: 'POST /count' }),
})

// What it does. Input and output are typed by the method; to fail with what it does not declare would not compile.

const uppercase = handler(Strings.methods.uppercase, ({ s }) =>
  s === '' ? fail(EmptyString()) : ok({ v: s.toUpperCase() }),
)
const count = handler(Strings.methods.count, ({ s }) => ok({ v: Buffer.byteLength(s) }))

await command('stringsvc, step 1 with a contract.', { port: port(8080) }, async ({ port }) => {
  const server = await http.serve(implement(Strings, { uppercase, count }), { port })
  console.log(`stringsvc listens at ${server.url}`)
  await run({ name: 'stringsvc', services: [server], drain: { propagation: 0 } })
})
