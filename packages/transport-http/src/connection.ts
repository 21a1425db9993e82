// One socket of a server and what is open on it: one listener per connection tells all exchanges when it closes,
// pipelined ones too, which Node does not tell.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { lingering } from './lingering.ts'
import type { Refusal } from './refusal.ts'

/** Something that a connection waits for. */
export interface Open {
  /** The connection closed. */
  closed(): void
  /** The connection can take no further request, for that reason: this is its last answer. */
  last(why: Refusal): void
  /** The server will destroy the connection. */
  cancel(): void
  /** The server is stopping: what would not end by itself may end now. May be told several times. */
  retiring?(): void
  /** Does it watch its request's body itself, so that this may take longer than a server's own? */
  patient?(): boolean
}

/** Milliseconds that nothing may move on a connection. */
export interface Patience {
  /** Between requests. */
  readonly idle: number
  /** Else: before the first one, while something is open, and while an answer is on its way; `undefined` is for ever. */
  readonly open: number | undefined
}

const key: unique symbol = Symbol('tenon.connection')
type Held = Socket & { [key]?: Connection }

export class Connection {
  /** Requests so far. */
  requests = 0
  readonly #socket: Socket
  /** What is open, the oldest first. Nearly always it is one: a set of it would cost a request more than all else here. */
  #oldest: Open | undefined
  #younger: Set<Open> | undefined
  /** The answer that was handed to Node last: it may still be on its way. */
  #sent: ServerResponse | undefined
  /** Bytes that had come when the last answer was given: more than these are a request on its way. */
  #received = 0
  #ending = false
  #refused = false
  /** Bytes that had come and gone when it was looked at last. */
  #moved = -1
  /** What the socket's own timer was set to here; `undefined` while it does not run. */
  #timeout: number | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.once('close', () => this.#closed())
  }
  /** How much is open on it: more than one where requests are pipelined. */
  get open(): number {
    return (this.#oldest === undefined ? 0 : 1) + (this.#younger?.size ?? 0)
  }
  add(open: Open): void {
    if (this.#idle) this.#oldest = open
    else {
      this.#younger ??= new Set()
      this.#younger.add(open)
    }
  }
  remove(open: Open, sent: ServerResponse): void {
    if (this.#oldest === open) this.#oldest = undefined
    else if (this.#younger?.delete(open) !== true) return
    this.#sent = sent
    this.#received = this.#socket.bytesRead
    if (this.#ending) this.retire()
  }
  /**
   * What comes next cannot be read. The last of the open answers closes the connection; `true` when none is open, so
   * that the mistake itself can be answered. Only once.
   */
  finish(why: Refusal): boolean {
    // An answer that closes the connection may still be held back, for a client that sends on.
    if (this.#refused || this.#sent?.writableEnded === false) return false
    this.#refused = true
    lingering(this.#socket)
    const last = this.#all().at(-1)
    last?.last(why)
    if (last !== undefined) return false
    const sent = this.#sent
    if (sent === undefined || (sent.writableFinished && sent.req.complete)) return true
    // Answers stand in line that nobody has read yet, or the request whose body is wrong was answered before: one more
    // answer would be taken for another request's.
    this.retire()
    return false
  }
  /** Was a mistake on it answered, or left to the last of the answers? What else comes is nobody's. */
  get refused(): boolean {
    return this.#refused
  }
  /** Is a body being read that may take its time? */
  patient(): boolean {
    return this.#all().some((open) => open.patient?.() === true)
  }
  /**
   * To be called again and again, at least twice in the shorter of these times: where nothing has moved since the last
   * call, the socket's own timer runs, until something moves. Node would set that timer twice for every request and renew
   * it with every piece that comes or goes. A time that a listener has set itself holds until its answer is given.
   */
  look({ idle, open }: Patience): void {
    const socket = this.#socket
    const moved = socket.bytesRead + socket.bytesWritten
    const still = moved === this.#moved
    this.#moved = moved
    const between = this.#idle && this.#sent?.writableFinished === true
    if (between || socket.timeout === this.#timeout) this.#time(still ? (between ? idle : open) : undefined)
  }
  /** Whoever may have set the socket's timer has given its answer. */
  reclaim(): void {
    if (this.#socket.timeout !== this.#timeout) this.#time(undefined)
  }
  #time(ms: number | undefined): void {
    const socket: { timeout?: number | undefined } = this.#socket
    this.#timeout = ms
    if (socket.timeout === ms) return
    this.#socket.setTimeout(ms ?? 0)
    // What Node says where none was set: a listener's own 0 can be told from ours.
    socket.timeout = ms
  }
  /** The server is stopping: closes the connection as soon as nothing is open on it. */
  retire(): void {
    this.#ending = true
    for (const open of this.#all()) open.retiring?.()
    if (!this.#idle) return
    if (this.#sent !== undefined && !this.#sent.writableFinished) this.#sent.once('finish', () => this.retire())
    else if (this.#refused || this.#socket.bytesRead === this.#received) this.#socket.destroySoon()
  }
  /** The server gives up waiting: what is open ends now, not when the socket has told that it is closed. */
  destroy(): void {
    for (const open of this.#all()) open.cancel()
    this.#closed()
    this.#socket.destroy()
  }
  #closed(): void {
    for (const open of this.#all()) open.closed()
    this.#oldest = undefined
    this.#younger = undefined
  }
  get #idle(): boolean {
    return this.#oldest === undefined && !this.#younger?.size
  }
  /** A copy: those that are told may leave. */
  #all(): Open[] {
    return [...(this.#oldest === undefined ? [] : [this.#oldest]), ...(this.#younger ?? [])]
  }
}

/** The connection of a socket; the same one every time. */
export function connectionOf(socket: Socket): Connection {
  const held = socket as Held
  held[key] ??= new Connection(socket)
  return held[key]
}
