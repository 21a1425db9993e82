// A listening server: its port, its limits, its end.
import { createSecureContext } from 'node:tls'
import { Server, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { type CheckedLimits, type Clock, systemClock, type TelemetryListener } from '@tenon/endpoint'
import type protobuf from 'protobufjs'
import { arrivals } from './arrivals.ts'
import { accept, type ServerTls } from './connections.ts'
import type { Gate } from './gate.ts'
import type { ServerLimits } from './limits.ts'
import { reflect } from './reflection.ts'
import { hearUnserved } from './refused.ts'
import type { Unread } from './unread.ts'

/** A server that listens. Dispose it, or drain it with a limit of your own. */
export interface Running extends AsyncDisposable {
  /** `127.0.0.1:9090`; loopback where it listens on all addresses. */
  readonly address: string
  readonly port: number
  /** Calls that run; streams count until they end. */
  readonly inFlight: number
  /**
   * Stops accepting, tells clients to go elsewhere, refuses further calls with `unavailable`, and resolves when all calls
   * have ended. When the signal aborts, what is left is cancelled, and its callers get `unavailable`. Harmless when repeated.
   */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Drains, and cancels what is left after `grace`. */
  [Symbol.asyncDispose](): Promise<void>
}

interface ListenOptions {
  readonly port: number
  readonly host: string
  readonly grace: number
  readonly tls: ServerTls | undefined
  readonly limits: CheckedLimits<ServerLimits>
  /** Answers that have not left. */
  readonly unread: Unread
  /** The types that reflection tells of; without, there is none. */
  readonly reflected: readonly protobuf.Root[] | undefined
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
}

interface Service {
  readonly service: ServiceDefinition
  readonly handlers: UntypedServiceImplementation
}

export async function listen(
  services: readonly Service[],
  gate: Gate,
  { port: wanted, host, grace, tls, limits, unread, reflected, clock, onTelemetry }: ListenOptions,
): Promise<Running> {
  const arriving = arrivals(limits, clock, onTelemetry)
  const server = new Server({
    'grpc.max_receive_message_length': limits.message,
    'grpc.max_send_message_length': limits.message,
    'grpc.max_connection_idle_ms': Math.min(limits.idle, forever),
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.max_concurrent_streams': Math.min(Math.max(leastStreams, limits.concurrent), forever),
    'grpc.enable_channelz': 0,
    interceptors: [arriving.interceptor],
  })
  for (const { service, handlers } of services) server.addService(service, handlers)
  if (reflected !== undefined) reflect(server, reflected)
  hearUnserved(server, onTelemetry)
  if (tls !== undefined) checkTls(tls)
  const connections = await accept(server, { port: wanted, host, tls, limits, onTelemetry })

  let drained: Promise<void> | undefined
  const cutOff = (): void => {
    const timer = systemClock.at(systemClock.now() + linger, connections.destroy)
    void drained?.then(() => timer.cancel())
  }
  const begin = (): Promise<void> => {
    drained ??= new Promise<void>((resolve) => {
      gate.drain()
      const finish = (): void => {
        gate.idle = () => {}
        // Connections say goodbye, and are closed when the last of what was written has left.
        server.tryShutdown(() => {})
        void connections.close().then(() => {
          arriving.close()
          unread.close()
          resolve()
        })
        cutOff()
      }
      if (gate.inFlight === 0) finish()
      else gate.idle = finish
    })
    return drained
  }
  const force = (): void => {
    for (const call of gate.calls) call.cut()
  }
  return {
    address: `${hostOf(host)}:${connections.port}`,
    port: connections.port,
    get inFlight() {
      return gate.inFlight
    },
    drain: ({ signal } = {}) => {
      const done = begin()
      if (signal?.aborted) force()
      signal?.addEventListener('abort', force)
      return done.then(() => signal?.removeEventListener('abort', force))
    },
    [Symbol.asyncDispose]: () => {
      const done = begin()
      const timer = systemClock.at(systemClock.now() + grace, force)
      return done.then(() => timer.cancel())
    },
  }
}

/** Of one connection, at once: a client may have no more open than the server answers, but those many. */
const leastStreams = 100
/** Milliseconds that clients are given to read the last word, once all calls have ended. */
const linger = 1_000
/** Milliseconds: more than a timer takes, which grpc-js knows as "never". */
const forever = 2 ** 31 - 1

const hostOf = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host

function checkTls(tls: ServerTls): void {
  try {
    createSecureContext({ ...tls })
  } catch (cause) {
    throw new TypeError(`grpc.serve: tls: ${(cause as Error).message}`, { cause })
  }
}
