// Where callers wait for something to become true: each with a time limit, all together with a bound.
import { type Clock, type Context, onEnding } from '@tenon/endpoint'

export interface Waiting {
  /** Waits until `enough()`; at most `ms`, and no longer than the call lasts. */
  until(enough: () => boolean, ms: number, ctx?: Context): Promise<void>
  /** Something has changed: lets go of whoever has enough. */
  look(): void
}

interface Waiter {
  readonly enough: () => boolean
  readonly finish: () => void
}

/** A place for up to `limit` waiters; when it is full, one more does not wait. */
export function waiting(clock: Clock, limit: number): Waiting {
  const waiters = new Set<Waiter>()
  return {
    until(enough, ms, ctx) {
      if (ms === 0 || waiters.size >= limit || enough()) return Promise.resolve()
      return new Promise((resolve) => {
        let ending: Disposable | undefined
        let over = false
        const finish = (): void => {
          over = true
          waiters.delete(waiter)
          timer.cancel()
          ending?.[Symbol.dispose]()
          resolve()
        }
        const waiter: Waiter = { enough, finish }
        const timer = clock.at(clock.now() + ms, finish)
        waiters.add(waiter)
        // A call that has ended says so at once.
        ending = ctx && onEnding(ctx, finish)
        if (over) ending?.[Symbol.dispose]()
      })
    },
    look() {
      for (const waiter of waiters) if (waiter.enough()) waiter.finish()
    },
  }
}
