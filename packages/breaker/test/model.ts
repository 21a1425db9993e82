// The reference for circuits: it keeps every call and every phase it has ever seen, counts nothing along, and looks all up.
import type { BreakerState } from '@tenon/endpoint'
import { bank } from '../src/bank.ts'
import type { Verdict } from '../src/classify.ts'

export interface Call {
  readonly began: number
  /** The generation in which it was admitted. */
  readonly generation: number
  readonly probe: boolean
  ended?: { readonly at: number; readonly order: number; readonly verdict: Verdict }
}

/** Does the detector open, after these counted calls of its era, the last of which has just ended? */
export type Opens = (counted: readonly Call[]) => boolean
/** What a trial says after these counted probes, the last of which has just ended. */
export type Tries = (counted: readonly Call[], began: number) => 'close' | 'open' | undefined

export interface Rules {
  readonly opens: Opens
  readonly tries: Tries
  /** How many more outcomes a trial could use, after so many failures and successes. */
  readonly wants: (failures: number, successes: number) => number
  readonly wait: number
  readonly concurrent: number
  readonly every: number
  readonly timeout: number
  readonly ramp?: { readonly shares: readonly number[]; readonly every: number }
}

type Kind = 'closed' | 'open' | 'trial' | 'ramp' | 'heldOpen' | 'heldClosed'
interface Phase {
  readonly kind: Kind
  readonly since: number
  readonly generation: number
  /** With a ramp: the calls that came to it, admitted or not. */
  readonly came: number[]
}

const failed = (call: Call): boolean => call.ended?.verdict === 'failure'
const endOf = (call: Call | undefined): number => call?.ended?.at ?? 0

export class Model {
  readonly #rules: Rules
  readonly #phases: Phase[] = [{ kind: 'closed', since: 0, generation: 0, came: [] }]
  readonly calls: Call[] = []
  #ends = 0
  readonly transitions: BreakerState[] = []

  constructor(rules: Rules) {
    this.#rules = rules
  }

  get phase(): Phase {
    return this.#phases[this.#phases.length - 1] as Phase
  }

  /** The calls of this generation that count, in the order in which they ended. */
  counted(): Call[] {
    return this.calls
      .filter((call) => call.generation === this.phase.generation && call.ended !== undefined)
      .filter((call) => call.ended?.verdict !== 'ignored')
      .sort((a, b) => (a.ended?.order ?? 0) - (b.ended?.order ?? 0))
  }

  underWay(now: number): number {
    return this.calls.filter(
      (call) =>
        call.generation === this.phase.generation &&
        call.probe &&
        call.ended === undefined &&
        now - call.began < this.#rules.timeout,
    ).length
  }

  state(now: number): BreakerState {
    const { kind, since } = this.phase
    if (kind === 'heldOpen') return 'open'
    if (kind === 'heldClosed') return 'closed'
    if (kind === 'open') return now - since >= this.#rules.wait ? 'halfOpen' : 'open'
    if (kind === 'ramp') return this.#share(now) < 1 ? 'halfOpen' : 'closed'
    return kind === 'trial' ? 'halfOpen' : 'closed'
  }

  admit(now: number): Call | undefined {
    const { kind, since } = this.phase
    if (kind === 'heldOpen') return undefined
    if (kind === 'open') {
      if (now - since < this.#rules.wait) return undefined
      this.#turn('trial', now)
      return this.#call(now, true)
    }
    if (kind === 'trial') return this.#hasPlace(now) ? this.#call(now, true) : undefined
    if (kind === 'ramp') {
      const share = this.#share(now)
      if (share < 1) return this.#isInShare(share) ? this.#call(now, false) : undefined
      this.#turn('closed', now, this.phase.generation)
    }
    return this.#call(now, false)
  }

  end(call: Call, verdict: Verdict, now: number): void {
    call.ended = { at: now, order: this.#ends++, verdict }
    const { kind, generation, since } = this.phase
    if (call.generation !== generation || verdict === 'ignored') return
    if (kind === 'closed' || kind === 'ramp') {
      if (this.#rules.opens(this.counted())) this.#turn('open', now)
    } else if (kind === 'trial') {
      const end = this.#rules.tries(this.counted(), since)
      if (end === 'open') this.#turn('open', now)
      if (end === 'close') this.#turn(this.#rules.ramp === undefined ? 'closed' : 'ramp', now)
    }
  }

  hold(state: 'open' | 'closed', now: number): void {
    this.#turn(state === 'open' ? 'heldOpen' : 'heldClosed', now)
  }

  release(now: number): void {
    if (this.phase.kind === 'heldOpen' || this.phase.kind === 'heldClosed') this.#turn('closed', now)
  }

  #call(began: number, probe: boolean): Call {
    const call: Call = { began, generation: this.phase.generation, probe }
    this.calls.push(call)
    return call
  }

  #hasPlace(now: number): boolean {
    const { concurrent, every, wants } = this.#rules
    const probes = this.calls.filter((call) => call.generation === this.phase.generation)
    const last = Math.max(...probes.map((call) => call.began))
    const counted = this.counted()
    const failures = counted.filter(failed).length
    return now - last >= every && this.underWay(now) < Math.min(concurrent, wants(failures, counted.length - failures))
  }

  #share(now: number): number {
    const { ramp } = this.#rules
    return ramp?.shares[Math.floor((now - this.phase.since) / ramp.every)] ?? 1
  }

  /** Of the calls that came, as many are admitted as the sum of their shares has whole ones. */
  #isInShare(share: number): boolean {
    const { came } = this.phase
    const whole = (shares: readonly number[]): number => Math.floor(shares.reduce((sum, one) => sum + one, 0) + 1e-9)
    const before = whole(came)
    came.push(share)
    return whole(came) > before
  }

  #turn(kind: Kind, since: number, generation: number = this.phase.generation + 1): void {
    const reported = (one: Kind): BreakerState =>
      one === 'open' || one === 'heldOpen' ? 'open' : one === 'trial' || one === 'ramp' ? 'halfOpen' : 'closed'
    const from = reported(this.phase.kind)
    this.#phases.push({ kind, since, generation, came: [] })
    if (reported(kind) !== from) this.transitions.push(reported(kind))
  }
}

export const ratioRule =
  (o: { window: number; threshold: number; minimum: number; buckets: number }): Opens =>
  (counted) => {
    const bucket = o.window / o.buckets
    const newest = counted[counted.length - 1]
    if (newest === undefined || !failed(newest)) return false
    const inside = inWindow(counted, bucket, o.buckets)
    return inside.length >= o.minimum && inside.filter(failed).length / inside.length >= o.threshold
  }

/** What a window cut at multiples of its bucket holds. */
export function inWindow(counted: readonly Call[], bucket: number, buckets: number): readonly Call[] {
  const slot = (call: Call): number => Math.floor(endOf(call) / bucket)
  const newest = counted[counted.length - 1]
  return newest === undefined ? [] : counted.filter((call) => slot(newest) - slot(call) < buckets)
}

export const lastCallsRule =
  (o: { calls: number; window: number; threshold: number; minimum: number }): Opens =>
  (counted) => {
    const newest = counted[counted.length - 1]
    if (newest === undefined || !failed(newest)) return false
    const inside = counted.slice(-o.calls).filter((call) => endOf(newest) - endOf(call) < o.window)
    return inside.length >= o.minimum && inside.filter(failed).length / inside.length >= o.threshold
  }

export const runRule =
  (o: { failures: number; forget: number; lasting: number }): Opens =>
  (counted) => {
    let first = counted.length
    while (first > 0) {
      const call = counted[first - 1] as Call
      if (!failed(call) || (first < counted.length && endOf(counted[first]) - endOf(call) >= o.forget)) break
      first--
    }
    const run = counted.slice(first)
    return run.length >= o.failures && endOf(run[run.length - 1]) - endOf(run[0]) >= o.lasting
  }

export const errorRateRule =
  (o: { perSecond: number; window: number; buckets: number }): Opens =>
  (counted) => {
    const newest = counted[counted.length - 1]
    if (newest === undefined || !failed(newest)) return false
    const failures = inWindow(counted, o.window / o.buckets, o.buckets).filter(failed).length
    return failures >= (o.perSecond * o.window) / 1_000
  }

/** Each walk anew from the first call on, silences included. */
export const sequentialRule =
  (o: { threshold: number; margin: number; calls: number; forget: number; minDuration: number }): Opens =>
  (counted) => {
    const { walks, levels } = bank(o.threshold, o.margin)
    const last = counted[counted.length - 1]
    if (last === undefined || !failed(last)) return false
    return levels(o.calls).some((level, index) => {
      const { up, down } = walks[index] as (typeof walks)[number]
      let stand = 0
      let since = Number.POSITIVE_INFINITY
      let before: Call | undefined
      for (const call of counted) {
        // All walks at 0 are nothing to forget, so it does not matter which of them stands.
        if (before !== undefined && endOf(call) - endOf(before) >= o.forget) stand = 0
        if (stand === 0) since = Number.POSITIVE_INFINITY
        stand = failed(call) ? Math.min(level, stand + up) : Math.max(0, stand - down)
        if (stand === 0) since = Number.POSITIVE_INFINITY
        if (failed(call) && stand === level) since = Math.min(since, endOf(call))
        before = call
      }
      return stand === level && endOf(last) - since >= o.minDuration
    })
  }

export const countedTrial = (o: { count: number; of: number }): Pick<Rules, 'tries' | 'wants'> => ({
  tries(counted) {
    const failures = counted.filter(failed).length
    if (failures > o.of - o.count) return 'open'
    return counted.length - failures >= o.count ? 'close' : undefined
  },
  wants: (failures, successes) => o.of - failures - successes,
})

export const sequentialTrial = (o: {
  threshold: number
  margin: number
  error: number
  most: number
  within: number
}): Pick<Rules, 'tries' | 'wants'> => ({
  tries(counted, began) {
    const [good, bad] = [o.threshold - o.margin, o.threshold + o.margin]
    const failures = counted.filter(failed).length
    const successes = counted.length - failures
    // The likelihoods themselves, not their logarithms.
    const ratio = ((bad / good) ** failures * ((1 - bad) / (1 - good)) ** successes) as number
    const doubt = (1 - o.error) / o.error
    if (ratio >= doubt) return 'open'
    if (ratio <= 1 / doubt) return 'close'
    if (counted.length < o.most && endOf(counted[counted.length - 1]) - began < o.within) return undefined
    return ratio < 1 - 1e-9 ? 'close' : 'open'
  },
  wants: (failures, successes) => o.most - failures - successes,
})
