// The four kinds of calls, each as grpc-js hands it to a server.
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js'
import { remote } from '@tenon/contract'
import { cancelled, type Ending, type Failure, type Outcome, type Stream, whenEnds } from '@tenon/endpoint'
import { Answering } from './answering.ts'
import { wasCut } from './cut.ts'
import type { Flow } from './flow.ts'
import { isLater, type Message, tooLarge } from './line.ts'
import { messages } from './messages.ts'
import { pump } from './pump.ts'
import type { FailedStatus } from './status.ts'

type Incoming = ServerReadableStream<Message, Message> | ServerDuplexStream<Message, Message>
type Outgoing = ServerWritableStream<Message, Message> | ServerDuplexStream<Message, Message>

/** One answer: unary calls and streams from a client. */
export class Single extends Answering {
  readonly #call: ServerUnaryCall<Message, Message> | ServerReadableStream<Message, Message>
  readonly #callback: sendUnaryData<Message>

  constructor(
    flow: Flow,
    call: ServerUnaryCall<Message, Message> | ServerReadableStream<Message, Message>,
    callback: sendUnaryData<Message>,
  ) {
    super(flow, call)
    this.#call = call
    this.#callback = callback
    if (!this.admitted()) return
    if ('request' in call) this.decoded(call.request)
    else this.input({ _tag: 'Right', right: incoming(this.flow, call, this) })
  }

  get context(): Answering['ctx'] {
    return this.ctx
  }
  give(why: Ending | undefined): void {
    if (why !== undefined) this.scope.cancel(why)
  }

  protected succeeded(value: unknown): void {
    try {
      const encoding = this.flow.encode(value, this.ctx)
      if (isLater(encoding))
        encoding.then(
          (message) => this.#give(message, value),
          (cause) => this.failed(this.caught(cause), 'encode'),
        )
      else this.#give(encoding, value)
    } catch (cause) {
      this.failed(this.caught(cause), 'encode')
    }
  }

  #give(message: Message, value: unknown): void {
    if (tooLarge(message, this.flow.limits.message) === undefined) this.answered(message, value)
    else this.failed(answerTooLarge(this.flow), 'encode')
  }

  protected finish(status: FailedStatus | undefined, value: Message | undefined): void {
    // A client that has left is told nothing.
    if (this.#call.cancelled) return
    const { setHeaders, setTrailers } = this.info
    if (setHeaders !== undefined) this.#call.sendMetadata(setHeaders)
    if (status !== undefined) this.#callback(status)
    else {
      this.flow.unread?.add(this.#call, value instanceof Uint8Array ? value.length : 0)
      this.#callback(null, value, setTrailers)
    }
  }

  protected gone(): void {
    this.flow.unread?.delete(this.#call)
    if (!('request' in this.#call)) this.flow.unread?.linger(this.#call)
  }
}

/** A stream of answers: server streams and both ways at once. */
export class Streamed extends Answering {
  readonly #call: Outgoing
  #items: AsyncIterator<Outcome> | undefined

  constructor(flow: Flow, call: Outgoing) {
    super(flow, call)
    this.#call = call
    if (!this.admitted()) return
    if ('request' in call) this.decoded(call.request)
    else this.input({ _tag: 'Right', right: incoming(this.flow, call, this) })
  }

  get context(): Answering['ctx'] {
    return this.ctx
  }
  give(why: Ending | undefined): void {
    if (why !== undefined) this.scope.cancel(why)
  }

  protected succeeded(value: unknown): void {
    // The caller learns that it has opened, though the first item may be long in coming.
    this.#call.sendMetadata(this.info.headers)
    const items = whenEnds(value as Stream<unknown, Failure>, () => undefined)
    this.#items = items[Symbol.asyncIterator]() as AsyncIterator<Outcome>
    const { encode, limits, unread } = this.flow
    const written = (item: unknown): ReturnType<typeof encode> => encode(item, this.ctx)
    const waits = (bytes: number): void => {
      if (bytes > 0) unread?.hold(this.#call, bytes)
      else unread?.delete(this.#call)
    }
    pump(this.#items, this.#call, written, limits.message, () => this.over, waits).then(
      ({ failure, refused }) => {
        if (refused !== undefined) this.failed(answerTooLarge(this.flow), 'encode')
        else if (failure !== undefined) this.failed(failure, 'endpoint')
        else this.answered(undefined, undefined)
      },
      (cause) => this.failed(this.caught(cause), 'encode'),
    )
  }

  protected finish(status: FailedStatus | undefined): void {
    // Its source may wait for something that never comes: it hears it by the signal first, then by this.
    if (status !== undefined) {
      this.scope.cancel(cancelled('the call is over'))
      this.#items?.return?.().catch(() => undefined)
    }
    if (this.#call.cancelled) return
    // What was made before may not have been read.
    this.flow.unread?.add(this.#call, 0)
    if (status === undefined) this.#call.end(this.info.setTrailers)
    else this.#call.emit('error', status)
  }

  protected gone(): void {
    this.flow.unread?.delete(this.#call)
    if (!('request' in this.#call)) this.flow.unread?.linger(this.#call)
  }
}

const answerTooLarge = ({ limits }: Flow): Failure =>
  remote({
    code: 'resource_exhausted',
    tag: 'AnswerTooLarge',
    message: `the answer has more than ${limits.message} bytes (limits.message of the server)`,
  })

function incoming(flow: Flow, call: Incoming, answering: Single | Streamed): Stream<unknown, Failure> {
  return messages(call, answering.context, {
    decode: (message) => flow.decode(message, answering.context),
    failureOf: (cause) => cancelled(`the client's stream broke: ${(cause as Error)?.message ?? cause}`),
    stop: (why) => answering.give(why),
    wasCut: () => wasCut(call),
  })
}
