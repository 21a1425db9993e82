// A stream of outcomes into a call, item by item: the next is asked for when the one before has been taken.
import type { Writable } from 'node:stream'
import type { Failure, Outcome } from '@tenon/endpoint'
import { isLater, type Message, tooLarge } from './line.ts'

/** Where it stopped: with neither, at its end. */
export interface Pumped {
  /** What the stream failed with. */
  readonly failure?: Failure
  /** What is wrong with an item that may not be sent. */
  readonly refused?: Failure
}

/**
 * Writes until the source ends or fails, an item has more than `limit` bytes, or `over()` says that nobody takes more; then
 * the source is closed. Rejects with what `encode` throws.
 */
export async function pump(
  items: AsyncIterator<Outcome>,
  sink: Writable,
  encode: (value: unknown) => Message | PromiseLike<Message>,
  limit: number,
  over: () => boolean,
): Promise<Pumped> {
  for (let sent = 1; ; sent++) {
    const step = await items.next()
    if (step.done === true || over()) break
    if (step.value._tag === 'Left') return { failure: step.value.left }
    const encoding = encode(step.value.right)
    const message = isLater(encoding) ? await encoding : encoding
    if (over()) break
    const refused = tooLarge(message, limit)
    if (refused !== undefined) return { refused }
    if (!sink.write(message)) await drained(sink, over)
    // Until a call has opened, grpc-js takes a megabyte for one that it may have to begin anew, and says at once that it has
    // it: of small items many thousands, in which nothing else would run and nobody hear that they are not wanted.
    if (sent % inARow === 0) await nextTurn()
    if (over()) break
  }
  if (over()) items.return?.().catch(() => undefined)
  return {}
}

/** Items that are sent before everything else has its turn. */
const inARow = 32

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const ends = ['drain', 'close', 'error', 'cancelled', 'finish'] as const

/** Until the sink takes more, or is gone. */
function drained(sink: Writable, over: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of ends) sink.off(event, go)
      resolve()
    }
    for (const event of ends) sink.on(event, go)
    if (over() || sink.destroyed) go()
  })
}
