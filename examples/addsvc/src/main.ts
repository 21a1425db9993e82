// What `npm run example -- addsvc` runs: one service on four wires, until Ctrl-C.
import { run } from '@tenon/app'
import { address, command, Mistake, type Option, Unable } from '@tenon/example-command'
import { natsUrl, openNats } from '@tenon/example-nats'
import { metrics } from '@tenon/metrics'
import { endpoints } from './endpoints.ts'
import { layered } from './layers.ts'
import { serve } from './serve.ts'

const perSecond: Option<number> = {
  usual: '1',
  takes: 'N',
  is: 'calls of each method a second (1, as in Go kit); more at once are one sum, a hundred texts',
  read(text) {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value > 0 && value <= 1e6)) throw new Mistake(`takes a number above 0, up to a million, and not "${text}"`)
    return value
  },
}

const options = {
  'http-addr': address('127.0.0.1:8081', 'HTTP: /v1/sum, /v1/concat; /sum, /concat as Go kit has them; /metrics'),
  'grpc-addr': address('127.0.0.1:8082', 'gRPC: add.v1.Add; pb.Add as Go kit has it'),
  'jsonrpc-addr': address('127.0.0.1:8084', 'JSON-RPC over HTTP: sum, concat'),
  'nats-addr': address('127.0.0.1:4222', 'where the NATS server listens that is started'),
  'nats-url': natsUrl,
  'per-second': perSecond,
}

await command('addsvc: sums numbers and concatenates texts on four wires.', options, async (given) => {
  const measured = metrics()
  // What breakers, limits and transports report becomes metrics too.
  using _ = measured.listen()
  const all = layered(endpoints, measured, { perSecond: given['per-second'], log: console.log })
  // Closed in reverse, also where one of them does not come up. `run` drains them before.
  await using open = new AsyncDisposableStack()
  const link = await openNats({ url: given['nats-url'], ...given['nats-addr'] }).catch((cause) => {
    // A server that was asked for must be there; one of our own is a courtesy.
    if (cause instanceof Unable && given['nats-url'] === '') return cause
    throw cause
  })
  const there = link instanceof Unable ? undefined : open.use(link)
  const served = await serve(
    all,
    measured,
    {
      http: given['http-addr'],
      jsonrpc: given['jsonrpc-addr'],
      grpc: given['grpc-addr'],
      nats: there?.connection,
    },
    open,
  )
  console.log(`addsvc listens at ${served.http}
  jsonrpc at ${served.jsonrpc}
  grpc at ${served.grpc}
  nats ${link instanceof Unable ? `is off: ${link.message}` : `at ${link.url}`}`)
  await run({ name: 'addsvc', services: served.services, drain: { propagation: 0 } })
})
