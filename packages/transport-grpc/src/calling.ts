// One call of a client and its answer, of any of the four kinds: encode -> before -> send -> after -> decode.
import { type ClientWritableStream, Metadata } from '@grpc/grpc-js'
import {
  cancelled,
  clockOf,
  deadlineExceeded,
  endedBy,
  type Failure,
  lastingDeadline,
  type Outcome,
  type Stream,
  whenEnds,
} from '@tenon/endpoint'
import { type Begun, Life } from './life.ts'
import { type Ended, isLater, type Line, type Message, thrown, tooLarge } from './line.ts'
import { messages } from './messages.ts'
import { sent } from './metadata.ts'
import { pump } from './pump.ts'

/** What all calls of grpc-js have that bring a stream, and what the others lack. */
type Streaming = ReturnType<Line['channel']['makeServerStreamRequest']>

/** Milliseconds: servers on grpc-js take a longer timeout for one that has passed. This side's own clock knows it. */
const longest = 2 ** 31 - 1

export class Calling extends Life {
  #headers: Metadata | undefined

  start(input: unknown): void {
    const { kind, encode, allow, metadata: limit, path } = this.line
    const ended = endedBy(this.ctx)
    if (ended !== undefined) {
      this.fail(ended)
      return
    }
    this.guard(() => {
      const metadata = sent(this.ctx, allow, limit)
      if (!(metadata instanceof Metadata)) {
        this.fail(metadata)
        return
      }
      this.exchange = { path, metadata }
      if (kind === 'clientStream' || kind === 'duplex') {
        this.#send(undefined, input as Stream<unknown, Failure>)
        return
      }
      const encoding = encode(input, this.ctx)
      if (isLater(encoding))
        encoding.then(
          (message) => this.guard(() => this.#send(message)),
          (cause) => this.broke(cause),
        )
      else this.#send(encoding)
    })
  }

  #send(message: Message, items?: Stream<unknown, Failure>): void {
    const { channel, path, kind, serialize, deserialize, before, message: limit } = this.line
    if (this.over) return
    const refused = tooLarge(message, limit)
    if (refused !== undefined) {
      this.fail(refused)
      return
    }
    for (const hook of before) this.ctx = hook(this.ctx, this.exchange) ?? this.ctx
    const until = this.streams ? lastingDeadline(this.caller) : this.ctx.deadline
    const left = until - clockOf(this.ctx).now()
    if (left <= 0) {
      this.fail(deadlineExceeded())
      return
    }
    this.listen()
    if (this.over) return
    const options = left > longest ? {} : { deadline: Date.now() + left }
    const { metadata } = this.exchange
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
    this.begun = call
    if (this.line.after.length + this.line.finalize.length === 0) return
    call.on('metadata', (headers: Metadata) => {
      this.#headers = headers
    })
    // Of what is one message, the callback has heard of it before: `#answered`.
    if (streams) call.on('status', (status: Ended) => this.#keep(status))
  }

  #keep({ code, metadata: trailers }: Ended): void {
    this.answer = { code, headers: this.#headers, trailers }
  }

  /** A stream has opened when its headers are there; what fails before that fails the call. */
  #open(call: Streaming): void {
    this.#watch(call, true)
    const ctx = this.ctx
    const reading = messages(call, this.caller, {
      decode: (message) => this.line.decode(message, ctx),
      failureOf: (cause) => this.failureOf(cause),
      stop: () => call.cancel(),
    })
    const opened = whenEnds(reading, (outcome) => this.finalize(outcome))
    call.once('metadata', () => {
      if (this.over) return
      this.close()
      this.resolve({ _tag: 'Right', right: opened })
    })
    call.once('error', (cause) => {
      if (!this.over) this.guard(() => this.fail(this.failureOf(cause)))
    })
  }

  #pump(items: Stream<unknown, Failure>, call: ClientWritableStream<Message>): void {
    const { encode, message: limit, method } = this.line
    let gone = false
    const source = items[Symbol.asyncIterator]() as AsyncIterator<Outcome>
    const stop = (): void => {
      gone = true
      source.return?.().catch(() => undefined)
    }
    for (const event of ['status', 'error', 'close']) call.once(event, stop)
    const refuse = (failure: Failure): void => {
      stop()
      this.fail(failure)
      call.cancel()
    }
    pump(
      source,
      call,
      (item) => encode(item, this.ctx),
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
    if (this.over) return
    this.guard(() => {
      if (error !== null) {
        this.#keep(error)
        this.after()
        this.fail(this.failureOf(error))
      } else if (this.line.after.length + this.line.finalize.length === 0) this.#decode(message)
      // Trailers come with the status, which is told right after this.
      else (this.begun as unknown as NodeJS.EventEmitter).once('status', (status: Ended) => this.#last(status, message))
    })
  }

  #last(status: Ended, message: Message): void {
    if (this.over) return
    this.guard(() => {
      this.#keep(status)
      this.after()
      this.#decode(message)
    })
  }

  #decode(message: Message): void {
    const decoding = this.line.decode(message, this.ctx)
    if (isLater(decoding))
      decoding.then(
        (outcome) => this.finish(outcome),
        (cause) => this.broke(cause),
      )
    else this.finish(decoding)
  }
}
