// Contracts on NATS: one subscription for each, in a queue group, and the services protocol beside it.
import {
  type Clock,
  hooksOption,
  knownOptions,
  type OptionNames,
  report,
  systemClock,
  type TelemetryListener,
  wholeOption,
} from '@tenon/endpoint'
import { type NatsConnection, type NatsMessage, type NatsSubscription, openOf, subjectOf } from './connection.ts'
import type { Flow, Surroundings } from './flow.ts'
import { Gate } from './gate.ts'
import type { ErrorListener, Hooks, ServerAfter, ServerAfterError, ServerBefore, ServerFinalizer } from './hooks.ts'
import { type ServerLimits, serverLimits } from './limits.ts'
import { linkOf } from './link.ts'
import { type AnyImplementation, baseOf, flowsOf, leavingOf } from './methods.ts'
import { badReply, unknownMethod } from './refusal.ts'
import { Calls, type Running, running } from './running.ts'
import { announce, serviceName, versionOf } from './service.ts'

/** What every server takes. */
export interface ServerSurroundings {
  /** Of `nats` 2 or `@nats-io/transport-node` 3. It stays yours: the server does not close it. */
  readonly connection: NatsConnection
  /** The queue group: each request is taken by one member. */
  readonly queue?: string
  readonly limits?: ServerLimits
  /** Milliseconds that disposing waits for calls in flight. Default: 10,000. */
  readonly grace?: number
  readonly before?: Hooks<ServerBefore>
  readonly after?: Hooks<ServerAfter>
  readonly afterError?: Hooks<ServerAfterError>
  readonly finalize?: Hooks<ServerFinalizer>
  readonly onError?: Hooks<ErrorListener>
  /** Default: the system's. Deadlines are measured on it. */
  readonly clock?: Clock
  /** Hears of refusals (`server.rejected`), late results (`timeout.late`) and defects. Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

/** How implementations are served. */
export interface ServeOptions extends ServerSurroundings {
  /** The queue group. Default: the contract's name, so that each call goes to one of all its servers. */
  readonly queue?: string
  /** Words that stand before every subject, `'eu.test'`. Clients need the same. */
  readonly prefix?: string
  /** As the services protocol shows it. Default: `'0.0.0'`. */
  readonly version?: string
  /** Shown by the services protocol. Default: none. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Answer on `$SRV.*`, so that `nats micro list` and others find it? Default: true. */
  readonly discoverable?: boolean
}

/** What both levels of serving take, by name. */
export const surroundingOptions: OptionNames<ServerSurroundings> = {
  connection: true,
  queue: true,
  limits: true,
  grace: true,
  before: true,
  after: true,
  afterError: true,
  finalize: true,
  onError: true,
  clock: true,
  onTelemetry: true,
}

const named: OptionNames<ServeOptions> = {
  ...surroundingOptions,
  prefix: true,
  version: true,
  metadata: true,
  discoverable: true,
}

/** The options that are the same for both levels, checked. */
export function surroundings(who: string, options: ServerSurroundings): Surroundings & { readonly grace: number } {
  const { clock = systemClock, onTelemetry } = options
  return {
    before: hooksOption(who, options.before),
    after: hooksOption(who, options.after),
    afterError: hooksOption(who, options.afterError),
    finalize: hooksOption(who, options.finalize),
    onError: hooksOption(who, options.onError),
    limits: serverLimits(who, options.limits),
    grace: wholeOption(`${who}: grace`, options.grace, { value: 10_000, unit: 'milliseconds', min: 0 }),
    clock,
    onTelemetry,
  }
}

/**
 * Serves one or several implementations at `<contract>.<method>`; it takes calls when the promise resolves. Rejects with
 * an `Error` where the connection is closed, or NATS does not answer within 5 seconds.
 *
 * @throws TypeError (as a rejection) for bad options, for nothing to serve, and for one contract twice.
 */
export async function serve(
  implementations: AnyImplementation | readonly AnyImplementation[],
  options: ServeOptions,
): Promise<Running> {
  const who = 'nats.serve'
  knownOptions(who, options, named)
  const link = linkOf(openOf(who, options?.connection))
  const { grace, ...around } = surroundings(who, options)
  const { metadata = {}, discoverable = true } = options
  const version = versionOf(who, options.version)
  const prefix = options.prefix === undefined ? undefined : subjectOf(who, 'prefix', options.prefix)
  const all = (Array.isArray(implementations) ? implementations : [implementations]) as readonly AnyImplementation[]
  if (all.length === 0 || all.some((one) => one?.contract === undefined || one.endpoints === undefined))
    throw new TypeError(
      `${who}: there is nothing to serve: pass what implement(Contract, { ... }) makes, one or several`,
    )
  const names = all.map(({ contract }) => contract.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new TypeError(`${who}: ${twice} is given twice`)
  const gate = new Gate(around.limits.concurrent)
  const calls = new Calls(link, gate)
  const requests: NatsSubscription[] = []
  const others: NatsSubscription[] = []
  for (const implementation of all) {
    const { contract } = implementation
    const base = baseOf(prefix, contract.name)
    const queue = options.queue === undefined ? contract.name : subjectOf(who, 'queue', options.queue)
    const flows = flowsOf(implementation, around)
    requests.push(link.subscribe(`${base}.*`, queue, taking(calls, flows, contract, base)))
    others.push(link.subscribe(leavingOf(base), undefined, ({ data }) => calls.left(Buffer.from(data).toString())))
    if (!discoverable) continue
    const service = {
      name: serviceName(contract.name),
      version,
      description: contract.description ?? '',
      metadata: { contract: contract.name, ...metadata },
      endpoints: [...flows].map(([name, { stats }]) => ({ name, subject: `${base}.${name}`, queue, stats })),
    }
    others.push(...announce(link, service))
  }
  return running(link, gate, calls, grace, { requests, others })
}

function taking(
  calls: Calls,
  flows: ReadonlyMap<string, Flow>,
  { name }: { readonly name: string },
  base: string,
): (message: NatsMessage) => void {
  const [any] = flows.values()
  return (message) => {
    if (!mayReply(message.reply, base)) {
      const { reason, failure } = badReply
      report(any?.onTelemetry, { kind: 'server.rejected', transport: 'nats', reason, failure })
      return
    }
    const method = message.subject.slice(base.length + 1)
    const flow = flows.get(method)
    if (flow !== undefined) calls.take(flow, message)
    else if (any !== undefined) calls.take({ ...any, method: undefined }, message, unknownMethod(name, method))
  }
}

/**
 * Whoever asks says where the answer goes, and it is the server that publishes it, with all that it may: `$JS.API` of a stream
 * would take it for a command, a method of this service for a call.
 */
const mayReply = (reply: string | undefined, base: string): boolean =>
  reply === undefined || !(reply.startsWith('$') || reply.startsWith(`${base}.`) || /[*>\s]/.test(reply))
