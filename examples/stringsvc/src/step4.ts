// Step 4: the same endpoints on a third wire. To a transport an endpoint is an endpoint, so there is one line to add.
//
// JSON-RPC 2.0 at `POST /rpc`: calls by name, alone or in batches, and notifications that nobody answers. The failure of
// the contract arrives as an error with its tag, so that a client (`jsonrpc.client(Strings, { url })`) has it typed, as
// from every other transport.
import { run } from '@tenon/app'
import { implement } from '@tenon/contract'
import { mapMethods } from '@tenon/endpoint'
import { command, port } from '@tenon/example-command'
import { metrics } from '@tenon/metrics'
import { jsonrpc } from '@tenon/transport-http'
import { Strings } from './contract.ts'
import { endpoints } from './endpoints.ts'
import { instrumented } from './instrumenting.ts'
import { logging } from './logging.ts'
import { serve } from './transport.ts'

await command('stringsvc, step 4: JSON-RPC.', { port: port(8080) }, async ({ port }) => {
  const measured = metrics()
  const all = instrumented(mapMethods(endpoints, logging(console.log)), measured)
  const server = await serve(all, measured, port, {
    // `uppercase`, where it would be called `strings.v1.Strings/uppercase`: this server has one contract only.
    'POST /rpc': jsonrpc.server(implement(Strings, all), { name: ({ name }) => name }),
  })
  console.log(`stringsvc listens at ${server.url}`)
  await run({ name: 'stringsvc', services: [server], drain: { propagation: 0 } })
})
