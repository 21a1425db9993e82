// A time limit for what is inside: the deadline is shortened for it, and the answer comes in time even when it does not.

import type { Either } from 'fp-ts/lib/Either.js'
import { lifeOf, relive } from './context.ts'
import { type DeadlineExceeded, type Defect, deadlineExceeded, type Failure } from './failure.ts'
import { chain, type Middleware, middleware } from './middleware.ts'
import { isStream, whenEnds } from './stream.ts'
import { report, type TelemetryListener } from './telemetry.ts'

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /** Hears of late results (`timeout.late`). Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener
}

/**
 * Answers `DeadlineExceeded` when what it wraps has not answered within `ms` milliseconds, or by the caller's deadline
 * when that is earlier. What is inside sees the shortened deadline and its signal aborts. A late answer is dropped and
 * reported. A stream must *open* in time. `'unbounded'` adds no limit, and says so; 0 and less are refused.
 */
export function timeout(ms: number | 'unbounded', options: TimeoutOptions = {}): Middleware<DeadlineExceeded> {
  if (ms === 'unbounded') return chain()
  if (typeof ms !== 'number' || !(ms > 0))
    throw new TypeError(`timeout: milliseconds above 0, or 'unbounded', and not ${String(ms)}`)
  return middleware<DeadlineExceeded>(
    (next) => (input, ctx) =>
      new Promise((resolve) => {
        const above = lifeOf(ctx)
        const { clock } = above
        const now = clock.now()
        const life = above.child(now + ms)
        const { deadline } = life
        if (deadline <= now) return resolve({ _tag: 'Left', left: deadlineExceeded() })
        let answered = false
        const timer = clock.at(deadline, () => {
          answered = true
          const failure = deadlineExceeded()
          resolve({ _tag: 'Left', left: failure })
          life.end(failure)
        })
        const settled = (outcome: Either<Failure, unknown>): void => {
          if (answered) {
            if (outcome._tag === 'Right' && isStream(outcome.right))
              void outcome.right[Symbol.asyncIterator]().return?.()
            report(options.onTelemetry, {
              kind: 'timeout.late',
              method: next.method,
              late: clock.now() - deadline,
              outcome,
            })
            return
          }
          timer.cancel()
          if (outcome._tag === 'Right' && isStream(outcome.right)) {
            life.unbind()
            resolve({ _tag: 'Right', right: whenEnds(outcome.right, () => life.finish()) } as never)
          } else {
            life.finish()
            resolve(outcome as Either<Defect, never>)
          }
        }
        void next(input, relive(ctx, life)).then(settled)
      }),
  )
}
