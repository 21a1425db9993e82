// One attempt of a proxied request at one target: connect, send, and answer with the head of what comes back. Whose head
// goes on stays open until its body has ended; all others are abandoned.
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import {
  type CheckedLimits,
  type Clock,
  type Context,
  cancelled,
  clockOf,
  deadlineExceeded,
  defect,
  type Ending,
  endedBy,
  type Failure,
  onEnding,
  type Timer,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Agents } from './agents.ts'
import { endsHere } from './hop.ts'
import type { ProxyLimits } from './limits.ts'
import { type Lines, readLines } from './lines.ts'
import { badAnswer, failureOf, tooManyWait, unreachable } from './lost.ts'
import type { ProxyResponse } from './message.ts'
import type { Place } from './places.ts'
import type { Target } from './target.ts'
import type { Upload } from './upload.ts'

/** What is sent. */
export interface Sent {
  readonly method: string
  readonly path: string
  /** Names and values; all that is sent but what Node adds for its connection. */
  readonly lines: readonly string[]
  /** May it be sent again where a kept connection closed under it? */
  readonly repeatable: boolean
  readonly upload: Upload | undefined
}

/** An answer's head, and how its names were written. */
export interface Head extends ProxyResponse, Lines {}

export type Informed = (status: number, lines: readonly string[]) => void

/** Interim answers of a target to one request; one that sends more is not answering. */
const mostInterim = 100

const resets: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE'])

export class Attempt {
  head: Head | undefined
  readonly #agents: Agents
  readonly #limits: CheckedLimits<ProxyLimits>
  readonly #target: Target
  readonly #sent: Sent
  readonly #clock: Clock
  readonly #ctx: Context
  readonly #informed: Informed
  #resolve: (outcome: Either<Failure, ProxyResponse>) => void = () => {}
  #request: ClientRequest | undefined
  #place: Place | undefined
  #listening: Disposable | undefined
  #timer: Timer | undefined
  #connected = false
  #interim = 0
  /** Has a kept connection turned out to be closed? */
  #stale = false
  #over = false

  constructor(
    agents: Agents,
    limits: CheckedLimits<ProxyLimits>,
    target: Target,
    sent: Sent,
    ctx: Context,
    informed: Informed,
  ) {
    this.#agents = agents
    this.#limits = limits
    this.#target = target
    this.#sent = sent
    this.#ctx = ctx
    this.#clock = clockOf(ctx)
    this.#informed = informed
  }

  run(): Promise<Either<Failure, ProxyResponse>> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      const ended = endedBy(this.#ctx)
      if (ended !== undefined) {
        this.#fail(ended)
        return
      }
      this.#listening = onEnding(this.#ctx, this.#ended)
      const { origin } = this.#target
      this.#place = this.#agents.places(origin, this.#open)
      if (this.#place === undefined) this.#fail(tooManyWait(origin))
      else if (this.#place.ready) this.#open()
      else this.#connectIn()
    })
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    this.#settle({ _tag: 'Left', left: cancelled('another attempt was taken, or the request is over') })
    this.#sent.upload?.stop()
    if (this.#request === undefined) this.#place?.leave()
    else this.#request.destroy()
  }

  readonly #open = (): void => {
    try {
      this.#send()
    } catch (cause) {
      // A hook made a header that no wire can carry.
      this.#fail(defect(cause))
    }
  }

  #send(): void {
    const { method, path, lines, upload } = this.#sent
    const { headers, headerBytes } = this.#limits
    const options = { method, path, headers: lines, maxHeaderSize: headerBytes }
    const request = this.#agents.request(this.#target, options, this.#stale)
    this.#request = request
    request.maxHeadersCount = headers + 1
    request.once('socket', (socket) => {
      const { secure } = this.#target
      if (!(secure ? (socket as TLSSocket & { secureConnecting: boolean }).secureConnecting : socket.connecting))
        this.#connect(request)
      else {
        this.#connectIn()
        socket.once(secure ? 'secureConnect' : 'connect', () => this.#connect(request))
      }
    })
    request.on('information', ({ statusCode, rawHeaders }) => this.#inform(statusCode, rawHeaders))
    request.once('response', (response) => this.#answer(response))
    // Without this listener Node would leave the request without an end.
    request.once('upgrade', (_, socket) => {
      socket.destroy()
      this.#refuse('it changes the protocol, which nobody asked for')
    })
    request.on('error', (error) => this.#broke(request, error))
    request.once('close', () => {
      // The agent gets the connection back right after this; whoever waits for the place shall find it there.
      if (request === this.#request) process.nextTick(() => this.#place?.leave())
    })
    // The body is taken when there is a connection: a target that cannot be reached leaves it for another one.
    if (upload === undefined) request.end()
    else request.write(none)
  }

  #connectIn(): void {
    this.#wait(this.#agents.connectTimeout, () => {
      const { origin } = this.#target
      this.#agents.turn(origin, 'lost')
      this.#fail(unreachable(`${origin} was not connected within ${this.#agents.connectTimeout} ms`, false))
    })
  }

  #connect(request: ClientRequest): void {
    if (this.#over) return
    this.#connected = true
    this.#agents.turn(this.#target.origin, 'connected')
    this.#timer?.cancel()
    const { upload } = this.#sent
    if (upload === undefined) this.#await()
    else {
      request.once('finish', () => this.#await())
      upload.into(request)
    }
  }

  /** All is sent; now the target has its time. */
  #await(): void {
    if (this.head !== undefined || this.#over) return
    const { head } = this.#limits
    this.#wait(head, () => this.#fail(deadlineExceeded(`${this.#target.origin} did not answer within ${head} ms`)))
  }

  #inform(status: number, lines: readonly string[]): void {
    if (this.#over || this.head !== undefined) return
    if (++this.#interim > mostInterim) this.#refuse(`it sent ${mostInterim} interim answers`)
    else this.#informed(status, lines)
  }

  #answer(raw: IncomingMessage): void {
    // What is wrong with it afterwards is seen by whoever reads it.
    raw.on('error', () => {})
    if (this.#over) return
    const { rawHeaders, statusCode: status = 0 } = raw
    const coding = raw.headers['transfer-encoding']
    const most = this.#limits.headers
    if (status < 200) this.#refuse(`its status is ${status}`)
    else if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked')
      this.#refuse('its transfer coding is unknown')
    else if (!printable.test(raw.statusMessage ?? '')) this.#refuse('its reason is no text')
    else if (rawHeaders.length > most * 2) this.#refuse(`it has more than ${most} header lines`)
    else {
      this.head = { status, raw, ...readLines(rawHeaders, endsHere(rawHeaders)) }
      this.#settle({ _tag: 'Right', right: this.head })
    }
  }

  #refuse(why: string): void {
    this.#fail(badAnswer(this.#target.origin, why))
  }

  #broke(request: ClientRequest, error: NodeJS.ErrnoException): void {
    if (this.#over || request !== this.#request) return
    const { repeatable } = this.#sent
    if (repeatable && request.reusedSocket && resets.has(error.code)) {
      this.#stale = true
      this.#timer?.cancel()
      this.#connected = false
      this.#open()
      return
    }
    if (!this.#connected) this.#agents.turn(this.#target.origin, 'lost')
    this.#fail(failureOf(error, this.#target.origin, this.#connected))
  }

  readonly #ended = (why: Ending): void => this.#fail(why)

  #wait(ms: number, run: () => void): void {
    this.#timer?.cancel()
    if (ms < Number.POSITIVE_INFINITY) this.#timer = this.#clock.at(this.#clock.now() + ms, run)
  }

  #fail(failure: Failure): void {
    if (this.#over) return
    this.#settle({ _tag: 'Left', left: failure })
    this.abandon()
  }

  #settle(outcome: Either<Failure, ProxyResponse>): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.cancel()
    this.#listening?.[Symbol.dispose]()
    this.#resolve(outcome)
  }
}

const none: Buffer = Buffer.alloc(0)
/** What a reason may hold (RFC 9112, 4). */
const printable = /^[\t\x20-\x7e\x80-\xff]*$/
