// A request as our servers let Node make it. Node hands a body over by calling `push`, piece by piece; where somebody
// takes the pieces there and then, they do not travel through a stream, which is a seventh of what a small request costs.
import { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** Takes a body as it comes. */
export interface Taker {
  piece(chunk: Buffer): void
  /** That was all of it. */
  whole(): void
}

/** Takes nothing, of a request that has no body. */
export const nothing: Taker = { piece() {}, whole() {} }

/** Where all was taken: whoever took it is let go, for an idle connection remembers its last request. */
const taken: Taker = { ...nothing }

export class Incoming extends IncomingMessage {
  /** Takes the body; while it is `undefined` this is a stream like any other. */
  taker: Taker | undefined = undefined

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    const { taker } = this
    if (taker === undefined) return super.push(chunk, encoding)
    if (chunk === null) {
      this.taker = taken
      taker.whole()
    } else taker.piece(chunk as Buffer)
    return true
  }

  /** Node's own, not documented: reads to its end, after the answer, what nobody has read. Here there is nothing left. */
  protected _dump(): void {
    if (this.taker !== undefined) return
    const { _dump } = IncomingMessage.prototype as { _dump?: () => void }
    _dump?.call(this)
  }
}

const ended = Object.getOwnPropertyDescriptor(Readable.prototype, 'readableEnded')?.get

// What is taken is read: Node asks when it looks whether a request is over. The types call it a field, which a class may
// not override.
Object.defineProperty(Incoming.prototype, 'readableEnded', {
  get(this: Incoming): unknown {
    return this.taker === taken || ended?.call(this)
  },
  configurable: true,
})
