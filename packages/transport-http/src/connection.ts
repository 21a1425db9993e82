// One socket of a server and the exchanges open on it: one listener per connection tells them all when it closes,
// pipelined ones too, which Node does not tell.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What a connection tells to what is open on it. */
export interface Open {
  /** The connection closed. */
  closed(): void
  /** This must be the last answer: the connection can take no further request. */
  last(): void
}

const key: unique symbol = Symbol('tenon.connection')
type Held = Socket & { [key]?: Connection }

export class Connection {
  readonly #open = new Set<Open>()
  /** The answer that was handed to Node last: it may still be on its way. */
  #sent: ServerResponse | undefined

  constructor(socket: Socket) {
    socket.once('close', () => {
      for (const exchange of this.#open) exchange.closed()
      this.#open.clear()
    })
  }
  add(exchange: Open): void {
    this.#open.add(exchange)
  }
  remove(exchange: Open, sent?: ServerResponse): void {
    this.#open.delete(exchange)
    if (sent !== undefined) this.#sent = sent
  }
  get idle(): boolean {
    return this.#open.size === 0 && (this.#sent === undefined || this.#sent.writableFinished)
  }
  /** No further request can come: the last of the open answers closes the connection. `false` when none is open. */
  finish(): boolean {
    let last: Open | undefined
    for (const exchange of this.#open) last = exchange
    last?.last()
    return last !== undefined
  }
}

/** The connection of a socket; the same one every time. */
export function connectionOf(socket: Socket): Connection {
  const held = socket as Held
  held[key] ??= new Connection(socket)
  return held[key]
}
