// One call on a client: encode -> before -> send -> after -> decode. It ends once, by an answer, by the call's end, or by
// what the connection tells.
import { type CallFailed, unavailable, type WireFailure } from '@tenon/contract'
import {
  type Context,
  clockOf,
  deadlineExceeded,
  defect,
  type Ending,
  endedBy,
  type Failure,
  lastingDeadline,
  type Outcome,
  onEnding,
  report,
  type Timer,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { NatsMessage } from './connection.ts'
import { readFailure } from './failure.ts'
import { lowered } from './headers.ts'
import type { ClientAfter, ClientBefore, ClientFinalizer } from './hooks.ts'
import type { Address, Link } from './link.ts'
import type { ClientRequest, ClientResponse } from './message.ts'
import { addMetadata } from './outgoing.ts'
import { Exchanging } from './stream/exchanging.ts'
import { creditHeader, isNobody, window } from './stream/frame.ts'

/** Everything that the calls of one method of a client share. */
export interface Line {
  readonly link: Link
  /** Was the client disposed? */
  readonly state: { closed: boolean }
  readonly subject: string
  /** Where servers hear that a caller has left. */
  readonly leaving: string | undefined
  readonly timeout: number
  readonly metadata: number
  readonly allow: readonly string[]
  readonly before: readonly ClientBefore[]
  readonly after: readonly ClientAfter[]
  readonly finalize: readonly ClientFinalizer[]
  readonly encode: (input: unknown, request: ClientRequest, ctx: Context) => unknown
  readonly decode: (
    response: ClientResponse,
    ctx: Context,
  ) => Either<Failure, unknown> | PromiseLike<Either<Failure, unknown>>
  readonly decodeError: (wire: WireFailure, response: ClientResponse) => Failure
  /** Writes a failure that ends a stream of ours. */
  readonly encodeError?: (failure: Failure) => WireFailure
  /** What it means that nobody listens at the subject. Default: nobody serves it. */
  readonly nobody?: string
  /** `false`: nobody there reads how much time is left. */
  readonly timed?: boolean
  /** Is the input a stream? Then `encode` writes its items. */
  readonly sends: boolean
  /** Is the answer a stream? Then `decode` reads its items. */
  readonly receives: boolean
}

export class Sending {
  readonly #line: Line
  readonly #resolve: (outcome: Outcome) => void
  #ctx: Context
  #request: ClientRequest | undefined
  #response: ClientResponse | undefined
  #address: Address | undefined
  #listening: Disposable | undefined
  #timer: Timer | undefined
  #talk: Exchanging | undefined
  #done = false

  constructor(line: Line, ctx: Context, resolve: (outcome: Outcome) => void) {
    this.#line = line
    this.#ctx = ctx
    this.#resolve = resolve
  }

  start(input: unknown): void {
    const { state, subject, sends, encode, timeout } = this.#line
    const clock = clockOf(this.#ctx)
    const now = clock.now()
    if (state.closed) {
      this.#fail(unavailable('this client is closed'))
      return
    }
    if (this.#ctx.deadline <= now) {
      this.#fail(deadlineExceeded())
      return
    }
    const ended = endedBy(this.#ctx)
    if (ended !== undefined) {
      this.#fail(ended)
      return
    }
    const request: ClientRequest = { subject, headers: {}, body: undefined }
    this.#request = request
    this.#guard(() => {
      const refused = sends ? undefined : encode(input, request, this.#ctx)
      if (isThenable(refused))
        refused.then(
          (refusal) => this.#guard(() => this.#encoded(refusal, request, input)),
          (cause) => this.#broke(cause),
        )
      else this.#encoded(refused, request, input)
    })
    if (this.#done) return
    // Covers encode, too.
    if (this.#ctx.deadline === Number.POSITIVE_INFINITY && timeout !== Number.POSITIVE_INFINITY)
      this.#timer = clock.at(now + timeout, () => this.#ended(deadlineExceeded(`no answer within ${timeout} ms`)))
    this.#listening = onEnding(this.#ctx, this.#ended)
    if (this.#done) this.#listening[Symbol.dispose]()
  }

  #encoded(refused: unknown, request: ClientRequest, input: unknown): void {
    if (this.#done) return
    if (isLeft(refused)) {
      this.#fail(refused.left)
      return
    }
    const { before, allow, metadata, link, timeout, timed, sends, receives } = this.#line
    const wrong = addMetadata(request.headers, this.#ctx, allow, metadata)
    if (wrong !== undefined) {
      this.#fail(wrong)
      return
    }
    for (const hook of before) this.#ctx = hook(this.#ctx, request) ?? this.#ctx
    const now = clockOf(this.#ctx).now()
    // A stream may last longer than it may take to open.
    const deadline = receives ? lastingDeadline(this.#ctx) : this.#ctx.deadline
    const ms = deadline === Number.POSITIVE_INFINITY && !receives ? timeout : deadline - now
    if (ms !== Number.POSITIVE_INFINITY && timed !== false)
      request.headers['request-timeout-ms'] ??= String(Math.max(1, Math.floor(ms)))
    if (receives) request.headers[creditHeader] = String(window)
    this.#address = link.open(this.#arrived)
    if (sends || receives) this.#talk = this.#exchanging(input)
    const failed = link.send(request.subject, request.body, request.headers, this.#address.subject)
    if (failed !== undefined) this.#fail(failed)
  }

  #exchanging(input: unknown): Exchanging {
    const { link, encode, encodeError, sends, receives } = this.#line
    return new Exchanging({
      link,
      from: (this.#address as Address).subject,
      ctx: this.#ctx,
      input: sends ? (input as AsyncIterable<Outcome>) : undefined,
      receives,
      encode: (item, said) => void encode(item, said as ClientRequest, this.#ctx),
      encodeError: (failure) => (encodeError as NonNullable<Line['encodeError']>)(failure),
      decode: (message) => this.#decoded(message) as Outcome,
      failed: (failure) => this.#fail(failure),
      // From here on the talk looks after the call.
      opened: (answer) => this.#finish(answer),
      // Only one who has not been told where the other is needs the subject of all.
      over: () => this.#address?.close(),
    })
  }

  readonly #arrived = (message: NatsMessage | undefined): void => {
    if (message === undefined) {
      const lost = unavailable('the connection to NATS was lost before the answer came')
      this.#talk?.lost(lost)
      this.#fail(lost)
      return
    }
    if (isNobody(message)) {
      const nobody = unavailable(this.#line.nobody ?? `nobody serves ${this.#line.subject}`)
      this.#talk?.lost(nobody)
      this.#fail(nobody)
      return
    }
    if (this.#talk?.arrived(message) === true || this.#done) return
    this.#guard(() => {
      const outcome = this.#decoded(message)
      if ('then' in outcome)
        outcome.then(
          (outcome) => this.#finish(outcome),
          (cause) => this.#broke(cause),
        )
      else this.#finish(outcome)
    })
  }

  #decoded(message: NatsMessage): Outcome | PromiseLike<Outcome> {
    const { decode, decodeError, after } = this.#line
    const headers = lowered(message.headers, Number.POSITIVE_INFINITY) ?? new Map<string, string>()
    const response: ClientResponse = { headers, body: message.data, raw: message }
    if (!this.#done) {
      this.#response = response
      for (const hook of after) this.#ctx = hook(this.#ctx, response) ?? this.#ctx
    }
    const failure = readFailure(message)
    return failure === undefined ? decode(response, this.#ctx) : { _tag: 'Left', left: decodeError(failure, response) }
  }

  readonly #ended = (why: Ending): void => {
    const { link, leaving } = this.#line
    const talk = this.#talk
    if (this.#address !== undefined && leaving !== undefined && talk?.knows !== true)
      link.send(leaving, this.#address.subject, {})
    talk?.end(why)
    this.#fail(why)
  }

  #fail(failure: CallFailed | Failure): void {
    this.#finish({ _tag: 'Left', left: failure })
  }

  #guard(step: () => void): void {
    try {
      step()
    } catch (cause) {
      this.#broke(cause)
    }
  }

  #broke(cause: unknown): void {
    report(undefined, { kind: 'defect', method: undefined, cause })
    this.#finish({ _tag: 'Left', left: defect(cause) })
  }

  #finish(outcome: Outcome): void {
    if (this.#done) return
    this.#done = true
    this.#timer?.cancel()
    this.#listening?.[Symbol.dispose]()
    const talk = this.#talk
    if (talk === undefined) this.#address?.close()
    else if (!talk.open || outcome._tag === 'Left') talk.close()
    const request = this.#request
    const response = this.#response
    const exchange = { outcome, ...(request && { request }), ...(response && { response }) }
    for (const finalizer of this.#line.finalize)
      try {
        finalizer(this.#ctx, exchange)
      } catch (cause) {
        report(undefined, { kind: 'defect', method: undefined, cause })
      }
    this.#resolve(outcome)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | undefined)?.then === 'function'

const isLeft = (value: unknown): value is { readonly left: Failure } =>
  (value as { _tag?: unknown } | undefined)?._tag === 'Left'
