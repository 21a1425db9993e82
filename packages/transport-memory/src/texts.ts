// Messages as texts and back: one envelope for values and failures, and streams of them, item by item.
import type { WireFailure } from '@tenon/contract'
import {
  type Context,
  defect,
  type Ending,
  type Failure,
  type Outcome,
  onEnding,
  report,
  type Stream,
  stream,
} from '@tenon/endpoint'
import type { Texts } from './wire.ts'

/** Writes values one way; what the codecs do not take throws. */
export interface Writer {
  readonly value: (value: never) => unknown
  readonly failure: (failure: Failure) => WireFailure
}

/** Reads them on the other side. */
export interface Reader {
  readonly value: (raw: unknown) => Outcome
  readonly failure: (wire: WireFailure) => Failure
  /** Bytes of a message. */
  readonly limit: number
  /** What more than that is answered with. */
  readonly tooLarge: (limit: number) => Failure
}

/** A success or a failure as JSON. */
export const write = (outcome: Outcome, { value, failure }: Writer): string =>
  JSON.stringify(
    outcome._tag === 'Right' ? { value: value(outcome.right as never) } : { failure: failure(outcome.left) },
  )

/** What `write` wrote, decoded. */
export function read(text: string, { value, failure, limit, tooLarge }: Reader): Outcome {
  // A UTF-16 unit has at most three bytes in UTF-8: most texts need not be counted.
  if (text.length * 3 > limit && Buffer.byteLength(text) > limit) return { _tag: 'Left', left: tooLarge(limit) }
  const message = JSON.parse(text) as { readonly value?: unknown; readonly failure?: WireFailure }
  return message.failure === undefined ? value(message.value) : { _tag: 'Left', left: failure(message.failure) }
}

/** A stream's items as texts, each made when it is asked for. */
export interface Sending extends Texts {
  /** Ends it with this failure, also for whoever waits for the next text. */
  breakOff(failure: Failure): void
}

export function sending(source: AsyncIterable<Outcome>, writer: Writer): Sending {
  const items = source[Symbol.asyncIterator]()
  let broken: string | undefined
  let wake: ((text: string | undefined) => void) | undefined
  const stop = (): void => {
    items.return?.().catch(() => undefined)
  }
  const text = (step: IteratorResult<Outcome, unknown>): string | undefined => {
    if (step.done === true) return undefined
    try {
      return write(step.value, writer)
    } catch (cause) {
      report(undefined, { kind: 'defect', method: undefined, cause })
      stop()
      return write({ _tag: 'Left', left: defect(cause) }, writer)
    }
  }
  return {
    next: () =>
      broken === undefined
        ? new Promise((resolve, reject) => {
            wake = resolve
            items.next().then(text).then(resolve, reject)
          })
        : Promise.resolve(broken),
    stop,
    breakOff(failure) {
      broken ??= write({ _tag: 'Left', left: failure }, writer)
      wake?.(broken)
      stop()
    },
  }
}

/** The stream of those texts: it ends with the call, and stops the other side when its reader stops. */
export function receiving(texts: Texts, ctx: Context, reader: Reader): Stream<unknown, Failure> {
  let ended: Ending | undefined
  let wake: ((step: IteratorResult<Outcome, undefined>) => void) | undefined
  const last = (why: Ending): IteratorResult<Outcome, undefined> => ({
    done: false,
    value: { _tag: 'Left', left: why },
  })
  const listening = onEnding(ctx, (why) => {
    ended = why
    texts.stop(why)
    wake?.(last(why))
  })
  const close = (): void => listening[Symbol.dispose]()
  const arrived = (text: string | undefined): IteratorResult<Outcome, undefined> => {
    if (text !== undefined) return { done: false, value: read(text, reader) }
    close()
    return { done: true, value: undefined }
  }
  return stream({
    [Symbol.asyncIterator]: () => ({
      next: () =>
        ended === undefined
          ? new Promise<IteratorResult<Outcome, undefined>>((resolve, reject) => {
              wake = resolve
              texts.next().then(arrived).then(resolve, reject)
            })
          : Promise.resolve(last(ended)),
      return() {
        close()
        texts.stop()
        return Promise.resolve({ done: true as const, value: undefined })
      },
    }),
  }) as Stream<unknown, Failure>
}
