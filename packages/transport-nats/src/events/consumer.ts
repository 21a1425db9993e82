// The events of one kind on their way through a handler: a bounded queue, so many at once, each settled exactly once.
import { type Codecs, encodeUndeclared } from '@tenon/contract'
import {
  background,
  type Clock,
  cancelled,
  codes,
  deadlineExceeded,
  type Failure,
  type MethodInfo,
  type Outcome,
  type Run,
  report,
  type Scope,
  systemClock,
  systemRandom,
  type TelemetryListener,
  type Timer,
  withAttempt,
  withCancel,
} from '@tenon/endpoint'
import type { Backoff } from '@tenon/policy'
import type { NatsMessage } from '../connection.ts'
import { Encoded, excessive, type Headers, line, lowered, unreadable } from '../headers.ts'
import type { Link } from '../link.ts'
import { readInput } from '../methods.ts'
import { again, type Delivery, deliveryOf, done, never, working } from './delivery.ts'
import { ask, wrongIn } from './jetstream.ts'

export interface Consumes {
  readonly link: Link
  readonly method: MethodInfo
  readonly coded: Codecs
  readonly run: Run<unknown, unknown, Failure>
  readonly name: string
  readonly stream: string
  readonly dead: string
  readonly concurrency: number
  readonly queue: number
  readonly deliveries: number
  readonly ackWait: number
  readonly backoff: Backoff
  readonly retry: (failure: Failure) => boolean
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
  /** There is room for more. */
  freed(): void
}

interface Work {
  readonly delivery: Delivery
  readonly scope: Scope
}

const unreadableEvent: Outcome = {
  _tag: 'Left',
  left: { _tag: 'InvalidArgument', code: 'invalid_argument', message: 'it cannot be read' },
}

/** Milliseconds before an event is tried again that no dead-letter subject took. */
const unburied = 5_000

/** Worth another try: what is wrong with the way or with us. What the handler refuses for the event's sake is not. */
export const retryable = ({ code }: Failure): boolean =>
  codes[code].infrastructure || code === 'cancelled' || code === 'aborted'

export class Consumer {
  readonly #of: Consumes
  #waiting: Delivery[] = []
  readonly #running = new Set<Work>()
  /** Those that are being put away: they are no longer ours to cut. */
  #burying = 0
  #alive: Timer | undefined
  #draining = false
  #idle: (() => void) | undefined

  constructor(of: Consumes) {
    this.#of = of
  }

  get held(): number {
    return this.#waiting.length + this.#running.size + this.#burying
  }
  get room(): number {
    return this.#draining ? 0 : this.#of.queue - this.held
  }

  take(message: NatsMessage): void {
    const delivery = deliveryOf(message)
    if (delivery === undefined) return
    this.#waiting.push(delivery)
    this.#alive ??= systemClock.at(systemClock.now() + this.#of.ackWait / 3, this.#keep)
    this.#pump()
  }

  /** Begins nothing new. */
  hold(): void {
    this.#draining = true
  }

  /** Gives back what waits, and resolves when what runs has ended. */
  async drain(): Promise<void> {
    const { link } = this.#of
    for (const delivery of this.#waiting) again(link, delivery, 0)
    this.#waiting = []
    if (this.held > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve
      })
    this.#alive?.cancel()
  }

  /** What runs is told to stop, and given back. */
  cut(): void {
    for (const work of [...this.#running]) {
      work.scope.cancel(cancelled('the consumer is stopping'))
      if (this.#running.has(work)) this.#settle(work, { _tag: 'Left', left: cancelled('the consumer is stopping') })
    }
  }

  readonly #keep = (): void => {
    this.#alive = undefined
    if (this.held === 0) return
    for (const { delivery } of this.#running) working(this.#of.link, delivery)
    for (const delivery of this.#waiting) working(this.#of.link, delivery)
    this.#alive = systemClock.at(systemClock.now() + this.#of.ackWait / 3, this.#keep)
  }

  #pump(): void {
    while (!this.#draining && this.#running.size < this.#of.concurrency) {
      const delivery = this.#waiting.shift()
      if (delivery === undefined) return
      this.#start(delivery)
    }
  }

  #start(delivery: Delivery): void {
    const { clock, run, deliveries } = this.#of
    const { message, count } = delivery
    const headers = lowered(message.headers, Number.POSITIVE_INFINITY) ?? new Map<string, string>()
    const scope = withCancel(withAttempt(background({ clock, metadata: headers }), { number: count, tried: new Set() }))
    const work: Work = { delivery, scope }
    this.#running.add(work)
    // It was delivered as often as may be, and whoever had it has not settled it: it may be what killed them.
    if (count > deliveries) {
      const message = `delivered ${count - 1} times, and never settled`
      this.#settle(work, { _tag: 'Left', left: deadlineExceeded(message) })
      return
    }
    const input = this.#read(message)
    if (input._tag === 'Left') this.#settle(work, input)
    else void run(input.right, scope.ctx).then((outcome) => this.#settle(work, outcome))
  }

  #read(message: NatsMessage): Outcome {
    if (message.headers === unreadable || message.headers === excessive) return unreadableEvent
    try {
      return readInput(this.#of.coded, { body: message.data })
    } catch {
      return unreadableEvent
    }
  }

  #settle(work: Work, outcome: Outcome): void {
    // Cut before: it was given back.
    if (!this.#running.delete(work)) return
    work.scope[Symbol.dispose]()
    const { link, retry, deliveries, backoff } = this.#of
    const { delivery } = work
    if (outcome._tag === 'Right') this.#tell(delivery, done(link, delivery) ? 'done' : 'unsettled')
    else {
      const { left: failure } = outcome
      const ours = this.#draining && failure.code === 'cancelled'
      if (ours || (delivery.count < deliveries && this.#worth(retry, failure))) {
        const wait = ours ? 0 : backoff.next(delivery.count, 0, systemRandom)
        this.#tell(delivery, again(link, delivery, wait) ? 'retried' : 'unsettled', failure)
      } else {
        this.#burying++
        void this.#bury(delivery, failure).then(() => {
          this.#burying--
          this.#left()
        })
      }
    }
    this.#left()
  }

  #worth(retry: (failure: Failure) => boolean, failure: Failure): boolean {
    try {
      return retry(failure)
    } catch (cause) {
      report(this.#of.onTelemetry, { kind: 'defect', method: this.#of.method, cause })
      return true
    }
  }

  /** Puts it where the dead are, and only then says that it need not come again. */
  async #bury(delivery: Delivery, failure: Failure): Promise<void> {
    const { link, dead, name, stream } = this.#of
    const { message, seq, count } = delivery
    const { code, tag, message: why } = encodeUndeclared(failure)
    const own: Headers = {}
    for (const key of message.headers?.keys() ?? [])
      if (!/^nats-/i.test(key)) own[key] = (message.headers?.values(key) ?? []).join(', ')
    const ours: Headers = {
      'Nats-Msg-Id': `${stream}.${seq}.${name}`,
      'tenon-consumer': name,
      'tenon-seq': seq,
      'tenon-deliveries': String(count),
      'tenon-code': code,
      'tenon-tag': line(tag ?? code),
      'tenon-message': line(why),
    }
    const { headers, body } = fitting(own, ours, message.data, link.connection.info?.max_payload ?? 1_048_576)
    const wrong = await ask(link, dead, body, headers).then(wrongIn, (cause: Error) => cause.message)
    if (wrong === undefined) this.#tell(delivery, never(link, delivery) ? 'dead' : 'unsettled', failure)
    else {
      const kept: Failure = { _tag: 'Unburied', code: 'unavailable', message: `${dead} took nothing: ${wrong}` }
      this.#tell(delivery, again(link, delivery, unburied) ? 'retried' : 'unsettled', kept)
    }
  }

  #tell(delivery: Delivery, result: 'done' | 'retried' | 'dead' | 'unsettled', failure?: Failure): void {
    const { name: consumer, method, onTelemetry } = this.#of
    const event = { kind: 'consumer.message', consumer, method, result, deliveries: delivery.count } as const
    report(onTelemetry, failure === undefined ? event : { ...event, failure })
  }

  #left(): void {
    this.#pump()
    if (this.held === 0) this.#idle?.()
    this.#of.freed()
  }
}

/** A copy that NATS takes, of an event that may be as large as that: else it could be buried nowhere, and would come again for ever. */
function fitting(
  own: Headers,
  ours: Headers,
  body: Uint8Array,
  most: number,
): { readonly headers: Headers; readonly body: Uint8Array } {
  const whole = { ...own, ...ours }
  if (new Encoded(whole).bytes + body.length <= most) return { headers: whole, body }
  const headers = { ...ours, 'tenon-cut': String(body.length) }
  return { headers, body: body.subarray(0, most - new Encoded(headers).bytes) }
}
