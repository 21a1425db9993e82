// A stream of messages that come in on a call, as outcomes: read one by one, so that who does not read holds the sender back.
import type { Readable } from 'node:stream'
import {
  type Context,
  cancelled,
  type Ending,
  type Failure,
  type Outcome,
  onEnding,
  type Stream,
  stream,
} from '@tenon/endpoint'
import type { Message } from './line.ts'

const done: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** What a source of messages needs beside its bytes. */
export interface Reading {
  readonly decode: (message: Message) => unknown
  /** Why the source ended by an error, told by who knows its status. */
  readonly failureOf: (cause: unknown) => Failure
  /** The reader stops before the end. */
  readonly stop: (why: Ending | undefined) => void
  /** For servers: was the call cancelled by the other side? Clients hear it by a status. */
  readonly wasCut?: () => boolean
}

type Step = IteratorResult<Outcome, undefined>

/**
 * Turns of the event loop that the end of a stream waits. A client on Node that gives a stream up ends it first and resets it
 * then: two frames, the second of which came two or three turns after the first (measured, loopback). What is taken for
 * complete in between would be half a stream.
 */
const turns = 8

/** Ends with the call, with the source, or with the first message that does not fit. */
export function messages(
  source: Readable,
  ctx: Context,
  { decode, failureOf, stop, wasCut }: Reading,
): Stream<unknown, Failure> {
  let over: Step | undefined
  let waiting: ((step: Step) => void) | undefined

  const answer = (step: Step): void => {
    const resolve = waiting
    waiting = undefined
    resolve?.(step)
  }
  const end = (last: Step): void => {
    if (over !== undefined) return
    over = done
    listening[Symbol.dispose]()
    if (waiting === undefined) over = last
    else answer(last)
  }
  const fail = (failure: Failure): void => end({ done: false, value: { _tag: 'Left', left: failure } })
  const pull = (): void => {
    if (waiting === undefined || over !== undefined) return
    const message: Message = source.read()
    if (message === null) return
    const item = guarded(message)
    if (item._tag === 'Left') {
      fail(item.left)
      stop(undefined)
    } else answer({ done: false, value: item })
  }
  const settle = (left: number): void => {
    if (wasCut?.()) fail(cancelled('the other side broke the stream off'))
    else if (left > 0) setImmediate(settle, left - 1)
    else if (source.readableEnded) end(last)
    else fail(cancelled('the other side is gone'))
  }
  const guarded = (message: Message): Outcome => {
    try {
      return decode(message) as Outcome
    } catch (cause) {
      return { _tag: 'Left', left: failureOf(cause) }
    }
  }
  const listening = onEnding(ctx, (why) => {
    fail(why)
    stop(why)
  })
  source.on('readable', pull)
  // What is read already comes first: grpc-js tells of a status that is a failure when it arrives, and ends after the rest.
  let last: Step = done
  source.on('end', () => (last === done && wasCut !== undefined ? settle(turns) : end(last)))
  source.on('close', () => {
    if (!source.readableEnded) settle(1)
  })
  source.on('error', (cause) => {
    last = { done: false, value: { _tag: 'Left', left: failureOf(cause) } }
    if (source.destroyed || source.readableEnded) end(last)
    else pull()
  })

  return stream({
    [Symbol.asyncIterator]: () => ({
      next() {
        if (over !== undefined) {
          const last = over
          over = done
          return Promise.resolve(last)
        }
        return new Promise<Step>((resolve) => {
          waiting = resolve
          pull()
        })
      },
      return() {
        if (over === undefined) {
          end(done)
          stop(undefined)
        }
        over = done
        return Promise.resolve(done)
      },
    }),
  }) as Stream<unknown, Failure>
}
