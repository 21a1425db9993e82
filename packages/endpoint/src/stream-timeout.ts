// Time limits for the items of a stream. An operator and not a middleware, because the stream's own failures grow by one.
import type { Clock } from './clock.ts'
import { lifeOf, relive } from './context.ts'
import { type AnyEndpoint, type Core, fromCore, settledOf } from './core.ts'
import type { Endpoint } from './endpoint.ts'
import { type DeadlineExceeded, deadlineExceeded, type Failure } from './failure.ts'
import { knownOptions, type OptionNames } from './known-options.ts'
import type { Life } from './life.ts'
import type { Outcome } from './result.ts'
import { isStream, type Stream, stream } from './stream.ts'
import type { Timer } from './timer.ts'

/** Milliseconds, above 0; what is not given is not limited. */
export interface StreamTimeoutOptions {
  /** From the moment the first item is asked for until it comes. */
  readonly first?: number
  /** From the moment a further item is asked for until it comes: a reader that takes its time costs the source none. */
  readonly between?: number
  /** From the opening to the end, whatever the reader does. */
  readonly total?: number
}

const named: OptionNames<StreamTimeoutOptions> = { first: true, between: true, total: true }

/**
 * Ends a stream whose items come too late: its last item is `DeadlineExceeded`, what made it sees its context end, and
 * its source is closed. The opening itself is limited by `timeout`.
 *
 * @throws TypeError for a limit that is no number above 0, and where none is given.
 */
export function streamTimeout(
  options: StreamTimeoutOptions,
): <I, O, F extends Failure, E extends Failure, R>(
  next: Endpoint<I, Stream<O, F>, E, R>,
) => Endpoint<I, Stream<O, F | DeadlineExceeded>, E, R> {
  knownOptions('streamTimeout', options, named)
  const { first, between, total } = options
  const given = Object.entries({ first, between, total }).filter(([, ms]) => ms !== undefined)
  for (const [name, ms] of given)
    if (typeof ms !== 'number' || !(ms > 0))
      throw new TypeError(`streamTimeout: ${name} is milliseconds above 0 and not ${String(ms)}`)
  if (given.length === 0) throw new TypeError('streamTimeout: give one of first, between and total')
  return ((next: AnyEndpoint): AnyEndpoint => {
    const run = settledOf(next)
    const core: Core = (input, ctx) => {
      const life = lifeOf(ctx).child()
      return run(input, relive(ctx, life)).then((outcome): Outcome => {
        if (outcome._tag === 'Right' && isStream(outcome.right)) {
          const limited = new Limited(outcome.right, life, options)
          return { _tag: 'Right', right: stream({ [Symbol.asyncIterator]: () => limited }) }
        }
        life.finish()
        return outcome
      })
    }
    return fromCore(Object.assign(core, { safe: true }), next.method)
  }) as never
}

type Step = IteratorResult<Outcome, undefined>

class Limited implements AsyncIterator<Outcome, undefined> {
  readonly #items: AsyncIterator<Outcome>
  readonly #life: Life
  readonly #clock: Clock
  readonly #first: number | undefined
  readonly #between: number | undefined
  readonly #total: Timer | undefined
  readonly #waiting = new Set<(last: Step) => void>()
  #begun = false
  #last: Step | undefined

  constructor(source: AsyncIterable<Outcome>, life: Life, { first, between, total }: StreamTimeoutOptions) {
    this.#items = source[Symbol.asyncIterator]()
    this.#life = life
    this.#clock = life.clock
    this.#first = first
    this.#between = between
    if (total !== undefined) this.#total = this.#after(total, `the stream was not over after ${total} ms`)
  }

  next(): Promise<Step> {
    if (this.#last !== undefined) return Promise.resolve(this.#last)
    const ms = this.#begun ? this.#between : this.#first
    const late = this.#begun ? `no item within ${ms} ms` : `no first item within ${ms} ms`
    this.#begun = true
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : this.#after(ms, late)
      const settled = (step: Step): void => {
        timer?.cancel()
        this.#waiting.delete(settled)
        resolve(step)
      }
      this.#waiting.add(settled)
      this.#items.next().then((step) => {
        if (step.done === true || step.value._tag === 'Left') this.#finish()
        settled(step as Step)
      })
    })
  }

  async return(): Promise<Step> {
    this.#finish()
    await this.#items.return?.()
    return { done: true, value: undefined }
  }

  #finish(): void {
    this.#total?.cancel()
    this.#life.finish()
  }

  #after(ms: number, message: string): Timer {
    return this.#clock.at(this.#clock.now() + ms, () => {
      const failure = deadlineExceeded(message)
      this.#last = { done: false, value: { _tag: 'Left', left: failure } }
      this.#total?.cancel()
      // The source hears that the time is over before it is asked to return: it may be waiting for something else.
      this.#life.end(failure)
      void this.#items.return?.()
      for (const settle of this.#waiting) settle(this.#last)
    })
  }
}
