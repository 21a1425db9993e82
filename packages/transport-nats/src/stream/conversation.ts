// The server's side of a call in which a stream is sent, in either direction or both.
import { unavailable } from '@tenon/contract'
import { type Context, cancelled, type Ending, type Failure, type Outcome, type Stream } from '@tenon/endpoint'
import type { NatsMessage } from '../connection.ts'
import type { Headers } from '../headers.ts'
import type { Address, Link } from '../link.ts'
import type { Reply } from '../message.ts'
import { creditHeader, isNobody, type Kind, kindHeader, kindOf, numberOf, seqHeader, window } from './frame.ts'
import { Inbound } from './inbound.ts'
import { Outbound } from './outbound.ts'
import { pulsing, silence } from './pulse.ts'

export interface Talk {
  readonly link: Link
  /** The caller's address. */
  readonly to: string | undefined
  readonly ctx: Context
  /** Bytes of a message. */
  readonly limit: number
  encode(output: unknown, reply: Reply): void
  encodeError(failure: Failure): Reply
  /** What the caller hears instead of a message that could not be sent for this reason. */
  instead(failure: Failure): Failure
  /** The caller has left, or cannot be reached. */
  gone(why: Ending): void
}

export class Conversation {
  readonly #talk: Talk
  readonly #address: Address
  readonly #pulse: Disposable
  #in: Inbound | undefined
  /** Beats since the caller was heard of. */
  #silent = 0
  #out: Outbound | undefined

  constructor(talk: Talk) {
    this.#talk = talk
    this.#address = talk.link.open((message) => this.#arrived(message))
    this.#pulse = pulsing(() => this.#beat())
  }

  /** Has the stream of the answer begun? */
  get sends(): boolean {
    return this.#out !== undefined
  }

  /** The caller's stream; it may begin to send. */
  reading(readItem: (message: NatsMessage) => Outcome): Stream<unknown, Failure> {
    const { limit } = this.#talk
    this.#in = new Inbound(0, {
      read: (message) =>
        message.data.length > limit
          ? {
              _tag: 'Left',
              left: { _tag: 'BodyTooLarge', code: 'invalid_argument', message: `a message may have ${limit} bytes` },
            }
          : readItem(message),
      grant: (credit) => this.#send('credit', { [creditHeader]: String(credit) }),
      stopped: () => this.#send('enough', {}),
      over: () => {},
    })
    this.#send('accept', { [creditHeader]: String(window) })
    return this.#in.stream
  }

  /** Sends the stream that is the answer. */
  sending(source: Stream<unknown, Failure>, credit: number, headers: Headers, ended: (outcome: Outcome) => void): void {
    const { ctx, link, to, encode, encodeError, instead } = this.#talk
    this.#out = new Outbound(source, credit, 1, {
      ctx,
      write(outcome, said) {
        if (outcome._tag === 'Right') return encode(outcome.right, said)
        const reply = encodeError(outcome.left)
        Object.assign(said.headers, reply.headers)
        said.body = reply.body
      },
      instead,
      flush: () => link.connection.flush(),
      transmit: (said) =>
        to === undefined ? cancelled('nobody reads it') : link.send(to, said.body, said.headers, this.#address.subject),
      ended,
    })
    Object.assign(headers, { [kindHeader]: 'open', [seqHeader]: '0' })
    if (to !== undefined) link.send(to, undefined, headers, this.#address.subject)
    this.#out.start()
  }

  /** Ends the stream of the answer with this failure. */
  breakOff(failure: Failure): void {
    this.#out?.breakOff(failure)
  }

  /** The call is over. */
  close(): void {
    this.#pulse[Symbol.dispose]()
    this.#out?.stop()
    this.#in?.broke(cancelled('the call is over'))
    this.#address.close()
  }

  #send(kind: Kind, headers: Headers): void {
    const { link, to } = this.#talk
    // Of who reads no more it need not be known where.
    const from = kind === 'enough' ? undefined : this.#address.subject
    if (to !== undefined) link.send(to, undefined, { [kindHeader]: kind, ...headers }, from)
  }

  #beat(): void {
    this.#silent++
    if (this.#silent > silence) this.#lost(unavailable('the caller has fallen silent'))
    else this.#send('pulse', {})
  }

  #arrived(message: NatsMessage | undefined): void {
    if (message === undefined) {
      this.#lost(unavailable('the connection to NATS is lost'))
      return
    }
    if (isNobody(message)) {
      this.#lost(unavailable('the caller is gone'))
      return
    }
    this.#silent = 0
    const kind = kindOf(message)
    // Somebody answers who knows nothing of streams.
    if (kind === undefined) this.#lost(unavailable('the caller does not speak of streams'))
    else if (kind === 'credit') this.#out?.grant(numberOf(message, creditHeader))
    else if (kind === 'cancel') this.#talk.gone(cancelled('the caller has left'))
    else if (kind === 'item' || kind === 'end' || kind === 'fail') this.#in?.arrived(message)
  }

  #lost(failure: Failure): void {
    this.#in?.broke(failure)
    this.#talk.gone(cancelled(failure.message))
  }
}
