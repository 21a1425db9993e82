// Waiting for others' work, but not for ever.
import type { Clock } from '@tenon/endpoint'

/** What {@link within} answers in place of a result that did not come in time. */
export const late: unique symbol = Symbol('late')

/** From when it aborts, at most so many milliseconds more. */
export interface Hurry {
  readonly signal: AbortSignal
  readonly ms: number
}

/** What the work comes to, or `late` after `ms` milliseconds; the work goes on then, unheard. */
export function within<A>(clock: Clock, ms: number, work: Promise<A>, hurry?: Hurry): Promise<A | typeof late> {
  return new Promise((resolve, reject) => {
    const end = clock.now() + ms
    const sooner = (): void => {
      timer.cancel()
      timer = clock.at(Math.min(end, clock.now() + (hurry?.ms ?? 0)), () => done(() => resolve(late)))
    }
    let timer = clock.at(end, () => done(() => resolve(late)))
    const done = (settle: () => void): void => {
      timer.cancel()
      hurry?.signal.removeEventListener('abort', sooner)
      settle()
    }
    hurry?.signal.addEventListener('abort', sooner)
    work.then(
      (value) => done(() => resolve(value)),
      (cause) => done(() => reject(cause)),
    )
  })
}

/** The promise of what a function does, however it fails. */
export const begun = async <A>(work: () => A | Promise<A>): Promise<A> => work()
