// What a transport gives to the suite: how it serves and how it calls. Everything else the suite does itself.
import type { AnyMethod, ClientOf, Contract, Implementation } from '@tenon/contract'
import type { TelemetryListener } from '@tenon/endpoint'

/**
 * What a wire may lack, each named for what cannot be done: a kind of stream; `anything`, codecs of any shape (a wire of
 * protobuf messages has no `t.unknown`); `unserved`, a client that can name a method which the server does not serve;
 * `lax`, two sides whose contracts of one name differ in their codecs.
 */
export type Feature = 'serverStream' | 'clientStream' | 'duplex' | 'anything' | 'unserved' | 'lax'

/** How a server is started for one case. */
export interface ServeOptions {
  /** Milliseconds that disposing gives to calls in flight. */
  readonly grace: number
  /** Hears what the server reports. */
  readonly onTelemetry: TelemetryListener
}

/** How a client is made for one case. What is absent has the transport's own default. */
export interface ClientOptions {
  /** Milliseconds for calls without a deadline. */
  readonly timeout?: number
  /** What of the incoming metadata passes on. */
  readonly allow?: readonly string[]
}

/** A server that takes calls, and what calls it. Disposing closes it and all clients made here. */
export interface Served extends AsyncDisposable {
  /** Calls that run now; streams count until they end. */
  readonly inFlight: number
  drain(options: { readonly signal: AbortSignal }): Promise<void>
  client<N extends string, M extends Record<string, AnyMethod>>(
    contract: Contract<N, M>,
    options?: ClientOptions,
  ): ClientOf<Contract<N, M>>
}

/** A transport under test. */
export interface Wire {
  /** As it is called in tables: `http`, `nats 2`. */
  readonly name: string
  serve(implementations: readonly Implementation[], options: ServeOptions): Promise<Served>
  /** What this wire cannot do, and why: the reason stands in the table instead of a result. */
  readonly lacks?: Readonly<Partial<Record<Feature, string>>>
}
