// Contracts as a gRPC server: options, services, and a server that listens.
import type { Implementation } from '@tenon/contract'
import {
  type Clock,
  hooksOption,
  knownOptions,
  type OptionNames,
  systemClock,
  type TelemetryListener,
  wholeOption,
} from '@tenon/endpoint'
import type protobuf from 'protobufjs'
import type { ServerTls } from './connections.ts'
import type { Surroundings } from './flow.ts'
import { drains, gate } from './gate.ts'
import { type HealthOptions, health, healthRoot } from './health.ts'
import type { ErrorListener, Hooks, ServerAfter, ServerBefore, ServerFinalizer } from './hooks.ts'
import { type ServerLimits, serverLimits } from './limits.ts'
import { serviceOf } from './methods.ts'
import { bindContract } from './proto/bind.ts'
import { type ProtoOptions, rootOf } from './proto/root.ts'
import { listen, type Running } from './running.ts'
import { Unread } from './unread.ts'

/** Anything that `implement` makes. */
// biome-ignore lint/suspicious/noExplicitAny: methods of every type, in every position
export type AnyImplementation = Implementation<string, any>

/** How implementations are served. */
export interface ServeOptions extends ProtoOptions {
  /** Default: 0, a free one. */
  readonly port?: number
  /** Default: `'127.0.0.1'`, this machine only; `'0.0.0.0'` or `'::'` for all its addresses. */
  readonly host?: string
  /** Default: none, in the clear. */
  readonly tls?: ServerTls
  readonly limits?: ServerLimits
  /**
   * Serves `grpc.health.v1.Health` for the server and each contract, also while it drains: it is not serving then. Default: false.
   */
  readonly health?: boolean | HealthOptions
  /** Serves reflection (v1 and v1alpha), so that grpcurl and the like need no `.proto`. Default: false. */
  readonly reflection?: boolean
  /** Milliseconds that disposing waits for calls in flight. Default: 10,000. */
  readonly grace?: number
  readonly before?: Hooks<ServerBefore>
  readonly after?: Hooks<ServerAfter>
  readonly finalize?: Hooks<ServerFinalizer>
  readonly onError?: Hooks<ErrorListener>
  /** Default: the system's. Deadlines are measured on it. */
  readonly clock?: Clock
  /** Hears of refusals (`server.rejected`), late results (`timeout.late`) and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

const named: OptionNames<ServeOptions> = {
  port: true,
  host: true,
  tls: true,
  proto: true,
  lock: true,
  limits: true,
  health: true,
  reflection: true,
  grace: true,
  before: true,
  after: true,
  finalize: true,
  onError: true,
  clock: true,
  onTelemetry: true,
}

const healthOptions: OptionNames<HealthOptions> = { ready: true }
const tlsOptions: OptionNames<ServerTls> = { cert: true, key: true, ca: true }

/**
 * Serves one or several implementations; it listens when the promise resolves. Rejects with an `Error` that names the port
 * where it cannot listen.
 *
 * @throws ProtoMismatch (as a rejection) with every difference between contract and `.proto`, and TypeError for bad options.
 */
export async function serve(
  implementations: AnyImplementation | readonly AnyImplementation[],
  options: ServeOptions = {},
): Promise<Running> {
  const who = 'grpc.serve'
  const { host = '127.0.0.1', clock = systemClock, onTelemetry, tls } = options
  knownOptions(who, options, named)
  knownOptions(`${who}: tls`, tls, tlsOptions)
  const checkup = healthOf(who, options.health)
  if (options.reflection !== undefined && typeof options.reflection !== 'boolean')
    throw new TypeError(`${who}: reflection is true or false and not ${JSON.stringify(options.reflection)}`)
  const port = wholeOption(`${who}: port`, options.port, { value: 0, min: 0, max: 65_535, unit: 'number' })
  if (typeof host !== 'string' || host === '') throw new TypeError(`${who}: host is a name or an address`)
  const grace = wholeOption(`${who}: grace`, options.grace, { value: 10_000, min: 0, unit: 'milliseconds' })
  const limits = serverLimits(who, options.limits)
  const unread = new Unread(clock, limits, onTelemetry)
  const around: Surroundings = {
    before: hooksOption(who, options.before),
    after: hooksOption(who, options.after),
    finalize: hooksOption(who, options.finalize),
    onError: hooksOption(who, options.onError),
    limits,
    clock,
    onTelemetry,
    gate: gate(limits.concurrent),
    unread,
  }
  const all = (Array.isArray(implementations) ? implementations : [implementations]) as readonly AnyImplementation[]
  if (all.length === 0)
    throw new TypeError(`${who}: there is nothing to serve; implement(contract, endpoints) makes it`)
  const names = new Set<string>()
  const roots: protobuf.Root[] = []
  const services = all.map((implementation) => {
    if (typeof implementation?.endpoints !== 'object')
      throw new TypeError(`${who}: what is served is made by implement(contract, endpoints)`)
    const { contract } = implementation
    if (names.has(contract.name)) throw new TypeError(`${who}: ${contract.name} is given twice`)
    names.add(contract.name)
    const root = rootOf(contract, options)
    roots.push(root)
    return serviceOf(implementation as unknown as Implementation, bindContract(contract, root), around)
  })
  if (checkup !== undefined) {
    const root = healthRoot()
    roots.push(root)
    const told = health(checkup, { services: names, ...drains(around.gate) })
    // It answers while the server drains and when it is busy, so it has a gate of its own.
    services.push(
      serviceOf(told, bindContract(told.contract as never, root), { ...around, gate: gate(limits.concurrent) }),
    )
  }
  const reflected = options.reflection === true ? roots : undefined
  return listen(services, around.gate, { port, host, grace, tls, limits, unread, reflected, clock, onTelemetry })
}

/** What the health service is told; `undefined` where there is none. */
function healthOf(who: string, given: ServeOptions['health']): HealthOptions | undefined {
  if (given === undefined || given === false) return undefined
  if (given === true) return {}
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`${who}: health is true, false or { ready: () => boolean } and not ${JSON.stringify(given)}`)
  knownOptions(`${who}: health`, given, healthOptions)
  const { ready } = given
  if (ready !== undefined && typeof ready !== 'function')
    throw new TypeError(`${who}: health.ready is a function and not ${String(ready)}`)
  return ready === undefined ? {} : { ready }
}
