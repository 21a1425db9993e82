// The laws of the state machine, against a slow model that keeps everything it has ever seen.
import type { BreakerState } from '@tenon/endpoint'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { circuit, type Permit } from './circuit.ts'
import type { Verdict } from './classify.ts'
import { consecutive } from './consecutive.ts'
import { type ProbesOptions, probes } from './probes.ts'
import { type RatioOptions, ratio } from './ratio.ts'

interface Call {
  readonly began: number
  readonly phase: number
  ended?: { readonly at: number; readonly verdict: Verdict }
}

type Rules = Required<Omit<ProbesOptions, 'wait' | 'ramp'>> & { readonly wait: number }

/** The phases since the beginning, and every call: all is looked up, nothing is counted along. */
function model(opens: (counted: readonly Call[]) => boolean, o: Rules) {
  const phases: { readonly state: BreakerState; readonly since: number }[] = [{ state: 'closed', since: 0 }]
  const calls: Call[] = []
  const phase = (): { readonly state: BreakerState; readonly since: number } => phases[phases.length - 1] as never
  const ofPhase = (): Call[] => calls.filter((call) => call.phase === phases.length)
  const counted = (): Call[] =>
    ofPhase()
      .filter((call) => call.ended !== undefined && call.ended.verdict !== 'ignored')
      .sort((a, b) => order(a) - order(b))
  const ends: Call[] = []
  const order = (call: Call): number => ends.indexOf(call)
  const successes = (): number => counted().filter((call) => call.ended?.verdict === 'success').length
  return {
    phase,
    state: (now: number): BreakerState =>
      phase().state === 'open' && now - phase().since >= o.wait ? 'halfOpen' : phase().state,
    admit(now: number): Call | undefined {
      if (phase().state === 'open') {
        if (now - phase().since < o.wait) return undefined
        phases.push({ state: 'halfOpen', since: now })
      } else if (phase().state === 'halfOpen') {
        const probes = ofPhase()
        const underWay = probes.filter((call) => call.ended === undefined && now - call.began < o.timeout).length
        const last = Math.max(...probes.map((call) => call.began))
        if (underWay >= Math.min(o.concurrent, o.of - counted().length) || now - last < o.every) return undefined
      }
      const call: Call = { began: now, phase: phases.length }
      calls.push(call)
      return call
    },
    end(call: Call, verdict: Verdict, now: number): void {
      call.ended = { at: now, verdict }
      ends.push(call)
      if (call.phase !== phases.length || verdict === 'ignored') return
      if (phase().state === 'closed') {
        if (opens(counted())) phases.push({ state: 'open', since: now })
      } else if (counted().length - successes() > o.of - o.count) phases.push({ state: 'open', since: now })
      else if (successes() >= o.count) phases.push({ state: 'closed', since: now })
    },
    transitions: (): BreakerState[] => phases.slice(1).map(({ state }) => state),
    underWay: (now: number): number =>
      ofPhase().filter((call) => call.ended === undefined && now - call.began < o.timeout).length,
  }
}

/** Does the sliding window, cut at multiples of its bucket, say so? */
const ratioRule =
  (o: Required<Pick<RatioOptions, 'window' | 'threshold' | 'minimum' | 'buckets'>>) => (counted: readonly Call[]) => {
    const bucket = o.window / o.buckets
    const newest = counted[counted.length - 1]
    if (newest?.ended?.verdict !== 'failure') return false
    const slot = (call: Call): number => Math.floor((call.ended?.at ?? 0) / bucket)
    const inside = counted.filter((call) => slot(newest) - slot(call) < o.buckets)
    const failures = inside.filter((call) => call.ended?.verdict === 'failure').length
    return inside.length >= o.minimum && failures / inside.length >= o.threshold
  }
const runRule = (failures: number, forget: number) => (counted: readonly Call[]) => {
  const last = counted.slice(-failures)
  const ended = (call: Call | undefined): number => call?.ended?.at ?? 0
  return (
    last.length === failures &&
    last.every((call) => call.ended?.verdict === 'failure') &&
    last.every((call, index) => index === 0 || ended(call) - ended(last[index - 1]) < forget)
  )
}

type Act =
  | { readonly act: 'admit' }
  | { readonly act: 'end'; readonly which: number; readonly verdict: Verdict }
  | { readonly act: 'wait'; readonly ms: number }
const verdict: fc.Arbitrary<Verdict> = fc.constantFrom('failure', 'failure', 'failure', 'success', 'success', 'ignored')
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ act: 'admit' as const }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('end' as const), which: fc.nat(), verdict }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(40), fc.nat(40), fc.nat(400), fc.constantFrom(50, 100, 200), fc.nat(1_000_000_000)),
    }),
  },
)
const acts = fc.array(act, { maxLength: 150, size: 'max' })
const recoveries = fc
  .record({
    count: fc.integer({ min: 1, max: 4 }),
    spare: fc.constantFrom(0, 0, 1, 3),
    wait: fc.constantFrom(0, 50, 200),
    concurrent: fc.integer({ min: 1, max: 4 }),
    every: fc.constantFrom(0, 0, 30),
    timeout: fc.constantFrom(20, 100),
  })
  .map(({ spare, ...rest }) => ({ ...rest, of: rest.count + spare }))
const detectors = fc.oneof(
  fc
    .record({
      window: fc.constantFrom(50, 100),
      buckets: fc.constantFrom(1, 5, 10),
      threshold: fc.constantFrom(0.3, 0.5, 1),
      minimum: fc.integer({ min: 1, max: 6 }),
    })
    .map((o) => ({ detector: ratio(o), rule: ratioRule(o) })),
  fc
    .record({
      failures: fc.integer({ min: 1, max: 4 }),
      forget: fc.constantFrom(30, 300_000, Number.POSITIVE_INFINITY),
    })
    .map((o) => ({ detector: consecutive(o), rule: runRule(o.failures, o.forget) })),
)

describe('a circuit against the model', () => {
  it('given any calls, ends and jumps of the clock, then it admits, counts and turns as the model does', () => {
    const reached = new Set<BreakerState>()
    let turns = 0
    fc.assert(
      fc.property(acts, recoveries, detectors, (all, recovery, { detector, rule }) => {
        let now = 0
        const transitions: BreakerState[] = []
        const tested = circuit({
          detector,
          recovery: probes(recovery),
          clock: { now: () => now },
          onTransition: (from, to) => {
            // Exactly one for each transition, one after the other.
            expect(from).toBe(transitions[transitions.length - 1] ?? 'closed')
            transitions.push(to)
          },
        })
        const reference = model(rule, recovery)
        const inFlight: { readonly permit: Permit; readonly call: Call }[] = []
        for (const step of all) {
          if (step.act === 'wait') now += step.ms
          else if (step.act === 'admit') {
            const before = tested.state()
            const opened = reference.phase()
            const permit = tested.admit()
            const call = reference.admit(now)
            expect(permit !== undefined).toBe(call !== undefined)
            // No admission while open, all while closed.
            if (before === 'open') expect(permit).toBe(undefined)
            if (before === 'closed') expect(permit?.probe).toBe(false)
            if (opened.state === 'open' && permit !== undefined)
              expect(now - opened.since).toBeGreaterThanOrEqual(recovery.wait)
            if (permit !== undefined && call !== undefined) inFlight.push({ permit, call })
            // At most N probes.
            if (tested.state() === 'halfOpen')
              expect(reference.underWay(now)).toBeLessThanOrEqual(Math.min(recovery.of, recovery.concurrent))
          } else if (inFlight.length > 0) {
            const [ended] = inFlight.splice(step.which % inFlight.length, 1)
            if (ended === undefined) continue
            tested.record(ended.permit, step.verdict)
            reference.end(ended.call, step.verdict, now)
          }
          expect(tested.state()).toBe(reference.state(now))
          expect(transitions).toEqual(reference.transitions())
          const wait = tested.retryAfter()
          expect(wait).toBeGreaterThanOrEqual(0)
          if (tested.state() === 'open') expect(tested.state(now + wait)).toBe('halfOpen')
          if (tested.state() === 'open' && wait > 1) expect(tested.state(now + wait - 1)).toBe('open')
          reached.add(tested.state())
        }
        turns += transitions.length
      }),
      { numRuns: 500, seed: 20 },
    )
    // The runs were no idle ones.
    expect([...reached].sort()).toEqual(['closed', 'halfOpen', 'open'])
    expect(turns).toBeGreaterThan(500)
  })

  it('given a clock that jumps anywhere, back too, then it throws nothing and always comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1e15, noNaN: true }), verdict), { maxLength: 60 }),
        recoveries,
        detectors,
        (all, recovery, { detector }) => {
          let now = 0
          const tested = circuit({ detector, recovery: probes(recovery), clock: { now: () => now } })
          for (const [at, outcome] of all) {
            now = at
            const permit = tested.admit()
            expect(tested.retryAfter()).toBeGreaterThanOrEqual(0)
            expect(tested.retryAfter()).toBeLessThanOrEqual(Math.max(recovery.wait, recovery.every))
            if (permit !== undefined) tested.record(permit, outcome)
          }
          // Whatever was, successes close it in a few steps. (It sees the last jump at its next call.)
          tested.admit()
          for (let i = 0; i <= recovery.count; i++) {
            now += recovery.wait + recovery.timeout + recovery.every + 1_000
            const permit = tested.admit()
            if (permit !== undefined) tested.record(permit, 'success')
          }
          expect(tested.state()).toBe('closed')
        },
      ),
      { numRuns: 500, seed: 21 },
    )
  })
})
