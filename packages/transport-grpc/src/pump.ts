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

/** Bytes that may be written and not taken, beside the one item that goes beyond. */
const most = 262_144
/** Bytes of an item that is not worth counting: a sink takes 16 of them. */
const small = 4_096

/**
 * Writes until the source ends or fails, an item has more than `limit` bytes, or `over()` says that nobody takes more; then
 * the source is closed. `waits` hears how many bytes wait for the reader, and of none when it goes on. Rejects with what
 * `encode` throws.
 */
export async function pump(
  items: AsyncIterator<Outcome>,
  sink: Writable,
  encode: (value: unknown) => Message | PromiseLike<Message>,
  limit: number,
  over: () => boolean,
  waits: (bytes: number) => void = () => {},
): Promise<Pumped> {
  let held = 0
  let wake: (() => void) | undefined
  for (let sent = 1; ; sent++) {
    const step = await items.next()
    if (step.done === true || over()) break
    if (step.value._tag === 'Left') return { failure: step.value.left }
    const encoding = encode(step.value.right)
    const message = isLater(encoding) ? await encoding : encoding
    if (over()) break
    const refused = tooLarge(message, limit)
    if (refused !== undefined) return { refused }
    const bytes = message instanceof Uint8Array ? message.length : 0
    if (bytes <= small) sink.write(message)
    else {
      held += bytes
      sink.write(message, () => {
        held -= bytes
        wake?.()
      })
    }
    if (sink.writableNeedDrain || held > most) {
      waits(Math.max(held, 1))
      while (!over() && !sink.destroyed && (sink.writableNeedDrain || held > most))
        await moved(sink, (go) => {
          wake = go
        })
      wake = undefined
      if (!over()) waits(0)
    }
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

/** Until the sink has taken something, or is gone. */
function moved(sink: Writable, wakes: (go: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of ends) sink.off(event, go)
      resolve()
    }
    for (const event of ends) sink.on(event, go)
    wakes(go)
  })
}
