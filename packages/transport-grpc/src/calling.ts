// One call of a client and its answer, of any of the four kinds: encode -> before -> send -> after -> decode.
import { type ClientWritableStream, Metadata } from '@grpc/grpc-js'
import {
  type Context,
  cancelled,
  clockOf,
  deadlineExceeded,
  type Ending,
  endedBy,
  type Failure,
  lastingDeadline,
  type Outcome,
  onEnding,
  report,
  type Scope,
  type Stream,
  type Timer,
  whenEnds,
  withTimeout,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { unreached } from './channel.ts'
import type { ClientAnswer, ClientCall } from './hooks.ts'
import { type Ended, isLater, type Line, type Message, thrown, tooLarge } from './line.ts'
import { messages } from './messages.ts'
import { sent } from './metadata.ts'
import { pump } from './pump.ts'
import { failureOf } from './status.ts'

/** What all calls of grpc-js have that bring a stream, and what the others lack. */
type Streaming = ReturnType<Line['channel']['makeServerStreamRequest']>

/** A call that grpc-js has begun. */
interface Begun {
  cancel(): void
}

/** Milliseconds: servers on grpc-js take a longer timeout for one that has passed. This side's own clock knows it. */
const longest = 2 ** 31 - 1

export class Calling {
  readonly #line: Line
  readonly #resolve: (outcome: Outcome) => void
  /** Has the call a time of its own, because its caller gave it none? */
  readonly #scope: Scope | undefined
  readonly #caller: Context
  #ctx: Context
  #exchange: ClientCall
  #begun: Begun | undefined
  #listening: Disposable | undefined
  /** Of a stream: until it must have opened. */
  #opening: Timer | undefined
  #headers: Metadata | undefined
  #answer: ClientAnswer | undefined
  #over = false

  constructor(line: Line, ctx: Context, resolve: (outcome: Outcome) => void) {
    this.#line = line
    this.#resolve = resolve
    this.#caller = ctx
    const own = ctx.deadline === Number.POSITIVE_INFINITY && line.timeout < Number.POSITIVE_INFINITY
    this.#scope = own && !this.#streams ? withTimeout(ctx, line.timeout) : undefined
    this.#ctx = this.#scope?.ctx ?? ctx
    this.#exchange = { path: line.path, metadata: new Metadata() }
    if (own && this.#streams) {
      const clock = clockOf(ctx)
      const late = (): void => this.#ended(deadlineExceeded(`no answer within ${line.timeout} ms`))
      this.#opening = clock.at(clock.now() + line.timeout, late)
    }
  }

  get #streams(): boolean {
    return this.#line.kind === 'serverStream' || this.#line.kind === 'duplex'
  }

  start(input: unknown): void {
    const { kind, encode, allow, metadata: limit, path } = this.#line
    const ended = endedBy(this.#ctx)
    if (ended !== undefined) {
      this.#fail(ended)
      return
    }
    this.#guard(() => {
      const metadata = sent(this.#ctx, allow, limit)
      if (!(metadata instanceof Metadata)) {
        this.#fail(metadata)
        return
      }
      this.#exchange = { path, metadata }
      if (kind === 'clientStream' || kind === 'duplex') {
        this.#send(undefined, input as Stream<unknown, Failure>)
        return
      }
      const encoding = encode(input, this.#ctx)
      if (isLater(encoding))
        encoding.then(
          (message) => this.#guard(() => this.#send(message)),
          (cause) => this.#broke(cause),
        )
      else this.#send(encoding)
    })
  }

  #send(message: Message, items?: Stream<unknown, Failure>): void {
    const { channel, path, kind, serialize, deserialize, before, message: limit } = this.#line
    if (this.#over) return
    const refused = tooLarge(message, limit)
    if (refused !== undefined) {
      this.#fail(refused)
      return
    }
    for (const hook of before) this.#ctx = hook(this.#ctx, this.#exchange) ?? this.#ctx
    const until = this.#streams ? lastingDeadline(this.#caller) : this.#ctx.deadline
    const left = until - clockOf(this.#ctx).now()
    if (left <= 0) {
      this.#fail(deadlineExceeded())
      return
    }
    this.#listening = onEnding(this.#ctx, this.#ended)
    if (this.#over) return
    const options = left > longest ? {} : { deadline: Date.now() + left }
    const { metadata } = this.#exchange
    switch (kind) {
      case 'unary':
        this.#watch(
          channel.makeUnaryRequest(path, serialize, deserialize, message, metadata, options, this.#answered),
          false,
        )
        break
      case 'clientStream': {
        const call = channel.makeClientStreamRequest(path, serialize, deserialize, metadata, options, this.#answered)
        this.#watch(call, false)
        this.#pump(items as Stream<unknown, Failure>, call)
        break
      }
      case 'serverStream':
        this.#open(channel.makeServerStreamRequest(path, serialize, deserialize, message, metadata, options))
        break
      case 'duplex': {
        const call = channel.makeBidiStreamRequest(path, serialize, deserialize, metadata, options)
        this.#open(call)
        this.#pump(items as Stream<unknown, Failure>, call)
      }
    }
  }

  #watch(call: NodeJS.EventEmitter & Begun, streams: boolean): void {
    this.#begun = call
    if (this.#line.after.length + this.#line.finalize.length === 0) return
    call.on('metadata', (headers: Metadata) => {
      this.#headers = headers
    })
    // Of what is one message, the callback has heard of it before: `#answered`.
    if (streams) call.on('status', (status: Ended) => this.#keep(status))
  }

  #keep({ code, metadata: trailers }: Ended): void {
    this.#answer = { code, headers: this.#headers, trailers }
  }

  /** A stream has opened when its headers are there; what fails before that fails the call. */
  #open(call: Streaming): void {
    this.#watch(call, true)
    const ctx = this.#ctx
    const reading = messages(call, this.#caller, {
      decode: (message) => this.#line.decode(message, ctx),
      failureOf: (cause) => this.#failureOf(cause),
      stop: () => call.cancel(),
    })
    const opened = whenEnds(reading, (outcome) => this.#finalize(outcome))
    call.once('metadata', () => {
      if (this.#over) return
      this.#close()
      this.#resolve({ _tag: 'Right', right: opened })
    })
    call.once('error', (cause) => {
      if (!this.#over) this.#guard(() => this.#fail(this.#failureOf(cause)))
    })
  }

  #pump(items: Stream<unknown, Failure>, call: ClientWritableStream<Message>): void {
    const { encode, message: limit, method } = this.#line
    let gone = false
    const source = items[Symbol.asyncIterator]() as AsyncIterator<Outcome>
    const stop = (): void => {
      gone = true
      source.return?.().catch(() => undefined)
    }
    for (const event of ['status', 'error', 'close']) call.once(event, stop)
    const refuse = (failure: Failure): void => {
      stop()
      this.#fail(failure)
      call.cancel()
    }
    pump(
      source,
      call,
      (item) => encode(item, this.#ctx),
      limit,
      () => gone,
    ).then(
      ({ failure, refused }) => {
        if (gone) return
        if (refused !== undefined) refuse(refused)
        else if (failure === undefined) call.end()
        else refuse(cancelled(`the stream of the caller failed: ${failure.message}`))
      },
      (cause) => refuse(thrown(cause, method)),
    )
  }

  readonly #answered = (error: Ended | null, message?: Message): void => {
    if (this.#over) return
    this.#guard(() => {
      if (error !== null) {
        this.#keep(error)
        this.#after()
        this.#fail(this.#failureOf(error))
      } else if (this.#line.after.length + this.#line.finalize.length === 0) this.#decode(message)
      // Trailers come with the status, which is told right after this.
      else
        (this.#begun as unknown as NodeJS.EventEmitter).once('status', (status: Ended) => this.#last(status, message))
    })
  }

  #last(status: Ended, message: Message): void {
    if (this.#over) return
    this.#guard(() => {
      this.#keep(status)
      this.#after()
      this.#decode(message)
    })
  }

  #decode(message: Message): void {
    const decoding = this.#line.decode(message, this.#ctx)
    if (isLater(decoding))
      decoding.then(
        (outcome) => this.#finish(outcome),
        (cause) => this.#broke(cause),
      )
    else this.#finish(decoding)
  }

  #after(): void {
    const answer = this.#answer as ClientAnswer
    for (const hook of this.#line.after) this.#ctx = hook(this.#ctx, answer) ?? this.#ctx
  }

  #failureOf(cause: unknown): Failure {
    const { code, details, metadata } = cause as Partial<Ended>
    if (typeof code !== 'number')
      return this.#line.decodeFailure({ code: 'unavailable', message: String((cause as Error)?.message) })
    // grpc-js's own clock may be first by a millisecond; what it says then is about its insides.
    if (code === 4 && details?.startsWith('Deadline exceeded after ')) return deadlineExceeded()
    const message = unreached(this.#line.channel, code, details) ?? details ?? ''
    return this.#line.decodeFailure(failureOf({ code, details: message, metadata: metadata ?? new Metadata() }))
  }

  readonly #ended = (why: Ending): void => {
    this.#fail(why)
    this.#begun?.cancel()
  }

  #fail(failure: Failure): void {
    this.#finish({ _tag: 'Left', left: failure })
  }

  #finish(outcome: Either<Failure, unknown>): void {
    if (this.#over) return
    this.#close()
    this.#finalize(outcome)
    this.#resolve(outcome)
  }

  #close(): void {
    this.#over = true
    this.#opening?.cancel()
    this.#listening?.[Symbol.dispose]()
    this.#scope?.[Symbol.dispose]()
  }

  #finalize(outcome: Outcome): void {
    const { finalize, after, method } = this.#line
    const answer = this.#answer
    const quietly = (run: () => void): void => {
      try {
        run()
      } catch (cause) {
        report(undefined, { kind: 'defect', method, cause })
      }
    }
    // Of one message they have run before it was decoded.
    if (this.#streams && answer !== undefined && after.length > 0) quietly(() => this.#after())
    const exchange = { outcome, call: this.#exchange, ...(answer !== undefined && { answer }) }
    for (const hook of finalize) quietly(() => hook(this.#ctx, exchange))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.#broke(cause)
    }
  }

  #broke(cause: unknown): void {
    this.#fail(thrown(cause, this.#line.method))
    this.#begun?.cancel()
  }
}
