// What the cases of streams read from: sources that count, wait, and tell when they are closed.
import { type Context, type Outcome, ok, type Stream, stream } from '@tenon/endpoint'
import { type Item, Refused } from '../everything.ts'

/** A declared failure, for the middle of a stream. */
export const refused: ReturnType<typeof Refused> = Refused({ why: 'no', at: new Date('2026-01-02T03:04:05.678Z') })

/** More than any wire takes at once. */
export const large: string = 'x'.repeat(20_000_000)

/** Counts to `n`, and writes down what it makes and that it was closed. */
export async function* upTo(n: number, log: string[] = []): AsyncGenerator<Outcome> {
  try {
    for (let i = 0; i < n; i++) {
      log.push(`made ${i}`)
      yield ok({ n: i })
    }
  } finally {
    log.push('closed')
  }
}

/** One item; then it waits until its call has ended. */
export async function* oneThenWait({ signal }: Context, log: string[]): AsyncGenerator<Outcome> {
  yield ok({ n: 0 })
  log.push('waits')
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  log.push('told')
}

/** What a reader of `upTo(n)` has read. */
export const numbers = (n: number): Outcome[] => Array.from({ length: n }, (_, i) => ok({ n: i }))

/** A source as the stream that a caller sends. */
export const given = (source: AsyncIterable<Outcome>): Stream<Item> => stream(source as AsyncIterable<never>)
