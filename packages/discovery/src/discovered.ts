// A contract's client over all instances of its service: one connection per instance, shared by every method.
import type { AnyMethod, Calls, Contract } from '@tenon/contract'
import { type Endpoint, type Failure, knownOptions, type Mapped, type OptionNames } from '@tenon/endpoint'
import { type BalancedOptions, balanced } from './balanced.ts'
import { type Endpointer, type EndpointerOptions, endpointer, endpointerOptions } from './endpointer.ts'
import type { Instancer } from './instancer.ts'
import type { NoEndpoints } from './no-endpoints.ts'
import { roundRobin } from './round-robin.ts'
import type { Strategy } from './strategy.ts'

type AnyEndpoint = Endpoint<never, unknown, Failure, never>
type BareEndpoint = Endpoint<unknown, unknown, Failure>
// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type InputOf<X> = X extends Endpoint<infer I, any, any, any> ? I : never

/** A client of one instance: an endpoint for each method that is called, and a way to close it. */
export type Connected<M> = { readonly [K in keyof Calls<M>]: AnyEndpoint } & AsyncDisposable

// Not in the type: a symbol of ours there could not be named in the declarations of whoever exports such a client.
const key: unique symbol = Symbol('tenon.endpointer')

/** What `connect` gives, with `NoEndpoints` added to each of its endpoints. Disposing closes all connections. */
export type Discovered<M, T> = Mapped<Pick<T, keyof T & keyof Calls<M>>, NoEndpoints, unknown, unknown> &
  AsyncDisposable

/** Options of {@link discovered}. */
export interface DiscoveredOptions<T, A = unknown> extends EndpointerOptions<T>, Pick<BalancedOptions, 'wait'> {
  /** Default: `roundRobin()`. It must be able to read the input of every method. */
  readonly balance?: Strategy<A>
}

const named: OptionNames<DiscoveredOptions<unknown>> = {
  ...endpointerOptions,
  wait: true,
  balance: true,
}

/**
 * A client that finds its instances: each call goes to one of them. Adds `NoEndpoints`. Dispose it when done: it closes
 * its connections and stops asking the instancer; the instancer is yours.
 */
export function discovered<N extends string, M extends Record<string, AnyMethod>, T extends Connected<M>>(
  contract: Contract<N, M>,
  instances: Instancer,
  options: DiscoveredOptions<T, InputOf<NoInfer<T>[keyof Calls<M>]>>,
): Discovered<M, T> {
  knownOptions(`discovered ${contract.name}`, options, named)
  const { balance = roundRobin(), wait, ...connecting } = options
  const methods = Object.values(contract.methods).filter((method) => method.kind !== 'event')
  const checked = (connected: T): T => {
    const without = methods.find(({ name }) => typeof (connected as Record<string, unknown>)[name] !== 'function')
    if (without === undefined) return connected
    throw new TypeError(`what connect gives for ${contract.name} has no endpoint "${without.name}"`)
  }
  const connections = endpointer<T>(instances, {
    ...connecting,
    connect: (instance, how) => {
      const made = options.connect(instance, how)
      return made instanceof Promise ? made.then(checked) : checked(made)
    },
  })
  const record: Record<PropertyKey, unknown> = {
    [key]: connections,
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  }
  for (const method of methods)
    record[method.name] = balanced(connections, balance as Strategy<unknown>, {
      endpoint: (client) => (client as unknown as Record<string, BareEndpoint>)[method.name] as BareEndpoint,
      ...(wait === undefined ? {} : { wait }),
      method,
    })
  return record as unknown as Discovered<M, T>
}

/**
 * The endpointer of a discovered client, also of one that middlewares wrap: its `ready`, its `view`.
 *
 * @throws TypeError for anything else.
 */
export function endpointerOf(client: object): Endpointer<unknown> {
  const found = (client as { readonly [key]?: Endpointer<unknown> })[key]
  if (found === undefined) throw new TypeError('endpointerOf: this is no client that discovered(...) made')
  return found
}
