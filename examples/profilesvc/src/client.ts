// The client that others import: the service as a record of endpoints, wherever its instances are.
import { breaker } from '@tenon/breaker'
import { discovered, type Instancer } from '@tenon/discovery'
import { chain, mapMethods, timeout } from '@tenon/endpoint'
import { retry } from '@tenon/retry'
import { http } from '@tenon/transport-http'
import { Profiles } from './contract.ts'

/**
 * Calls go to one of the instances, and what may be repeated without harm is, at another one: the contract says which
 * methods may. All nine share one client and one breaker per instance. Dispose it.
 */
export const profilesClient = (instances: Instancer) =>
  mapMethods(
    discovered(Profiles, instances, {
      connect: ({ id, url }) => mapMethods(http.client(Profiles, { url }), breaker({ name: `profilesvc at ${id}` })),
    }),
    chain(timeout(2_000), retry({ attempts: 3 })),
  )
