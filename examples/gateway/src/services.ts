// Services to stand behind the gateway while one tries it out: two of addsvc over gRPC, two of stringsvc and one of profilesvc
// over HTTP, each of which makes itself known in Consul. In a company they are processes of other teams.
import type { Service } from '@tenon/app'
import { implement } from '@tenon/contract'
import { type ConsulRegistry, grpcCheck, httpCheck } from '@tenon/discovery-consul'
import { Add } from '@tenon/example-addsvc/contract'
import { endpoints as adding } from '@tenon/example-addsvc/endpoints'
import { addProto } from '@tenon/example-addsvc/proto'
import { serve as serveProfiles } from '@tenon/example-profilesvc/server'
import { Strings } from '@tenon/example-stringsvc/contract'
import { endpoints as writing } from '@tenon/example-stringsvc/endpoints'
import { grpc } from '@tenon/transport-grpc'
import { http } from '@tenon/transport-http'

/** Starts them, for as long as `open` is. An app that runs what this answers registers them, and takes them out first. */
export async function services(registry: ConsulRegistry, open: AsyncDisposableStack): Promise<readonly Service[]> {
  const all: Service[] = []
  for (const n of [1, 2]) {
    const add = open.use(await grpc.serve(implement(Add, adding), { proto: addProto, health: true }))
    const strings = open.use(
      await http.serve(implement(Strings, writing), { port: 0, routes: { 'GET /health': well } }),
    )
    all.push(
      add,
      registry.registrar({ service: 'addsvc', id: `addsvc-${n}`, address: add.address, check: grpcCheck() }),
      strings,
      registry.registrar({ service: 'stringsvc', id: `stringsvc-${n}`, url: strings.url, check: httpCheck() }),
    )
  }
  const profiles = open.use(await serveProfiles({ port: 0, log: () => {} }))
  // Without a check of Consul's: it says itself that it is well, every few seconds.
  all.push(profiles, registry.registrar({ service: 'profilesvc', id: 'profilesvc-1', url: profiles.url }))
  return all
}

const well = (_: unknown, response: { end(): void }): void => response.end()
