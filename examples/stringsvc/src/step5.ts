// Step 5: work goes over a queue. HTTP takes a call and publishes it; a subscriber does it, in this process or another.
//
//   curl -> HTTP -> publisher -> NATS -> subscriber -> the endpoints of step 2
//
// Start it twice, the second time with the --nats-url that the first one prints: both are subscribers now, and each call
// is done by one of them, whichever took it over HTTP. They may be Go kit's stringsvc4: subjects and bodies are its own.
// It is all in `queueing.ts`. Where no old wire must stay, there is nothing to write: `nats.serve` below, and
// `nats.client(Strings, { connection })`.
import { run } from '@tenon/app'
import { implement } from '@tenon/contract'
import { mapMethods } from '@tenon/endpoint'
import { address, command, port } from '@tenon/example-command'
import { natsUrl, openNats } from '@tenon/example-nats'
import { metrics } from '@tenon/metrics'
import { nats } from '@tenon/transport-nats'
import { Strings } from './contract.ts'
import { endpoints } from './endpoints.ts'
import { instrumented } from './instrumenting.ts'
import { logging } from './logging.ts'
import { publishers, subscribers } from './queueing.ts'
import { serve } from './transport.ts'

const options = {
  port: port(8080),
  'nats-url': natsUrl,
  'nats-addr': address('127.0.0.1:4222', 'where the NATS server listens that is started'),
}

await command('stringsvc, step 5: NATS.', options, async ({ port, 'nats-url': url, 'nats-addr': at }) => {
  const measured = metrics()
  await using link = await openNats({ url, ...at })
  const { connection } = link
  const all = instrumented(mapMethods(endpoints, logging(console.log)), measured)
  const working = await subscribers(all, connection)
  // The contract's wire, beside it: strings.v1.Strings.uppercase and .count. `nats service ls` of the NATS CLI shows it.
  const contracted = await nats.serve(implement(Strings, all), { connection })
  await using published = publishers(connection)
  const server = await serve(mapMethods(published, measured.red({ side: 'client' })), measured, port)
  console.log(`stringsvc listens at ${server.url}\n  NATS at ${link.url}`)
  // Drained in reverse: HTTP first, whose calls in flight still need subscribers, and those NATS, which closes at the end.
  await run({ name: 'stringsvc', services: [contracted, ...working, server], drain: { propagation: 0 } })
})
