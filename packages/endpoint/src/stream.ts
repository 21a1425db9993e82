// Streams of results: what a streaming method answers. A stream ends after its first failure; `return()` cancels it.
import type { Either } from 'fp-ts/lib/Either.js'
import { cancelled, type Defect, defect, type Failure } from './failure.ts'
import type { Outcome } from './result.ts'

/**
 * Values until the first failure, which ends it; a throw in its source becomes a last `Defect`. Whoever opens one reads
 * it to its end or calls `return()` (a `break` out of `for await` does), which cancels it. It can be read once.
 */
export interface Stream<out O, out E extends Failure = never> extends AsyncIterable<Either<E | Defect, O>> {}

/** Hears how a stream ended: its failure, `Cancelled` where the reader stopped early, else an `Ok` of nothing. */
export type StreamEnd = (outcome: Outcome) => void

const finished: Outcome = { _tag: 'Right', right: undefined }
const done: IteratorReturnResult<undefined> = { done: true, value: undefined }

class Opened implements Stream<unknown, Failure> {
  readonly #source: AsyncIterable<Outcome>
  readonly #onEnd: StreamEnd | undefined
  #read = false
  constructor(source: AsyncIterable<Outcome>, onEnd: StreamEnd | undefined) {
    this.#source = source
    this.#onEnd = onEnd
  }
  [Symbol.asyncIterator](): AsyncIterator<Outcome, undefined> {
    if (this.#read) throw new TypeError('a stream can be read once; this one was')
    this.#read = true
    return reader(this.#source, this.#onEnd)
  }
}

function reader(source: AsyncIterable<Outcome>, onEnd: StreamEnd | undefined): AsyncIterator<Outcome, undefined> {
  let inner: AsyncIterator<Outcome> | undefined
  let over = false
  const end = (outcome: Outcome): void => {
    over = true
    onEnd?.(outcome)
  }
  const stop = async (): Promise<void> => {
    try {
      // A stream that nobody read must hear of it as well: what is under it may be waiting for its end.
      inner ??= source[Symbol.asyncIterator]()
      await inner.return?.()
    } catch {
      // The stream has its outcome already; a source that throws while it is being closed cannot change it.
    }
  }
  return {
    async next() {
      if (over) return done
      try {
        inner ??= source[Symbol.asyncIterator]()
        const step = await inner.next()
        if (over) return done
        if (step.done === true) {
          end(finished)
          return done
        }
        if (step.value._tag === 'Left') {
          end(step.value)
          await stop()
        }
        return step
      } catch (cause) {
        if (over) return done
        const last: Outcome = { _tag: 'Left', left: defect(cause) }
        end(last)
        return { done: false, value: last }
      }
    },
    async return() {
      if (!over) {
        end({ _tag: 'Left', left: cancelled('the reader of the stream stopped') })
        await stop()
      }
      return done
    },
  }
}

/** A stream of what this iterable (often an async generator) yields. */
export const stream = <X extends Either<Failure, unknown>>(
  source: AsyncIterable<X>,
): Stream<
  X extends { readonly right: infer O } ? O : never,
  X extends { readonly left: infer E extends Failure } ? Exclude<E, Defect> : never
> => new Opened(source, undefined) as never

/** Is this a stream that the kernel made? */
export const isStream = (value: unknown): value is Stream<unknown, Failure> => value instanceof Opened

/** The same stream, and `onEnd` runs once when it ends. */
export const whenEnds = <O, E extends Failure>(source: Stream<O, E>, onEnd: StreamEnd): Stream<O, E> =>
  new Opened(source, onEnd) as unknown as Stream<O, E>
