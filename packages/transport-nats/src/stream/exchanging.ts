// The client's side of a call in which a stream is sent, in either direction or both.
import { unavailable, type WireFailure } from '@tenon/contract'
import { type Context, type Ending, type Failure, type Outcome, onEnding } from '@tenon/endpoint'
import type { NatsMessage } from '../connection.ts'
import { writeFailure } from '../failure.ts'
import type { Headers } from '../headers.ts'
import type { Link } from '../link.ts'
import { creditHeader, type Kind, kindHeader, kindOf, numberOf } from './frame.ts'
import { Inbound } from './inbound.ts'
import { Outbound, type Said } from './outbound.ts'
import { pulsing, silence } from './pulse.ts'

export interface Call {
  readonly link: Link
  /** Our address. */
  readonly from: string
  readonly ctx: Context
  /** The stream that is the input. */
  readonly input: AsyncIterable<Outcome> | undefined
  readonly receives: boolean
  encode(item: unknown, said: Said): void
  encodeError(failure: Failure): WireFailure
  decode(message: NatsMessage): Outcome
  /** An item could not be sent, and the answer has not begun. */
  failed(failure: Failure): void
  /** The answer has begun. */
  opened(answer: Outcome): void
  /** Nothing comes any more. */
  over(): void
}

export class Exchanging {
  readonly #call: Call
  /** The server's address for this call, once it has told it. */
  #to: string | undefined
  #in: Inbound | undefined
  #out: Outbound | undefined
  #pulse: Disposable | undefined
  #listening: Disposable | undefined
  #over = false
  /** Beats since the server was heard of. */
  #silent = 0

  constructor(call: Call) {
    this.#call = call
  }

  /** Does the server hear what is sent to it alone? */
  get knows(): boolean {
    return this.#to !== undefined
  }
  /** Is a stream of the answer being read? */
  get open(): boolean {
    return this.#in !== undefined
  }

  /** Takes what is of a stream; `false` for an answer, or the failure of the opening. */
  arrived(message: NatsMessage): boolean {
    this.#silent = 0
    const kind = kindOf(message)
    if (message.reply !== undefined && message.reply !== '') this.#to ??= message.reply
    switch (kind) {
      case undefined:
        return false
      case 'accept':
        this.#send()?.grant(numberOf(message, creditHeader))
        break
      case 'credit':
        this.#out?.grant(numberOf(message, creditHeader))
        break
      case 'open':
        this.#begin()
        break
      case 'enough':
        this.#out?.stop()
        break
      case 'cancel':
        this.#out?.stop()
        this.#in?.broke(unavailable('the server knows nothing of this stream any more'))
        break
      case 'pulse':
        break
      default:
        this.#in?.arrived(message)
    }
    return true
  }

  #send(): Outbound | undefined {
    const { input, link, ctx, from, encode, encodeError } = this.#call
    if (this.#out !== undefined || input === undefined) return this.#out
    this.#out = new Outbound(input, 0, 0, {
      ctx,
      write(outcome, said) {
        if (outcome._tag === 'Right') encode(outcome.right, said)
        else writeFailure(encodeError(outcome.left), said)
      },
      flush: () => link.connection.flush(),
      transmit: (said) => link.send(this.#to as string, said.body, said.headers, from),
      instead: (failure) => failure,
      ended: (outcome, unsent) => {
        if (unsent && outcome._tag === 'Left') this.#unsent(outcome.left)
      },
    })
    this.#pulse ??= pulsing(() => this.#beat())
    this.#out.start()
    return this.#out
  }

  /** The server hears it as the end of the stream, and may answer what it likes: the caller has it from us. */
  #unsent(failure: Failure): void {
    if (this.#in === undefined) this.#call.failed(failure)
    else this.#in.broke(failure)
  }

  #begin(): void {
    if (this.#in !== undefined) return
    const { ctx, decode, opened } = this.#call
    const inbound = new Inbound(1, {
      read: decode,
      grant: (credit) => this.#tell('credit', { [creditHeader]: String(credit) }),
      stopped: () => this.#tell('cancel', {}),
      over: () => this.close(),
    })
    this.#in = inbound
    this.#pulse ??= pulsing(() => this.#beat())
    opened({ _tag: 'Right', right: inbound.stream })
    this.#listening = onEnding(ctx, (why) => this.end(why))
  }

  /** The connection, or the other side, is gone. */
  lost(failure: Failure): void {
    this.#in?.broke(failure)
    this.close()
  }

  /** The call has ended on our side. */
  end(why: Ending): void {
    if (this.#in !== undefined) this.#in.end(why)
    else if (this.knows) this.#tell('cancel', {})
    this.close()
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#listening?.[Symbol.dispose]()
    this.#pulse?.[Symbol.dispose]()
    const out = this.#out
    if (out === undefined)
      this.#call.input?.[Symbol.asyncIterator]()
        .return?.()
        .catch(() => undefined)
    else out.stop()
    this.#call.over()
  }

  #beat(): void {
    this.#silent++
    if (this.#silent > silence) this.#in?.broke(unavailable('the server has fallen silent'))
    else this.#tell('pulse', {})
  }

  #tell(kind: Kind, headers: Headers): void {
    const { link, from } = this.#call
    if (this.#to !== undefined)
      link.send(this.#to, undefined, { [kindHeader]: kind, ...headers }, kind === 'cancel' ? undefined : from)
  }
}
