// The state machine of a circuit: who may call, and what comes of how calls end.
import type { BreakerState } from '@tenon/endpoint'
import { type Blueprint, type CircuitOptions, exchange } from './blueprint.ts'
import type { Circuit, Permit } from './circuit.ts'
import type { Verdict } from './classify.ts'
import type { Detection, Detector } from './detector.ts'
import { first, Given } from './given.ts'
import {
  hasPlace,
  inShare,
  leavePlace,
  left,
  type Outage,
  outage as outageOf,
  remembered,
  reported,
  retryAfter,
  shareOf,
  startRamp,
  stateAt,
  takePlace,
} from './outage.ts'
import type { CircuitSnapshot } from './snapshot.ts'

// A class, since there may be one for each key of many: some 80 bytes and its detection while it is closed.
export class Machine implements Circuit {
  readonly #shared: Blueprint
  readonly #key: string
  /** What `#detection` was made from: the breaker may have another by now. */
  #detector: Detector
  #detection: Detection
  /** Neither there while it is closed, nor while its detector refuses a share of the calls. */
  #outage: Outage | undefined
  /** Was it reported that the detector refuses some calls? */
  #shedding = false
  /** What a closed circuit gives, and in every state the current generation. */
  #permit: Given = first

  constructor(shared: Blueprint, key: string) {
    this.#shared = shared
    this.#key = key
    this.#detector = shared.detector
    this.#detection = shared.detector.start()
  }

  /** Is the next `admit` sure to give a permit, without reading the clock? */
  get free(): boolean {
    return this.#outage === undefined && !this.#shared.timed
  }

  /** When the wait of the last opening was or will be over, never where it is held; `undefined` while it is closed. */
  get due(): number | undefined {
    const outage = this.#outage
    if (outage === undefined) return undefined
    return outage.held === undefined ? outage.since + outage.wait : Number.POSITIVE_INFINITY
  }

  /** It is forgotten: what is under way changes nothing any more, and nobody goes on believing that it is open. */
  retire(): void {
    this.#become(undefined)
  }

  admit(now?: number): Permit | undefined {
    const outage = this.#outage
    if (outage !== undefined) return this.#admitWithin(outage, now ?? this.#shared.clock.now())
    return this.#shared.timed ? this.#enter(now ?? this.#shared.clock.now()) : this.#permit
  }

  record(permit: Permit, verdict: Verdict, now?: number): void {
    if (permit.generation !== this.#permit.generation) return
    const outage = this.#outage
    if (outage?.trial !== undefined) this.#judge(outage, permit as Given, verdict, now)
    else if (verdict !== 'ignored' && outage?.held === undefined)
      this.#detect(permit as Given, verdict === 'failure', now)
  }

  state(now?: number): BreakerState {
    const outage = this.#outage
    if (outage !== undefined) return stateAt(outage, this.#shared.recovery, now ?? this.#shared.clock.now())
    if (this.#shared.detector.sheds !== true) return 'closed'
    return (this.#detection.share?.(now ?? this.#shared.clock.now()) ?? 0) > 0 ? 'halfOpen' : 'closed'
  }

  retryAfter(now?: number): number {
    const outage = this.#outage
    return outage === undefined ? 0 : retryAfter(outage, this.#shared.recovery, now ?? this.#shared.clock.now())
  }

  hold(state: 'open' | 'closed', now?: number): void {
    const { clock, recovery, random } = this.#shared
    const wait = recovery.wait.next(1, 0, random)
    this.#detection.clear()
    this.#become(outageOf(1, wait, now ?? clock.now(), state))
  }

  release(): void {
    if (this.#outage?.held !== undefined) this.#become(undefined)
  }

  swap(parts: Pick<CircuitOptions, 'detector' | 'recovery'>): void {
    exchange(this.#shared, parts)
  }

  /** What is to be remembered of it. */
  snapshot(now: number): CircuitSnapshot {
    const evidence = this.#detection.evidence?.(now)
    const known = evidence === undefined ? {} : { detector: this.#detector.name, evidence }
    const outage = this.#outage
    const lasting = outage === undefined ? {} : remembered(outage, this.#shared.recovery, now)
    return { key: this.#key, state: 'closed', ...lasting, ...known }
  }

  /**
   * Takes up what was remembered, once the answer is called; what does not fit is refused before. Nobody is told: it is
   * as it was.
   */
  restore({ state, held, opening = 1, wait = 0, left = 0, ...known }: CircuitSnapshot, now: number): () => void {
    const { detector, recovery, random } = this.#shared
    const detection = detector.start()
    if (known.detector === detector.name && known.evidence !== undefined) detection.restore?.(known.evidence, now)
    const waiting = state === 'open' ? outageOf(opening, wait, now - wait + Math.min(left, wait)) : undefined
    const outage = held === true ? outageOf(1, recovery.wait.next(1, 0, random), now, state) : waiting
    return () => {
      this.#detector = detector
      this.#detection = detection
      this.#outage = outage
      this.#turn()
    }
  }

  /** A call comes to a closed circuit whose detector wants to know of it. */
  #enter(now: number): Permit | undefined {
    if (this.#detector !== this.#shared.detector) this.#renew(now)
    const { durations, sheds } = this.#detector
    if (sheds === true && this.#sheds(now)) return undefined
    return durations === true ? new Given(this.#permit.generation, false, now) : this.#permit
  }

  #sheds(now: number): boolean {
    const share = this.#detection.share?.(now) ?? 0
    if (share > 0 !== this.#shedding) {
      this.#shedding = share > 0
      if (this.#shedding) this.#tell('closed', 'halfOpen')
      else this.#tell('halfOpen', 'closed')
    }
    if (share === 0 || this.#shared.random() >= share) return false
    this.#detection.refused?.(now)
    return true
  }

  #admitWithin(outage: Outage, now: number): Permit | undefined {
    const { recovery } = this.#shared
    if (outage.held !== undefined) return outage.held === 'closed' ? this.#permit : undefined
    if (outage.ramp !== undefined) return this.#back(outage, now)
    if (outage.trial !== undefined) return hasPlace(outage, recovery, now) ? this.#place(outage, now) : undefined
    if (now < outage.since) outage.since = now
    if (left(outage, now) > 0) return undefined
    this.#turn()
    outage.trial = recovery.trial(now)
    const permit = this.#place(outage, now)
    this.#tell('open', 'halfOpen')
    return permit
  }

  #place(outage: Outage, now: number): Permit {
    const permit = new Given(this.#permit.generation, true, now)
    takePlace(outage, permit)
    return permit
  }

  /** A call comes while calls come back step by step. */
  #back(outage: Outage, now: number): Permit | undefined {
    const share = shareOf(outage, this.#shared.recovery, now)
    if (share < 1) return inShare(outage, share, now) ? this.#enter(now) : undefined
    // What was admitted meanwhile goes on to count: this is no new generation.
    this.#outage = undefined
    this.#tell('halfOpen', 'closed')
    return this.#enter(now)
  }

  #judge(outage: Outage, permit: Given, verdict: Verdict, now: number | undefined): void {
    leavePlace(outage, permit)
    if (verdict === 'ignored') return
    const at = now ?? this.#shared.clock.now()
    const end = outage.trial?.record(verdict === 'failure', at)
    if (end === undefined) return
    if (end === 'open') this.#open(outage.opening + 1, outage.wait, at)
    else if (this.#shared.recovery.ramp === undefined) this.#become(undefined)
    else {
      this.#detection.clear()
      this.#turn()
      startRamp(outage, at)
    }
  }

  #detect(permit: Given, failed: boolean, now: number | undefined): void {
    const { detector, clock } = this.#shared
    if (this.#detector !== detector) this.#renew(now ?? clock.now())
    const durations = detector.durations === true
    const at = now ?? (durations || this.#detection.timed(failed) ? clock.now() : undefined)
    const moment = at ?? 0
    // One that was admitted before the detector asked for durations has none.
    const duration = durations && permit.at <= moment ? moment - permit.at : 0
    if (!this.#detection.record(failed, moment, duration)) return
    const { opening, wait } = this.#outage ?? { opening: 0, wait: 0 }
    this.#open(opening + 1, wait, at ?? clock.now())
  }

  /** The breaker's detector was exchanged: what is known stays known where the new one is of the same kind. */
  #renew(now: number): void {
    const { detector } = this.#shared
    const detection = detector.start()
    const evidence = this.#detector.name === detector.name ? this.#detection.evidence?.(now) : undefined
    if (evidence !== undefined) detection.restore?.(evidence, now)
    this.#detector = detector
    this.#detection = detection
    if (!this.#shedding || detector.sheds === true) return
    this.#shedding = false
    this.#tell('halfOpen', 'closed')
  }

  #open(opening: number, before: number, now: number): void {
    const { recovery, random } = this.#shared
    this.#become(outageOf(opening, recovery.wait.next(opening, before, random), now))
  }

  /** A transition: what was admitted until now is of an earlier generation. */
  #become(outage: Outage | undefined): void {
    const from = this.#outage === undefined ? (this.#shedding ? 'halfOpen' : 'closed') : reported(this.#outage)
    const closes = outage === undefined && this.#outage !== undefined
    this.#shedding = false
    this.#outage = outage
    this.#turn()
    if (closes) this.#detection.clear()
    const to = outage === undefined ? 'closed' : reported(outage)
    if (from !== to) this.#tell(from, to)
  }

  #turn(): void {
    this.#permit = new Given(this.#permit.generation + 1, false, Number.NaN)
  }

  #tell(from: BreakerState, to: BreakerState): void {
    this.#shared.tell(this.#key, from, to)
  }
}
