// The server's side: takes the calls of a wire until it is drained.
import { codecs, type Implementation, remote } from '@tenon/contract'
import {
  type Endpoint,
  type Failure,
  knownOptions,
  type OptionNames,
  report,
  systemClock,
  type TelemetryListener,
} from '@tenon/endpoint'
import { exchange, type Served, type ServerExchange } from './exchange.ts'
import { bytes, milliseconds } from './limits.ts'
import { type Exchange, type Port, portsOf, type Wire } from './wire.ts'

/** What a server takes at most. */
export interface ServerLimits {
  /** Bytes of an input, of each one in a stream. Default 1,048,576. More is `invalid_argument`, tag `BodyTooLarge`. */
  readonly body?: number
}

/** Options of `memory.serve`. */
export interface ServeOptions {
  readonly wire: Wire
  readonly limits?: ServerLimits
  /** Milliseconds that disposing gives to the calls that run; then they are cut. Default 30,000. */
  readonly grace?: number
  /** Hears `server.rejected` and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

/** A server that takes calls. Drain or dispose it when done; both may be done twice. */
export interface Running extends AsyncDisposable {
  /** `memory://<name of the wire>`. */
  readonly url: string
  /** Calls that run now; streams count until they end. */
  readonly inFlight: number
  /**
   * Takes no more calls, finishes those that run, and resolves. When `signal` aborts they are cut: cancelled here,
   * `Unavailable` for their callers.
   */
  drain(options: { readonly signal: AbortSignal }): Promise<void>
}

const named: OptionNames<ServeOptions> = { wire: true, limits: true, grace: true, onTelemetry: true }
const limitNames: OptionNames<ServerLimits> = { body: true }

/**
 * Serves one implementation or several on a wire; it takes calls when the promise resolves.
 *
 * Rejects with a TypeError for a bad option, or when a contract is served on this wire already.
 */
export async function serve(
  implementations: Implementation | readonly Implementation[],
  options: ServeOptions,
): Promise<Running> {
  knownOptions('memory.serve', options, named)
  const { wire, limits = {}, grace, onTelemetry } = options ?? ({} as ServeOptions)
  knownOptions('memory.serve: limits', limits, limitNames)
  const taken = portsOf('memory.serve', wire)
  const limit = bytes('memory.serve', 'body', limits.body, 1_048_576)
  const patience = milliseconds('memory.serve', 'grace', grace, 30_000)
  const url = `memory://${wire.name}`
  const calls = new Set<ServerExchange>()
  let idle: () => void = () => {}
  let drained: Promise<void> | undefined

  const ended = (call: ServerExchange): void => {
    calls.delete(call)
    if (calls.size === 0) idle()
  }

  const port = ({ contract, endpoints }: Implementation): Port => {
    const served = new Map<string, Served>()
    for (const [name, endpoint] of Object.entries(endpoints)) {
      const method = contract.methods[name]
      if (method === undefined) continue
      // Made once, before the first call needs them.
      codecs(method)
      served.set(name, { method, endpoint: endpoint as Endpoint<unknown, unknown, Failure>, limit, onTelemetry })
    }
    return (request) => {
      const found = served.get(request.method)
      if (found === undefined) return unknownMethod(`${contract.name} has no method "${request.method}" here`)
      const call = exchange(found, request, ended)
      calls.add(call)
      return call
    }
  }

  const unknownMethod = (message: string): Exchange => {
    const failure = remote({ code: 'unimplemented', tag: 'Unimplemented', message })
    report(onTelemetry, { kind: 'server.rejected', transport: 'memory', reason: 'no-method', failure })
    const { code, tag } = failure
    return { answer: Promise.resolve(JSON.stringify({ failure: { code, tag, message } })), cancel: () => {} }
  }

  const all = Array.isArray(implementations)
    ? (implementations as readonly Implementation[])
    : [implementations as Implementation]
  const ports = new Map<string, Port>()
  for (const implementation of all) {
    if (typeof implementation?.endpoints !== 'object')
      throw new TypeError('memory.serve: what is served is made by implement(contract, endpoints)')
    const { name } = implementation.contract
    if (taken.has(name) || ports.has(name)) throw new TypeError(`memory.serve: ${name} is served on ${url} already`)
    ports.set(name, port(implementation))
  }
  for (const [name, take] of ports) taken.set(name, take)

  const cut = (): void => {
    for (const call of calls) call.cut()
  }
  function drain(): Promise<void> {
    // Another server may take over on this wire from now on.
    for (const [name, take] of ports) if (taken.get(name) === take) taken.delete(name)
    drained ??= new Promise((resolve) => {
      idle = resolve
      if (calls.size === 0) resolve()
    })
    return drained
  }

  return {
    url,
    get inFlight() {
      return calls.size
    },
    async drain({ signal }) {
      const done = drain()
      if (signal.aborted) cut()
      signal.addEventListener('abort', cut)
      await done
      signal.removeEventListener('abort', cut)
    },
    async [Symbol.asyncDispose]() {
      const done = drain()
      const timer = systemClock.at(systemClock.now() + patience, cut)
      await done
      timer.cancel()
    },
  }
}
