// The time from opening to closing: the wait, then the trial with its probes, then perhaps a ramp.
import type { BreakerState } from '@tenon/endpoint'
import type { Recovery, Trial } from './recovery.ts'
import type { CircuitSnapshot } from './snapshot.ts'

/** A probe that is under way: who holds its place, and since when. */
interface Place {
  readonly at: number
}

/** Plain state; the circuit owns it. */
export interface Outage {
  /** Openings in a row: 1 for the first. */
  readonly opening: number
  readonly wait: number
  /** When it opened. */
  since: number
  /** Half-open from the moment there is one. */
  trial: Trial | undefined
  /** Probes that are under way and have not run out of time. */
  probes: Place[]
  /** When the last probe began. */
  last: number
  /** The trial ended well: since when calls come back step by step, and what part of the next one is saved up. */
  ramp: { since: number; credit: number } | undefined
  /** Somebody holds the circuit in this state; then nothing else of this matters. */
  readonly held: 'open' | 'closed' | undefined
}

export function outage(opening: number, wait: number, now: number, held?: 'open' | 'closed'): Outage {
  return { opening, wait, since: now, trial: undefined, probes: [], last: now, ramp: undefined, held }
}

/** The state that was last reported. */
export function reported({ held, trial, ramp }: Outage): BreakerState {
  return held ?? (trial === undefined && ramp === undefined ? 'open' : 'halfOpen')
}

/** The state at this moment: a wait or a ramp may be over, whether or not a call has come since. */
export function stateAt(outage: Outage, recovery: Recovery, now: number): BreakerState {
  if (outage.held !== undefined) return outage.held
  if (outage.ramp !== undefined) return shareOf(outage, recovery, now) < 1 ? 'halfOpen' : 'closed'
  return outage.trial === undefined && left(outage, now) > 0 ? 'open' : 'halfOpen'
}

/** What outlives the process. Probes do not: who is half-open tries again at once. */
export function remembered(outage: Outage, recovery: Recovery, now: number): Partial<CircuitSnapshot> {
  const { held, opening, wait } = outage
  if (held !== undefined) return { state: held, held: true }
  if (stateAt(outage, recovery, now) === 'closed') return {}
  return { state: 'open', opening, wait, left: Math.max(0, left(outage, now)) }
}

/** Milliseconds until the next probe may be admitted, see `CircuitOpen`. */
export function retryAfter(outage: Outage, { every }: Recovery, now: number): number {
  if (outage.held !== undefined) return outage.held === 'open' ? outage.wait : 0
  if (outage.ramp !== undefined) return 0
  if (outage.trial === undefined) return Math.max(0, left(outage, now))
  return Math.min(every, Math.max(0, every - (now - outage.last)))
}

/** Milliseconds that an open circuit has still to wait, 0 or less when none. */
export function left(outage: Outage, now: number): number {
  // Clocks do not go back. Should one do so all the same, what is under way counts from here.
  return Math.min(outage.wait, outage.wait - (now - outage.since))
}

/** Is there a place for another probe? */
export function hasPlace(outage: Outage, { concurrent, every, timeout }: Recovery, now: number): boolean {
  if (outage.trial === undefined) return false
  if (now < outage.last) outage.last = now
  if (now - outage.last < every) return false
  outage.probes = outage.probes.filter(({ at }) => now >= at && now - at < timeout)
  return outage.probes.length < Math.min(concurrent, outage.trial.wants)
}

export function takePlace(outage: Outage, probe: Place): void {
  outage.probes.push(probe)
  outage.last = probe.at
}

/** One that ran out of time has lost its place already, and still has its say. */
export function leavePlace({ probes }: Outage, probe: Place): void {
  const place = probes.indexOf(probe)
  if (place >= 0) probes.splice(place, 1)
}

/** The trial has ended well: calls come back step by step from here. */
export function startRamp(outage: Outage, now: number): void {
  outage.trial = undefined
  outage.probes = []
  outage.ramp = { since: now, credit: 0 }
}

/** The share of calls that the ramp admits at this moment; 1 when it is over, or when there is none any more. */
export function shareOf({ ramp }: Outage, recovery: Recovery, now: number): number {
  if (ramp === undefined || recovery.ramp === undefined) return 1
  const { shares, every = 1_000 } = recovery.ramp
  return shares[Math.max(0, Math.floor((now - ramp.since) / every))] ?? 1
}

/** Is this call one of the share? Evenly spread, without a die: of four calls at 0.25 one is. */
export function inShare(outage: Outage, share: number, now: number): boolean {
  const { ramp } = outage
  if (ramp === undefined) return true
  if (now < ramp.since) ramp.since = now
  // Sums of shares such as 0.1 fall short of 1 by a rounding.
  ramp.credit += share + 1e-12
  if (ramp.credit < 1) return false
  ramp.credit -= 1
  return true
}
