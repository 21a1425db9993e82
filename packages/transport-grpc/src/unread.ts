// Answers that their clients have not read: each may wait for so long, and all of them may have so many bytes. A client grants by
// itself how much may be sent, none at all if it likes, and grpc-js waits for ever.
import { type Clock, type Failure, report, type TelemetryListener, type Timer } from '@tenon/endpoint'
import { cut, streamUnder } from './cut.ts'

interface Waiting {
  readonly bytes: number
  /** When its time is up; never for a stream that goes on. */
  readonly until: number
  readonly why: Refusal
}

interface Refusal {
  readonly reason: string
  readonly failure: Failure
}

const unread: Refusal = {
  reason: 'unread',
  failure: {
    _tag: 'Unread',
    code: 'unavailable',
    message: 'a client did not read its answer in time, or while too many waited to be read',
  },
}
const stillSending: Refusal = {
  reason: 'still-sending',
  failure: {
    _tag: 'StillSending',
    code: 'unavailable',
    message: 'a client did not end its stream once it was answered',
  },
}

/** Bytes of an answer that is worth cutting for the others' sake. */
const worthwhile = 16_384

export interface UnreadLimits {
  /** Milliseconds that an answer may wait. */
  readonly unread: number
  /** Bytes of all that wait. */
  readonly allAnswers: number
}

export class Unread {
  readonly #clock: Clock
  readonly #limits: UnreadLimits
  readonly #onTelemetry: TelemetryListener | undefined
  /** The one that waits longest is the first. */
  readonly #waiting = new Map<object, Waiting>()
  #bytes = 0
  #timer: Timer | undefined

  constructor(clock: Clock, limits: UnreadLimits, onTelemetry: TelemetryListener | undefined) {
    this.#clock = clock
    this.#limits = limits
    this.#onTelemetry = onTelemetry
  }

  /** The last of an answer waits to be read. */
  add(call: object, bytes: number): void {
    this.#keep(call, { bytes, until: this.#clock.now() + this.#limits.unread, why: unread })
    if (this.#timer === undefined) this.#plan(this.#limits.unread)
  }

  /** So much of a stream waits, and more will come. */
  hold(call: object, bytes: number): void {
    this.#keep(call, { bytes, until: Number.POSITIVE_INFINITY, why: unread })
  }

  /** It was answered, and its client has not come to the end of its own stream. */
  linger(call: object): void {
    const stream = streamUnder(call)
    if (stream?.once === undefined || stream.closed === true) return
    this.#keep(call, { bytes: 0, until: this.#clock.now() + this.#limits.unread, why: stillSending })
    if (this.#timer === undefined) this.#plan(this.#limits.unread)
    stream.once('close', () => this.delete(call))
  }

  /** It was read, or nobody is there any more. */
  delete(call: object): void {
    const was = this.#waiting.get(call)
    if (was === undefined) return
    this.#bytes -= was.bytes
    this.#waiting.delete(call)
  }

  /** Nothing is added any more: its timer keeps no process alive. */
  close(): void {
    this.#waiting.clear()
    this.#timer?.cancel()
  }

  #keep(call: object, waiting: Waiting): void {
    this.delete(call)
    this.#waiting.set(call, waiting)
    this.#bytes += waiting.bytes
    if (this.#bytes <= this.#limits.allAnswers) return
    for (const [oldest, { bytes }] of this.#waiting) {
      // Nothing is won by those that are small, and they have their time.
      if (bytes < worthwhile) continue
      this.#cut(oldest)
      if (this.#bytes <= this.#limits.allAnswers) return
    }
  }

  #cut(call: object): void {
    const { reason, failure } = this.#waiting.get(call)?.why ?? unread
    this.delete(call)
    report(this.#onTelemetry, { kind: 'server.rejected', transport: 'grpc', reason, failure })
    cut(call)
  }

  #plan(ms: number): void {
    this.#timer = this.#clock.at(this.#clock.now() + ms, this.#sweep)
  }

  readonly #sweep = (): void => {
    this.#timer = undefined
    const now = this.#clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const [call, { until }] of this.#waiting)
      if (until <= now) this.#cut(call)
      else if (until < next) next = until
    if (next !== Number.POSITIVE_INFINITY) this.#plan(next - now)
  }
}
