// Step 2: the same service in layers, a file each. Every layer knows the one inside it and none that is outside.
//
//   service.ts         plain functions
//   contract.ts        what they are to the world
//   endpoints.ts       one RPC each
//   logging.ts         around every endpoint: a line for each call
//   instrumenting.ts   around that: metrics
//   transport.ts       HTTP, on the contract's wire and on Go kit's
//
// Here they are put together, by hand: nothing is found by a container or a decorator.
import { run } from '@tenon/app'
import { mapMethods } from '@tenon/endpoint'
import { command, port } from '@tenon/example-command'
import { metrics } from '@tenon/metrics'
import { endpoints } from './endpoints.ts'
import { instrumented } from './instrumenting.ts'
import { logging } from './logging.ts'
import { serve } from './transport.ts'

await command('stringsvc, step 2: layers, logs and metrics.', { port: port(8080) }, async ({ port }) => {
  const measured = metrics()
  // From the inside out. A middleware made for any endpoint goes around all of a record with `mapMethods`.
  const logged = mapMethods(endpoints, logging(console.log))
  const server = await serve(instrumented(logged, measured), measured, port)
  console.log(`stringsvc listens at ${server.url}`)
  await run({ name: 'stringsvc', services: [server], drain: { propagation: 0 } })
})
