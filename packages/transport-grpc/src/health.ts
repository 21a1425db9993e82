// The health service of gRPC, `grpc.health.v1.Health`, as a contract: so a load balancer, a probe of Kubernetes or
// `grpc_health_probe` sees whether this server takes calls.
import { contract, failure, handler, type Implementation, implement, serverStream, unary } from '@tenon/contract'
import { type Clock, type Context, clockOf, fail, ok, onEnding } from '@tenon/endpoint'
import * as t from 'io-ts'
import type protobuf from 'protobufjs'
import { loadText } from './proto/load.ts'

/** What the health service says. */
export interface HealthOptions {
  /** Is this server ready? Asked for each check, and every second while somebody watches. Default: it is. A throw is a no. */
  readonly ready?: () => boolean
}

/** As gRPC publishes it. */
export const healthProto: string = `syntax = "proto3";
package grpc.health.v1;
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse {
  enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
  ServingStatus status = 1;
}
service Health {
  rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
  rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse);
}`

const Request = t.strict({ service: t.string })
const Status = t.keyof({ UNKNOWN: null, SERVING: null, NOT_SERVING: null, SERVICE_UNKNOWN: null })
const Response = t.strict({ status: Status })
type Status = t.TypeOf<typeof Status>
const UnknownService = failure('UnknownService', 'not_found')

const Health = contract('grpc.health.v1.Health', {
  check: unary({ input: Request, output: Response, failures: [UnknownService], idempotent: true }),
  watch: serverStream({ input: Request, output: Response }),
})

/** The types of its messages. */
export const healthRoot = (): protobuf.Root => loadText(healthProto)

/** Milliseconds between two looks at what is watched. */
const interval = 1_000

export interface HealthState {
  readonly services: ReadonlySet<string>
  readonly draining: () => boolean
  /** Is told once when the draining begins. */
  readonly onDrain: (listener: () => void) => Disposable
}

/** Answers for the server (`''`) and each of its services. While it drains, it is not serving, and watching ends. */
export function health({ ready = () => true }: HealthOptions, state: HealthState): Implementation {
  const statusOf = (service: string): Status => {
    if (service !== '' && !state.services.has(service)) return 'SERVICE_UNKNOWN'
    try {
      return !state.draining() && ready() === true ? 'SERVING' : 'NOT_SERVING'
    } catch {
      return 'NOT_SERVING'
    }
  }
  async function* changes(service: string, ctx: Context): AsyncGenerator<ReturnType<typeof ok<{ status: Status }>>> {
    let last: Status | undefined
    for (;;) {
      const status = statusOf(service)
      if (status !== last) yield ok({ status })
      last = status
      if (state.draining() || (await changed(ctx, clockOf(ctx), state)) === 'over') return
    }
  }
  return implement(Health, {
    check: handler(Health.methods.check, async ({ service }) => {
      const status = statusOf(service)
      return status === 'SERVICE_UNKNOWN' ? fail(UnknownService()) : ok({ status })
    }),
    watch: handler(Health.methods.watch, ({ service }, ctx) => changes(service, ctx)),
  }) as unknown as Implementation
}

/** Until it is time to look again, or nobody watches any more. */
function changed(ctx: Context, clock: Clock, { onDrain }: HealthState): Promise<'look' | 'over'> {
  return new Promise((resolve) => {
    const end = (how: 'look' | 'over') => (): void => {
      timer.cancel()
      ending[Symbol.dispose]()
      draining[Symbol.dispose]()
      resolve(how)
    }
    const timer = clock.at(clock.now() + interval, () => end('look')())
    const draining = onDrain(() => end('look')())
    const ending = onEnding(ctx, () => queueMicrotask(end('over')))
  })
}
