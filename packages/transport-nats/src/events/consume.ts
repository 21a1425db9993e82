// Events from JetStream: a durable consumer for each kind, whose messages are settled by what the handlers answer.
import { type AnyMethod, type Codecs, type Contract, codecs, type Events } from '@tenon/contract'
import {
  type Clock,
  type Endpoint,
  type Failure,
  knownOptions,
  type MethodInfo,
  type OptionNames,
  report,
  runner,
  systemClock,
  type TelemetryListener,
  timeout,
  wholeOption,
} from '@tenon/endpoint'
import { type Backoff, exponential } from '@tenon/policy'
import { type NatsConnection, openOf, subjectOf } from '../connection.ts'
import { type Link, linkOf } from '../link.ts'
import { baseOf, deadOf, eventOf } from '../methods.ts'
import { draining, settled } from '../running.ts'
import { serviceName } from '../service.ts'
import { Consumer, retryable } from './consumer.ts'
import { type Durable, ensureConsumer, ensureStream, type Store, type StreamOptions } from './jetstream.ts'
import type { EventOf } from './publisher.ts'
import { Pull } from './pull.ts'

/** Handlers by the name of their event. */
export type EventHandlers<M> = {
  readonly [K in keyof Events<M>]?: Endpoint<EventOf<M[K & keyof M]>, unknown, Failure>
}

/** How events are consumed. */
export interface ConsumeOptions {
  /** Of `nats` 2 or `@nats-io/transport-node` 3. It stays yours. */
  readonly connection: NatsConnection
  /** The name of the consumer, `'mail'`: all who have it share the events, and it remembers where they were. One word. */
  readonly durable: string
  /** Words before every subject, as the publisher has them. */
  readonly prefix?: string
  readonly stream?: StreamOptions
  /** Where a durable that is new begins. Default: `'all'`, with the oldest event that is kept. */
  readonly from?: 'all' | 'new'
  /** Handlers at once, for each event. Default: 10. */
  readonly concurrency?: number
  /** Events that may be here and not settled, for each event: those that wait and those that run. Default: 100. */
  readonly queue?: number
  /** How often an event is delivered before it goes to the dead. Default: 5. */
  readonly deliveries?: number
  /** Milliseconds for a handler; then it is told to stop, and its event comes again. Default: 30,000. */
  readonly timeout?: number | 'unbounded'
  /** Milliseconds after which JetStream gives the events of a process that is gone to others. Default: 30,000. */
  readonly ackWait?: number
  /** Waits before an event comes again. Default: `exponential({ from: 1_000, to: 60_000, jitter: 'equal' })`. */
  readonly backoff?: Backoff
  /** Is a failure worth another delivery? Default: infrastructure, defects, `cancelled` and `aborted`; all others are final. */
  readonly retry?: (failure: Failure) => boolean
  /** Milliseconds that disposing waits for handlers. Default: 10,000. */
  readonly grace?: number
  readonly clock?: Clock
  /** Hears what became of each event (`consumer.message`) and of the end (`consumer.drained`). Default: the diagnostics channels. */
  readonly onTelemetry?: TelemetryListener
}

/** Consumers that run. Dispose them, or drain them with a limit of your own. */
export interface Consuming extends AsyncDisposable {
  /** Events that are here and not settled. */
  readonly inFlight: number
  /**
   * Takes no more events, gives back those that wait, and resolves when those that run are settled and NATS knows.
   * When `signal` aborts, what runs is cancelled and given back. Harmless when repeated.
   */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>
}

const named: OptionNames<ConsumeOptions> = {
  connection: true,
  durable: true,
  prefix: true,
  stream: true,
  from: true,
  concurrency: true,
  queue: true,
  deliveries: true,
  timeout: true,
  ackWait: true,
  backoff: true,
  retry: true,
  grace: true,
  clock: true,
  onTelemetry: true,
}

/**
 * Consumes events of a contract; it takes them when the promise resolves. An event is settled after its handler has
 * answered, never before: what is lost of a process comes again, so handlers hear of some events twice.
 *
 * Rejects with an `Error` where the connection is closed or JetStream refuses; with a TypeError for bad options, events
 * that there are not, and functions that are no endpoints.
 */
export async function consume<N extends string, M extends Record<string, AnyMethod>>(
  contract: Contract<N, M>,
  handlers: EventHandlers<M>,
  options: ConsumeOptions,
): Promise<Consuming> {
  const who = `nats.consume of ${contract.name}`
  knownOptions(who, options, named)
  const link = linkOf(openOf(who, options?.connection))
  const { clock = systemClock, onTelemetry, from = 'all', retry = retryable } = options
  const { backoff = exponential({ from: 1_000, to: 60_000, jitter: 'equal' }) } = options
  if (typeof backoff?.next !== 'function')
    throw new TypeError(`${who}: backoff is one, such as exponential({ from: 20 })`)
  if (typeof retry !== 'function') throw new TypeError(`${who}: retry is a function and not ${String(retry)}`)
  if (from !== 'all' && from !== 'new') throw new TypeError(`${who}: from is 'all' or 'new' and not ${String(from)}`)
  const durable = wordOf(who, 'durable', options.durable)
  const count = (name: 'concurrency' | 'queue' | 'deliveries' | 'ackWait', value: number, unit: string): number =>
    wholeOption(`${who}: ${name}`, options[name], { value, unit, min: 1 })
  const concurrency = count('concurrency', 10, 'handlers')
  const queue = count('queue', 100, 'events')
  const deliveries = count('deliveries', 5, 'deliveries')
  const ackWait = count('ackWait', 30_000, 'milliseconds')
  const ms = { value: 30_000, unit: 'milliseconds', min: 1, unbounded: true }
  const limit = wholeOption(`${who}: timeout`, options.timeout, ms)
  const grace = wholeOption(`${who}: grace`, options.grace, { value: 10_000, unit: 'milliseconds', min: 0 })
  const base = baseOf(
    options.prefix === undefined ? undefined : subjectOf(who, 'prefix', options.prefix),
    contract.name,
  )
  const store = storeOf(who, base, options.stream)
  const chosen = Object.entries(handlers as Record<string, Endpoint<unknown, unknown, Failure>>).map(
    ([name, handler]) => {
      const method = (contract.methods as Record<string, AnyMethod & MethodInfo>)[name]
      if (method?.kind !== 'event') throw new TypeError(`${who}: there is no event "${name}"`)
      if (!maybeEndpoint(handler)) {
        const known = `${contract.name.split('.').at(-1)}.methods.${name}`
        throw new TypeError(`${who}: "${name}" is no endpoint: wrap the function in handler(${known}, ...)`)
      }
      return { name, method, handler }
    },
  )
  if (chosen.length === 0) throw new TypeError(`${who}: there is no handler`)
  await ensureStream(link, store)
  const consumers: { readonly consumer: Consumer; readonly pull: Pull }[] = []
  for (const { name, method, handler } of chosen) {
    const known: Durable = {
      stream: store.name,
      name: `${durable}-${name}`,
      subject: eventOf(base, name),
      ackWait,
      pending: queue,
      from,
    }
    await ensureConsumer(link, known)
    const consumer: Consumer = new Consumer({
      link,
      method,
      coded: codecs(method) as Codecs,
      run: runner(limit === Number.POSITIVE_INFINITY ? handler : timeout(limit)(handler)),
      name: known.name,
      stream: store.name,
      dead: deadOf(base, name),
      concurrency,
      queue,
      deliveries,
      ackWait,
      backoff,
      retry,
      clock,
      onTelemetry,
      freed: () => pull?.more(),
    })
    const restore = async (): Promise<void> => {
      await ensureStream(link, store)
      await ensureConsumer(link, known)
    }
    const { stream, name: called } = known
    const take = consumer.take.bind(consumer)
    const pull: Pull = new Pull({ link, stream, consumer: called, room: () => consumer.room, take, restore })
    consumers.push({ consumer, pull })
  }
  return consuming(link, durable, consumers, grace, onTelemetry)
}

function consuming(
  link: Link,
  durable: string,
  all: readonly { readonly consumer: Consumer; readonly pull: Pull }[],
  grace: number,
  onTelemetry: TelemetryListener | undefined,
): Consuming {
  const held = (): number => all.reduce((sum, { consumer }) => sum + consumer.held, 0)
  async function drain(): Promise<void> {
    const start = systemClock.now()
    const pending = held()
    for (const { consumer } of all) consumer.hold()
    // First, else what is given back comes to us again, and to nobody. Where NATS is gone it never ends.
    await settled(Promise.all(all.map(({ pull }) => pull.stop())), 5_000).catch(() => undefined)
    await Promise.all(all.map(({ consumer }) => consumer.drain()))
    await settled(link.connection.flush(), 5_000).catch(() => undefined)
    report(onTelemetry, { kind: 'consumer.drained', consumer: durable, elapsed: systemClock.now() - start, pending })
  }
  const cut = (): void => {
    for (const { consumer } of all) consumer.cut()
  }
  return {
    get inFlight() {
      return held()
    },
    ...draining(drain, cut, grace),
  }
}

/** No endpoint answers with a promise or a generator. Of any other function nobody knows before it is called. */
const maybeEndpoint = (given: unknown): boolean => typeof given === 'function' && !(Symbol.toStringTag in given)

function wordOf(who: string, name: string, given: unknown): string {
  if (typeof given === 'string' && /^[A-Za-z0-9_-]+$/.test(given)) return given
  throw new TypeError(`${who}: ${name} is letters, digits, - and _, and not ${JSON.stringify(given)}`)
}

function storeOf(who: string, base: string, options: StreamOptions = {}): Store {
  const { name, create = true, keep, dedup, replicas } = options
  const of = (field: string): string => `${who}: stream.${field}`
  const ms = { unit: 'milliseconds', min: 100 }
  return {
    name: name === undefined ? serviceName(base) : wordOf(who, 'stream.name', name),
    create,
    subjects: [eventOf(base, '>'), deadOf(base, '>')],
    keep: wholeOption(of('keep'), keep, { ...ms, value: Number.POSITIVE_INFINITY, unbounded: true }),
    dedup: wholeOption(of('dedup'), dedup, { ...ms, value: 120_000 }),
    replicas: wholeOption(of('replicas'), replicas, { value: 1, unit: 'servers', min: 1 }),
  }
}
