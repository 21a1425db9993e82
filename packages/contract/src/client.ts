// What a contract makes of its methods: the endpoints of a client, what an implementation must be, what publishes its events.
import type { Endpoint, Failure, Infrastructure, Stream } from '@tenon/endpoint'
import type { CallFailed } from './call-failed.ts'
import type { Calls, Contract, Events } from './contract.ts'
import type { FailureUnion, Method } from './method.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

/** The endpoint of a method, with further failures and needs. */
export type EndpointOf<M, Extra extends Failure, R> =
  M extends Method<'unary', infer I, infer O, infer Fs>
    ? Endpoint<I, O, FailureUnion<Fs> | Extra, R>
    : M extends Method<'serverStream', infer I, infer O, infer Fs>
      ? Endpoint<I, Stream<O, FailureUnion<Fs> | Extra>, FailureUnion<Fs> | Extra, R>
      : M extends Method<'clientStream', infer I, infer O, infer Fs>
        ? Endpoint<Stream<I, CallFailed>, O, FailureUnion<Fs> | Extra, R>
        : M extends Method<'duplex', infer I, infer O, infer Fs>
          ? Endpoint<Stream<I, CallFailed>, Stream<O, FailureUnion<Fs> | Extra>, FailureUnion<Fs> | Extra, R>
          : never

/** The endpoints of a client, by method: each fails with what its method declares and {@link CallFailed}. */
export type ClientOf<C> =
  C extends Contract<Any, infer M>
    ? { readonly [K in keyof Calls<M>]: EndpointOf<M[K & keyof M], CallFailed, unknown> }
    : never

/**
 * The endpoints of a contract as `implement` takes them and as a service sees what it depends on, by method: each may
 * fail with what its method declares, with {@link CallFailed}, and with what policies around it add (`Infrastructure`).
 * A client is one, wrapped in middlewares or not.
 */
export type EndpointsOf<C> =
  C extends Contract<Any, infer M>
    ? { readonly [K in keyof Calls<M>]: EndpointOf<M[K & keyof M], CallFailed | Infrastructure, unknown> }
    : never

/**
 * The events of a contract as a service sees them that publishes some, by name: each takes its message. A publisher of a
 * transport is one, wrapped in middlewares or not; so is what a test makes of an endpoint for each.
 */
export type EventsOf<C> =
  C extends Contract<Any, infer M>
    ? {
        readonly [K in keyof Events<M>]: M[K & keyof M] extends Method<'event', infer I, Any, Any>
          ? Endpoint<I, void, CallFailed | Infrastructure>
          : never
      }
    : never
