// What an app is made of. Small shapes that others satisfy without importing this package.

/** `starting` until every service has started, `draining` from the moment the app is told to stop. */
export type AppState = 'starting' | 'ready' | 'draining'

/** What a service is told when it starts. */
export interface Starting {
  /** The app's name. */
  readonly app: string
  /** Aborts when the app stops before this service has started, or when the start takes too long. */
  readonly signal: AbortSignal
  /** The app's state now: what a readiness page answers with. Keep it; it stays true. */
  readonly state: () => AppState
}

/** Something that runs as long as the app. What `serve` of a transport returns is one: it listens already and has no `start`. */
export interface Service {
  /** For messages and telemetry. Default: its `url`, else its place in the list. */
  readonly name?: string
  /** Resolves when it is up. One that fails cleans up behind itself; it is not drained. */
  start?(starting: Starting): void | Promise<void>
  /**
   * Takes no more work, finishes what it has, and resolves. When `signal` aborts, its time is up: drop the rest, close.
   */
  drain(options: { readonly signal: AbortSignal }): void | Promise<void>
  /** True for what tells others where we are (a registration): it is drained first, before the wait for propagation. */
  readonly announces?: boolean
  /** Settles when it ends by itself. The app then drains, and fails when this is a rejection. Read once it is up. */
  readonly finished?: Promise<unknown>
}

/** A service in an app. */
export interface Unit {
  readonly name: string
  readonly service: Partial<Service> & Partial<AsyncDisposable>
  /** Has it started, or was it running when it was handed to us? */
  up: boolean
}

/** The units of a list of services, or a TypeError that says which is none. */
export function unitsOf(services: readonly (Service | AsyncDisposable)[]): readonly Unit[] {
  if (!Array.isArray(services)) throw new TypeError('run: "services" must be a list of services')
  return services.map((given: unknown, at) => {
    const service = given as Unit['service'] & { readonly url?: unknown }
    const drains = typeof service?.drain === 'function'
    if (!drains && typeof service?.[Symbol.asyncDispose] !== 'function')
      throw new TypeError(
        `run: services[${at}] must have drain({ signal }) or [Symbol.asyncDispose]()` +
          (given instanceof Promise ? ', but was a promise: await it' : ''),
      )
    const { name, url } = service
    const label = [name, url].find((text) => typeof text === 'string' && text !== '') as string | undefined
    // A client is a record of endpoints that can be disposed: what is called `start` there is none of ours.
    const start = drains && typeof service.start === 'function'
    return { name: label ?? `services[${at}]`, service: drains ? service : disposing(service), up: !start }
  })
}

const disposing = (service: Partial<AsyncDisposable>): Unit['service'] => ({
  [Symbol.asyncDispose]: async () => service[Symbol.asyncDispose]?.(),
})
