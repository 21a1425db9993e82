// One random sequence of events against a circuit and the model of it: what either does, the other must.
import type { BreakerState, Random } from '@tenon/endpoint'
import type { Permit } from '../src/circuit.ts'
import type { Verdict } from '../src/classify.ts'
import { all, any } from '../src/combined.ts'
import { consecutive } from '../src/consecutive.ts'
import type { Detector } from '../src/detector.ts'
import { errorRate } from '../src/error-rate.ts'
import { circuit } from '../src/new-circuit.ts'
import { probes } from '../src/probes.ts'
import { ratio } from '../src/ratio.ts'
import type { Recovery } from '../src/recovery.ts'
import { sequential } from '../src/sequential.ts'
import { sequentialProbes } from '../src/sequential-probes.ts'
import * as reference from './model.ts'

const forever = Number.POSITIVE_INFINITY

/** A random choice. */
const one = <T>(random: Random, ...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T

function detector(random: Random, depth = 0): { readonly it: Detector; readonly opens: reference.Opens } {
  const kind = one(random, 'ratio', 'calls', 'consecutive', 'errorRate', 'sequential', 'any', 'all')
  if (kind === 'ratio') {
    const o = {
      window: one(random, 50, 100),
      buckets: one(random, 1, 5, 10),
      threshold: one(random, 0.3, 0.5, 1),
      minimum: one(random, 1, 2, 3, 6),
    }
    return { it: ratio(o), opens: reference.ratioRule(o) }
  }
  if (kind === 'calls') {
    const calls = one(random, 1, 3, 8)
    const o = {
      calls,
      window: one(random, 30, 100, forever),
      threshold: one(random, 0.3, 0.5, 1),
      minimum: one(random, 1, calls),
    }
    return { it: ratio(o), opens: reference.lastCallsRule(o) }
  }
  if (kind === 'consecutive') {
    const o = {
      failures: one(random, 1, 2, 3, 4),
      forget: one(random, 30, 300_000, forever),
      lasting: one(random, 0, 0, 40),
    }
    return { it: consecutive(o), opens: reference.runRule(o) }
  }
  if (kind === 'errorRate') {
    const o = { perSecond: one(random, 20, 40), window: one(random, 100, 200), buckets: one(random, 1, 10) }
    return { it: errorRate(o), opens: reference.errorRateRule(o) }
  }
  if (kind === 'sequential' || depth > 0) {
    // Thresholds at which few failures suffice.
    const threshold = one(random, 0.01, 0.02)
    const o = { forget: one(random, 40, 300_000, forever), minDuration: one(random, 0, 0, 30) }
    const it = sequential({ threshold, margin: 0.005, meanCallsBetweenFalseTrips: 10_000, ...o })
    return { it, opens: reference.sequentialRule({ threshold, margin: 0.005, calls: 10_000, ...o }) }
  }
  const [a, b] = [detector(random, 1), detector(random, 1)]
  return kind === 'any'
    ? { it: any(a.it, b.it), opens: (counted) => a.opens(counted) || b.opens(counted) }
    : { it: all(a.it, b.it), opens: (counted) => a.opens(counted) && b.opens(counted) }
}

function recovery(random: Random): { readonly it: Recovery; readonly rules: Omit<reference.Rules, 'opens'> } {
  const o = {
    wait: one(random, 0, 50, 200),
    concurrent: one(random, 1, 2, 4),
    every: one(random, 0, 0, 30),
    timeout: one(random, 20, 100),
  }
  const ramp = one(
    random,
    undefined,
    undefined,
    { shares: [0.1, 0.25, 0.5], every: 60 },
    { shares: [0.7, 0.4], every: 200 },
  )
  const options = ramp === undefined ? o : { ...o, ramp }
  if (random() < 0.5) {
    const count = one(random, 1, 2, 3)
    const counts = { count, of: count + one(random, 0, 0, 1, 3) }
    return { it: probes({ ...options, ...counts }), rules: { ...options, ...reference.countedTrial(counts) } }
  }
  const test = {
    threshold: 0.5,
    margin: one(random, 0.2, 0.3),
    error: 0.1,
    most: one(random, 1, 4, 9),
    within: one(random, 50, 100, forever),
  }
  return { it: sequentialProbes({ ...options, ...test }), rules: { ...options, ...reference.sequentialTrial(test) } }
}

/** What was reached: a run of nothing but closed circuits would prove nothing. */
export interface Reached {
  readonly states: Set<BreakerState>
  transitions: number
  refused: number
  admitted: number
}

/** @throws an error that tells where circuit and model part. */
export function oneSequence(random: Random, reached: Reached): void {
  let now = 0
  const told: BreakerState[] = []
  const detecting = detector(random)
  const recovering = recovery(random)
  const tested = circuit({
    detector: detecting.it,
    recovery: recovering.it,
    clock: { now: () => now },
    onTransition: (from, to) => {
      same('from', from, told[told.length - 1] ?? 'closed')
      told.push(to)
    },
  })
  const model = new reference.Model({ opens: detecting.opens, ...recovering.rules })
  const inFlight: { readonly permit: Permit; readonly call: reference.Call }[] = []
  const failing = one(random, 0.2, 0.6, 0.9)
  const verdict = (): Verdict => (random() < 0.1 ? 'ignored' : random() < failing ? 'failure' : 'success')
  const wait = (): number =>
    one(
      random,
      () => Math.floor(random() * 40),
      () => one(random, 50, 100, 200),
      () => Math.floor(random() * 1e9),
    )()
  const { wait: waits, concurrent } = recovering.rules

  const admit = (): void => {
    const state = tested.state()
    const phase = model.phase
    const permit = tested.admit()
    const call = model.admit(now)
    same('admitted', permit !== undefined, call !== undefined)
    if (state === 'open') same('no admission while open', permit, undefined)
    if (state === 'closed') same('no probe while closed', permit?.probe, false)
    if (phase.kind === 'open' && permit !== undefined) same('the wait is over', now - phase.since >= waits, true)
    if (permit?.probe) same('at most so many probes', model.underWay(now) <= concurrent, true)
    if (permit !== undefined && call !== undefined) {
      same('probe', permit.probe, call.probe)
      inFlight.push({ permit, call })
      reached.admitted++
    } else reached.refused++
  }
  const end = (): void => {
    const [ended] = inFlight.splice(Math.floor(random() * inFlight.length), 1)
    if (ended === undefined) return
    const how = verdict()
    tested.record(ended.permit, how)
    model.end(ended.call, how, now)
  }
  const events = 10 + Math.floor(random() * 60)
  for (let event = 0; event < events; event++) {
    const draw = random()
    if (draw < 0.4) admit()
    else if (draw < 0.8) end()
    else if (draw < 0.98) now += wait()
    else if (draw < 0.99) {
      const state = one(random, 'open' as const, 'closed' as const)
      tested.hold(state)
      model.hold(state, now)
    } else {
      tested.release()
      model.release(now)
    }
    const state = tested.state()
    same('state', state, model.state(now))
    same('told', told.length, model.transitions.length)
    same('last told', told[told.length - 1], model.transitions[model.transitions.length - 1])
    const left = tested.retryAfter()
    same('0 or more', left >= 0, true)
    if (state === 'open' && model.phase.kind === 'open') {
      same('half-open then', tested.state(now + left), 'halfOpen')
      if (left > 1) same('open until then', tested.state(now + left - 1), 'open')
    }
    reached.states.add(state)
  }
  reached.transitions += told.length
}

function same(what: string, circuit: unknown, model: unknown): void {
  if (circuit !== model) throw new Error(`${what}: the circuit says ${String(circuit)}, the model ${String(model)}`)
}
