// A suite under load: servers that take turns with one load generator, and clients that take turns with one server.
import { seeded } from '@tenon/endpoint/testing'
import { pins } from '../harness/cores.ts'
import { floorRow, type Pair, pairCheck } from '../harness/noise.ts'
import type { Findings, Target as Judged, SelfCheck } from '../harness/report.ts'
import { median } from '../harness/statistics.ts'
import type { Plan } from '../harness/suite.ts'
import { NoBroker, withBroker } from './broker.ts'
import { callRound } from './calling-rounds.ts'
import { type Chosen, chosen } from './chosen.ts'
import type { Conduct } from './conduct.ts'
import { type Pace, paceOf } from './paces.ts'
import type { LoadedSuite, Parts, Wanted } from './parts.ts'
import { loaderRow, memoryRows, rowsOf, type Scenario } from './rows.ts'
import { Samples } from './samples.ts'
import { serveRound } from './serving-rounds.ts'

/** The load generator must have this much of its core left. */
const headroom = 0.1

export const loaded = (parts: Parts): LoadedSuite => {
  const { name, does, notes } = parts
  return { name, does, ...(notes !== undefined && { notes }), parts, run: (plan) => run(parts, plan) }
}

async function run(parts: Parts, plan: Plan): Promise<Findings> {
  try {
    return await withBroker(parts, (broker) => measured(parts, plan, broker))
  } catch (cause) {
    if (!(cause instanceof NoBroker)) throw cause
    const missing = { name: cause.message, passed: false }
    return { rows: [], targets: [], selfChecks: [missing], partial: plan.signal.aborted }
  }
}

async function measured(parts: Parts, plan: Plan, broker: number | undefined): Promise<Findings> {
  const random = seeded(plan.seed)
  const pace = paceOf(plan)
  const choice = chosen(parts, plan.filter)
  const { pairings, served, calls, called } = choice
  const samples = new Samples()
  const conduct = conducting(parts, plan, { pace, random, samples, broker }, choice)
  for (let round = 0; round < pace.rounds && !plan.signal.aborted; round++) {
    if (pairings.length > 0) await serveRound(pairings, round, conduct)
    for (const each of calls) if (!plan.signal.aborted) await callRound(each, round, conduct)
  }
  const more = (plan.signal.aborted ? undefined : await parts.more?.(served)) ?? []
  const scenarios = [...served, ...called]
  const pairs = scenarios.flatMap((scenario) => pairsOf(scenario, samples))
  const load = loaderRow(served, samples, pins())
  return {
    rows: [
      ...scenarios.flatMap((scenario) => rowsOf(scenario, samples)),
      ...more,
      ...memoryRows(parts.servers, samples),
      ...load,
      ...floorRow(pairs, random),
    ],
    // Targets, twins and headroom are judged by figures, and a quick run's mean nothing.
    targets: plan.quick ? [] : parts.wanted.flatMap((wanted) => judged(wanted, scenarios, samples)),
    selfChecks: [
      ...workChecks(scenarios, samples, plan.signal.aborted),
      ...(plan.quick ? [] : [...pairs.map(pairCheck), ...load.map(({ value }) => headroomCheck(value))]),
    ],
    partial: plan.signal.aborted,
  }
}

type Means = Pick<Conduct, 'random' | 'samples' | 'broker'> & { readonly pace: Pace }

function conducting(parts: Parts, { signal, progress }: Plan, means: Means, { pairings, called }: Chosen): Conduct {
  const { pace, samples } = means
  const turns = called.reduce((sum, { subjects }) => sum + subjects.length, pairings.length)
  const total = pace.rounds * turns * (1 + pace.turns)
  let done = 0
  return {
    ...means,
    parts,
    signal,
    step: (doing) => progress.step(done++, total, doing),
    fail(subject, why) {
      if (!signal.aborted) samples.wrong.set(subject, why)
    },
  }
}

/** The pairs of which both halves were measured. */
const pairsOf = ({ name, subjects }: Scenario, samples: Samples): Pair[] =>
  subjects.flatMap(({ name: twin, again }) => {
    if (again === undefined) return []
    const ratios = samples.ratios(name, twin, again)
    return ratios.length === 0 ? [] : [{ name: `${again}, ${name}`, ratios }]
  })

function judged(
  { of, over, by, limit, in: names }: Wanted,
  scenarios: readonly Scenario[],
  samples: Samples,
): Judged[] {
  return scenarios
    .filter(({ name }) => names.includes(name))
    .flatMap(({ name, title, subjects }): Judged[] => {
      // As much in a second of CPU as the other: the inverse of what one takes.
      const ratios = by === 'CPU' ? samples.ratios(name, over, of, spent) : samples.ratios(name, of, over)
      if (ratios.length === 0) return []
      const measured = median(ratios)
      const label = (key: string): string => subjects.find((subject) => subject.name === key)?.subject ?? key
      const what = by === 'CPU' ? ', by CPU' : ''
      return [
        {
          name: `${title}: ${label(of)} / ${label(over)}${what}`,
          measured,
          limit,
          atLeast: true,
          met: measured >= limit,
        },
      ]
    })
}

const spent = ({ spent }: { readonly spent: number }): number => spent

function workChecks(scenarios: readonly Scenario[], samples: Samples, partial: boolean): SelfCheck[] {
  const subjects = new Map(scenarios.flatMap((scenario) => scenario.subjects.map((each) => [each.name, each.subject])))
  return [...subjects].flatMap(([name, subject]) => {
    const why = samples.wrong.get(name)
    if (why !== undefined) return [{ name: `${name}: ${why}`, passed: false }]
    const has = scenarios.every(
      (scenario) =>
        scenario.subjects.every((each) => each.name !== name) || samples.rounds(scenario.name, name).length > 0,
    )
    return partial && !has ? [] : [{ name: `${name}: does its work and gives samples (${subject})`, passed: has }]
  })
}

const headroomCheck = (share: number): SelfCheck => ({
  name: `the load generator has at least ${headroom * 100} % of its core left`,
  passed: share <= 1 - headroom,
})
