// How busy this process is: the share of time in which its event loop had something to do.
import { performance } from 'node:perf_hooks'

/** Milliseconds between two readings: one costs a microsecond. */
const every = 250
/** Milliseconds in which a change is taken in by 63 %: a single long turn is no overload. */
const memory = 1_000

let last = performance.eventLoopUtilization()
let at = performance.now()
let smooth = 0

/**
 * The utilisation of the event loop, 0..1, smoothed over a second: what `bbr` and `shed` go by unless told otherwise. A
 * process of Node runs JavaScript on one core, however many it has: 0.8 here is what 80 % of the CPU is to others. No
 * timer: it is read anew when somebody asks, four times a second at most.
 */
export function eventLoopLoad(): number {
  const now = performance.now()
  const elapsed = now - at
  if (elapsed < every) return smooth
  const reading = performance.eventLoopUtilization()
  const { utilization } = performance.eventLoopUtilization(reading, last)
  smooth += (utilization - smooth) * -Math.expm1(-elapsed / memory)
  last = reading
  at = now
  return smooth
}
