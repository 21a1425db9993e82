// A server that takes requests: its subscriptions, its calls, its end.
import { cancelled, systemClock } from '@tenon/endpoint'
import type { Answering } from './answering.ts'
import type { NatsMessage, NatsSubscription } from './connection.ts'
import { Exchange } from './exchange.ts'
import type { Flow } from './flow.ts'
import type { Gate } from './gate.ts'
import type { Link } from './link.ts'
import type { Refusal } from './refusal.ts'

/** A server that takes requests. Dispose it, or drain it with a limit of your own. The connection stays yours. */
export interface Running extends AsyncDisposable {
  /** Calls without an answer; streams count until they end. */
  readonly inFlight: number
  /**
   * Takes no more requests, answers those that have come, and resolves when that is done and NATS has it. When `signal`
   * aborts, what is left is cut: its callers hear `Unavailable`. Harmless when repeated.
   */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Drains, and cuts what is left after `grace`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The calls of a server. */
export class Calls {
  readonly #link: Link
  readonly #gate: Gate
  readonly #all = new Set<Answering>()

  constructor(link: Link, gate: Gate) {
    this.#link = link
    this.#gate = gate
  }
  take(flow: Flow, message: NatsMessage, refused?: Refusal): void {
    const call = new Exchange(flow, this.#link, this.#gate, message, this.#ended)
    this.#all.add(call)
    call.start(refused)
  }
  /** The caller who waits at this subject has left. */
  left(reply: string): void {
    // Looked for, and not kept by: few callers leave, and a map by subjects cost every call.
    for (const call of this.#all) if (call.reply === reply) call.left(cancelled('the caller has left'))
  }
  cut(): void {
    for (const call of [...this.#all]) call.cut()
  }
  readonly #ended = (call: Answering): void => void this.#all.delete(call)
}

/** What a server listens to. */
export interface Listening {
  /** Requests come here. */
  readonly requests: readonly NatsSubscription[]
  /** Everything else; it is heard until the last call has ended. */
  readonly others: readonly NatsSubscription[]
}

export async function running(
  link: Link,
  gate: Gate,
  calls: Calls,
  grace: number,
  { requests, others }: Listening,
): Promise<Running> {
  // When it resolves, NATS knows of the subscriptions.
  await settled(link.connection.flush(), 5_000, 'NATS does not answer: is the connection open?')

  async function drain(): Promise<void> {
    // What has been sent to us comes still; while disconnected it never resolves, or rejects.
    const taken = Promise.all(requests.map((subscription) => subscription.drain())).catch(() => undefined)
    await settled(taken, grace).catch(() => undefined)
    await gate.idle()
    for (const subscription of others) unsubscribe(subscription)
    await settled(link.connection.flush(), grace).catch(() => undefined)
  }
  const cut = (): void => calls.cut()
  return {
    get inFlight() {
      return gate.inFlight
    },
    ...draining(drain, cut, grace),
  }
}

/** A drain that is done once however often it is asked for, and `cut` when a signal or the grace says that it takes too long. */
export function draining(
  drain: () => Promise<void>,
  cut: () => void,
  grace: number,
): Pick<Running, 'drain' | typeof Symbol.asyncDispose> {
  let drained: Promise<void> | undefined
  const within = async ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> => {
    drained ??= drain()
    if (signal?.aborted) cut()
    signal?.addEventListener('abort', cut)
    await drained
    signal?.removeEventListener('abort', cut)
  }
  return {
    drain: within,
    async [Symbol.asyncDispose]() {
      const timer = systemClock.at(systemClock.now() + grace, cut)
      await within()
      timer.cancel()
    },
  }
}

function unsubscribe(subscription: NatsSubscription): void {
  try {
    subscription.unsubscribe()
  } catch {
    // The connection is closed: so is this.
  }
}

/** The promise, or an error once `ms` have passed: what NATS is asked may never be answered. */
export function settled(promise: Promise<unknown>, ms: number, message = 'NATS does not answer'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.at(systemClock.now() + ms, () => reject(new Error(message)))
    promise.then(() => resolve(), reject).finally(() => timer.cancel())
  })
}
