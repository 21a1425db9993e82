// Time, through one narrow door: monotonic milliseconds, a timer at a moment, a sleep.
import type { Timer } from './timer.ts'
import { wheel } from './wheel.ts'

/** Monotonic time. Every policy takes one, so that tests and simulations can drive it. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Runs `run` once `now()` has reached `when`: never early, and on the system clock up to some 5 ms late. */
  at(when: number, run: () => void): Timer
  /** Resolves after `ms` milliseconds, or at once when the signal aborts (ask `signal.aborted`). Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A `sleep` made of a clock's `now` and `at`: for those who write a clock. */
export function sleepOn(clock: Pick<Clock, 'now' | 'at'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.at(clock.now() + ms, done)
    signal?.addEventListener('abort', done)
  })
}

/** `performance.now()` and one timer wheel for the whole process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  at: (when, run) => wheel.add(when, run),
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
}
