// The services behind the gateway, wherever they are: found in a registry, balanced, repeated, left alone while they fail.
import { breaker } from '@tenon/breaker'
import { discovered, type Instancer, outlierEjection, p2c } from '@tenon/discovery'
import { chain, mapMethods, timeout } from '@tenon/endpoint'
import { Add } from '@tenon/example-addsvc/contract'
import { addProto } from '@tenon/example-addsvc/proto'
import { profilesClient } from '@tenon/example-profilesvc/client'
import { retry } from '@tenon/retry'
import { grpc } from '@tenon/transport-grpc'
import { http } from '@tenon/transport-http'
import { Strings } from './strings.ts'

/** What finds instances: any registry. */
export interface Finds {
  instancer(service: string): Instancer
}

/**
 * Three ways to a service:
 * - addsvc: its contract is imported, its wire is gRPC;
 * - stringsvc: only what is needed of it, in a contract written here, over HTTP;
 * - profilesvc: its team publishes the whole client, with its own rules.
 *
 * To those who call them, all three are records of endpoints. Each has one connection an instance, shared by its methods. Dispose them.
 */
export function clients(registry: Finds) {
  /** Two seconds in all; three attempts, each at another instance; one budget for each service. */
  const patient = () => chain(timeout(2_000), retry({ attempts: 3 }))
  /** Who is quick and has little to do; and nobody who fails again and again. */
  const balance = outlierEjection(p2c())
  const add = discovered(Add, registry.instancer('addsvc'), {
    balance,
    connect: ({ id, address }) =>
      mapMethods(grpc.client(Add, { address, proto: addProto }), breaker({ name: `addsvc at ${id}` })),
  })
  const strings = discovered(Strings, registry.instancer('stringsvc'), {
    balance,
    connect: ({ id, url }) => mapMethods(http.client(Strings, { url }), breaker({ name: `stringsvc at ${id}` })),
  })
  return {
    add: mapMethods(add, patient()),
    strings: mapMethods(strings, patient()),
    profiles: profilesClient(registry.instancer('profilesvc')),
  }
}

export type Clients = ReturnType<typeof clients>
