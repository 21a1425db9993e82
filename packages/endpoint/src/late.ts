// Answers that nobody waits for any more, as they are reported.
import type { MethodInfo } from './method.ts'
import type { Outcome } from './result.ts'
import { report, type TelemetryListener, type TimeoutLate } from './telemetry.ts'

/** The event of an outcome that came `late` milliseconds after its call was answered. */
export const timeoutLate = (method: MethodInfo | undefined, late: number, outcome: Outcome): TimeoutLate => ({
  kind: 'timeout.late',
  method,
  late: Math.max(0, late),
  ...(outcome._tag === 'Left' && { failure: outcome.left }),
})

/**
 * Reports an outcome that came `late` milliseconds after its call was answered (`timeout.late`), for transports. One that
 * only says that it was told to stop is no news.
 */
export function reportLate(
  listener: TelemetryListener | undefined,
  method: MethodInfo | undefined,
  late: number,
  outcome: Outcome,
): void {
  if (outcome._tag === 'Left' && (outcome.left.code === 'cancelled' || outcome.left.code === 'deadline_exceeded'))
    return
  report(listener, timeoutLate(method, late, outcome))
}
