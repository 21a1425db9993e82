// Step 1: a whole service in one file, from the inside out: functions, endpoints, a transport.
//
// What it says on the wire is what Go kit's stringsvc1 says, byte for byte. No contract can say that a failure is a
// success with an `err` in it, so this is the low level, where everything is in your hands. `step1-contract.ts` is the
// same service as you would write it today.
import { run } from '@tenon/app'
import { failure } from '@tenon/contract'
import { type Endpoint, endpoint, type Failure, fail, ok } from '@tenon/endpoint'
import { command, port } from '@tenon/example-command'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { anyVerb, error, success } from './gokit.ts'

// 1. The service: plain functions. What may go wrong is a value too: a tag, a canonical code, a message.

const EmptyString = failure('EmptyString', 'invalid_argument')

const uppercase = (s: string) => (s === '' ? fail(EmptyString()) : ok({ v: s.toUpperCase() }))

/** Counts bytes, as Go's `len` does: 6 for "héllo". */
const count = (s: string) => ok({ v: Buffer.byteLength(s) })

// 2. Endpoints: each is one RPC, a function of one message. A middleware wraps an endpoint and knows no more of it.
// The types say how each may fail: the first with EmptyString, the second not at all.

const Text = t.partial({ s: t.union([t.string, t.null]) })
type Text = t.TypeOf<typeof Text>

const endpoints = {
  uppercase: endpoint(({ s }: Text) => uppercase(s ?? '')),
  count: endpoint(({ s }: Text) => count(s ?? '')),
}

// 3. The transport: how a request becomes a message, and how an answer is made of what came of it.

const listener = <O extends object, E extends Failure>(rpc: Endpoint<Text, O, E>) =>
  http.server(rpc, {
    // As Go's decoder does it: what is missing is empty, what is unknown is ignored, any content type will do.
    decode: http.decodeJsonAs(Text, { unknownKeys: 'strip' }),
    encode: (output, reply) => success(reply, output),
    // Go kit has two kinds of errors: one of the business is part of a success, all others are 500 and a text.
    encodeError: (failure, reply) =>
      EmptyString.is(failure) ? success(reply, { v: '', err: failure.message }) : error(reply, failure.message),
  })

await command('stringsvc, step 1: a service in one file.', { port: port(8080) }, async ({ port }) => {
  const server = await http.serve([], {
    port,
    routes: {
      ...anyVerb('/uppercase', listener(endpoints.uppercase)),
      ...anyVerb('/count', listener(endpoints.count)),
    },
  })
  console.log(`stringsvc listens at ${server.url}`)
  // Until Ctrl-C or a SIGTERM; then no more calls are taken, and those in flight are finished.
  await run({ name: 'stringsvc', services: [server], drain: { propagation: 0 } })
})
