// For tests and simulations: a clock that moves when told, randomness that repeats, an endpoint that does nothing.
import { type Clock, sleepOn } from './clock.ts'
import type { Endpoint } from './endpoint.ts'
import { endpoint } from './make.ts'
import type { Random } from './random.ts'
import { ok } from './result.ts'
import type { Timer } from './timer.ts'

/** A clock that stands still until it is moved. */
export interface VirtualClock extends Clock {
  /**
   * Moves on by `ms` milliseconds: runs what falls due on the way, in order of time, and lets all promises settle after
   * each.
   */
  advance(ms: number): Promise<void>
  /** Moves on without waiting for promises: for pure state machines and simulators. */
  advanceSync(ms: number): void
  /** Timers that wait. A test that leaves none behind has cleaned up. */
  readonly pending: number
}

interface Waiting extends Timer {
  readonly when: number
  readonly order: number
  readonly run: () => void
}

// Taken at import: a test that mocks timers must not stop this clock.
const { setImmediate: afterPromises } = globalThis

/** A clock that starts at `start` (milliseconds, default 0) and moves when told. */
export function virtualClock(start = 0): VirtualClock {
  let now = start
  let order = 0
  const waiting = new Set<Waiting>()
  const due = (until: number): Waiting | undefined => {
    let first: Waiting | undefined
    for (const timer of waiting)
      if (
        timer.when <= until &&
        (first === undefined || timer.when < first.when || (timer.when === first.when && timer.order < first.order))
      )
        first = timer
    return first
  }
  const fire = (timer: Waiting): void => {
    waiting.delete(timer)
    now = Math.max(now, timer.when)
    timer.run()
  }
  const clock: VirtualClock = {
    now: () => now,
    at(when, run) {
      const timer: Waiting = { when, order: order++, run, cancel: () => void waiting.delete(timer) }
      waiting.add(timer)
      return timer
    },
    sleep: (ms, signal) => sleepOn(clock, ms, signal),
    async advance(ms) {
      const until = now + ms
      await new Promise(afterPromises)
      for (let timer = due(until); timer !== undefined; timer = due(until)) {
        fire(timer)
        await new Promise(afterPromises)
      }
      now = until
      await new Promise(afterPromises)
    },
    advanceSync(ms) {
      const until = now + ms
      for (let timer = due(until); timer !== undefined; timer = due(until)) fire(timer)
      now = until
    },
    get pending() {
      return waiting.size
    },
  }
  return clock
}

/**
 * Repeatable randomness: sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, 128 bits of state), seeded through
 * SplitMix32. The same seed gives the same numbers on every machine.
 */
export function seeded(seed: number): Random {
  let mix = seed | 0
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0
    let z = mix ^ (mix >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) | 0
  }
  let a = split()
  let b = split()
  let c = split()
  let count = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** An endpoint that takes anything and answers nothing. */
export const nop: Endpoint<unknown, void> = endpoint(() => ok())
