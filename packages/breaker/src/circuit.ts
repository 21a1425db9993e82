// One circuit: the state machine of a breaker. The middleware drives it, and so may a simulator under virtual time.
import { type BreakerState, knownOptions, type OptionNames } from '@tenon/endpoint'
import { type Blueprint, blueprint, type CircuitOptions } from './blueprint.ts'
import type { Verdict } from './classify.ts'
import type { Detection } from './detector.ts'
import type { Trial } from './recovery.ts'

/** Leave to make one call. */
export interface Permit {
  /** The circuit's state when it was given: each transition begins another generation. */
  readonly generation: number
  /** Was it given as a probe, by a half-open circuit? */
  readonly probe: boolean
}

/** A circuit. `now` is milliseconds of its clock; without it, the clock is read where a moment is needed. */
export interface Circuit {
  /** Leave to make a call, `undefined` where it may not be made. Every permit must be recorded, once. */
  admit(now?: number): Permit | undefined
  /** Tells how the call ended. A permit of an earlier generation changes nothing. */
  record(permit: Permit, verdict: Verdict, now?: number): void
  /** The state at this moment. An open circuit is half-open as soon as its wait is over, whether or not a probe came. */
  state(now?: number): BreakerState
  /** Milliseconds until the next probe may be admitted, see `CircuitOpen`; 0 for a closed circuit. */
  retryAfter(now?: number): number
}

const named: OptionNames<CircuitOptions> = {
  detector: true,
  recovery: true,
  clock: true,
  random: true,
  onTransition: true,
}

/**
 * A circuit: `admit`, make the call, `record` what came of it. Most people want `breaker`, which does just that. O(1) a
 * call while closed or open, O(probes under way) while half-open; no timers.
 */
export function circuit(options: CircuitOptions = {}): Circuit {
  knownOptions('circuit', options, named)
  const { onTransition } = options
  return new Machine(
    blueprint(options, (_, from, to) => onTransition?.(from, to)),
    '',
  )
}

class Given implements Permit {
  readonly generation: number
  readonly probe: boolean
  /** When the call began, where somebody needs to know. */
  readonly at: number
  constructor(generation: number, probe: boolean, at: number) {
    this.generation = generation
    this.probe = probe
    this.at = at
  }
}

/** The permit of every circuit that has not opened yet: calls are told apart only where their duration matters. */
const first = new Given(0, false, 0)

/** The time from opening to closing. */
interface Outage {
  /** Openings in a row: 1 for the first. */
  readonly opening: number
  readonly wait: number
  /** When it opened. */
  since: number
  /** Half-open from the moment there is one. */
  trial: Trial | undefined
  /** Probes that are under way and have not run out of time. */
  probes: Given[]
  /** When the last probe began. */
  last: number
}

// A class, since there may be one for each key of many: some 60 bytes and its detection while it is closed.
export class Machine implements Circuit {
  readonly #shared: Blueprint
  readonly #key: string
  readonly #detection: Detection
  #outage: Outage | undefined
  /** What a closed circuit gives, and in every state the current generation. */
  #permit: Given = first

  constructor(shared: Blueprint, key: string) {
    this.#shared = shared
    this.#key = key
    this.#detection = shared.detector.start()
  }

  /** Is the next `admit` sure to give a permit, without reading the clock? */
  get free(): boolean {
    return this.#outage === undefined && this.#shared.detector.durations !== true
  }

  /** When the wait of the last opening was or will be over; `undefined` while it is closed. */
  get due(): number | undefined {
    return this.#outage && this.#outage.since + this.#outage.wait
  }

  /** It is forgotten: what is under way changes nothing any more, and nobody goes on believing that it is open. */
  retire(): void {
    const outage = this.#outage
    this.#outage = undefined
    this.#turn()
    if (outage !== undefined) this.#tell(outage.trial === undefined ? 'open' : 'halfOpen', 'closed')
  }

  admit(now?: number): Permit | undefined {
    const outage = this.#outage
    if (outage !== undefined) return this.#probe(outage, now ?? this.#shared.clock.now())
    if (this.#shared.detector.durations !== true) return this.#permit
    return new Given(this.#permit.generation, false, now ?? this.#shared.clock.now())
  }

  record(permit: Permit, verdict: Verdict, now?: number): void {
    if (permit.generation !== this.#permit.generation) return
    const outage = this.#outage
    if (outage !== undefined) this.#judge(outage, permit as Given, verdict, now)
    else if (verdict !== 'ignored') this.#detect(permit as Given, verdict === 'failure', now)
  }

  state(now?: number): BreakerState {
    const outage = this.#outage
    if (outage === undefined) return 'closed'
    if (outage.trial !== undefined) return 'halfOpen'
    return left(outage, now ?? this.#shared.clock.now()) > 0 ? 'open' : 'halfOpen'
  }

  retryAfter(now?: number): number {
    const outage = this.#outage
    if (outage === undefined) return 0
    const at = now ?? this.#shared.clock.now()
    if (outage.trial === undefined) return Math.max(0, left(outage, at))
    const { every } = this.#shared.recovery
    return Math.min(every, Math.max(0, every - (at - outage.last)))
  }

  #detect(permit: Given, failed: boolean, now: number | undefined): void {
    const { detector, clock } = this.#shared
    const durations = detector.durations === true
    const at = now ?? (durations || this.#detection.timed ? clock.now() : undefined)
    const moment = at ?? 0
    if (this.#detection.record(failed, moment, durations ? moment - permit.at : 0))
      this.#open('closed', 1, 0, at ?? clock.now())
  }

  #probe(outage: Outage, now: number): Permit | undefined {
    // Clocks do not go back. Should one do so all the same, what is under way counts from here.
    if (now < outage.since) outage.since = now
    if (outage.trial === undefined) {
      if (left(outage, now) > 0) return undefined
      this.#turn()
      outage.trial = this.#shared.recovery.trial()
      const permit = this.#place(outage, now)
      this.#tell('open', 'halfOpen')
      return permit
    }
    const { concurrent, every, timeout } = this.#shared.recovery
    if (now < outage.last) outage.last = now
    if (now - outage.last < every) return undefined
    outage.probes = outage.probes.filter(({ at }) => now >= at && now - at < timeout)
    return outage.probes.length < Math.min(concurrent, outage.trial.wants) ? this.#place(outage, now) : undefined
  }

  #place(outage: Outage, now: number): Permit {
    const permit = new Given(this.#permit.generation, true, now)
    outage.probes.push(permit)
    outage.last = now
    return permit
  }

  #judge(outage: Outage, permit: Given, verdict: Verdict, now: number | undefined): void {
    // One that ran out of time has lost its place and still has its say.
    const place = outage.probes.indexOf(permit)
    if (place >= 0) outage.probes.splice(place, 1)
    if (verdict === 'ignored') return
    const at = now ?? this.#shared.clock.now()
    const end = outage.trial?.record(verdict === 'failure', at)
    if (end === 'open') this.#open('halfOpen', outage.opening + 1, outage.wait, at)
    else if (end === 'close') {
      this.#outage = undefined
      this.#detection.clear()
      this.#turn()
      this.#tell('halfOpen', 'closed')
    }
  }

  #open(from: BreakerState, opening: number, before: number, now: number): void {
    const { recovery, random } = this.#shared
    const wait = recovery.wait.next(opening, before, random)
    this.#outage = { opening, wait, since: now, trial: undefined, probes: [], last: now }
    this.#turn()
    this.#tell(from, 'open')
  }

  /** What was admitted until now is of an earlier generation. */
  #turn(): void {
    this.#permit = new Given(this.#permit.generation + 1, false, 0)
  }

  #tell(from: BreakerState, to: BreakerState): void {
    this.#shared.tell(this.#key, from, to)
  }
}

/** Milliseconds that an open circuit has still to wait, 0 or less when none. */
const left = (outage: Outage, now: number): number => Math.min(outage.wait, outage.wait - (now - outage.since))
