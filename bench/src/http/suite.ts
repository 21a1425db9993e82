// The suite `http`: one service on node:http by hand, Tenon, Fastify and Hono, under load from another process; and what
// a call costs that Tenon's client makes, beside undici and fetch.
import { seeded } from '@tenon/endpoint/testing'
import { pins } from '../harness/cores.ts'
import { floorRow, type Pair, pairCheck } from '../harness/noise.ts'
import { Refusal } from '../harness/refusal.ts'
import type { Findings, SelfCheck, Target } from '../harness/report.ts'
import { median } from '../harness/statistics.ts'
import type { Plan, Suite } from '../harness/suite.ts'
import { calling, callRound } from './calling-rounds.ts'
import type { Conduct } from './conduct.ts'
import { type Pace, paceOf } from './paces.ts'
import { loaderRow, memoryRows, rowsOf, type Scenario } from './rows.ts'
import { Samples } from './samples.ts'
import { type Pairing, serveRound } from './serving-rounds.ts'
import { clients, servers } from './subjects.ts'
import { exchanges } from './work.ts'

/** `of` answers at least `limit` times as many requests as `over`. */
const wanted = [
  { of: 'tenon', over: 'raw', limit: 0.95 },
  { of: 'tenon', over: 'fastify', limit: 1 },
  { of: 'tenon-red', over: 'raw', limit: 0.95 },
  { of: 'tenon-red', over: 'fastify', limit: 1 },
]
/** The exchanges that they are wanted of: those that decode and succeed. */
const judgedOf = new Set(['small', 'nested', 'get'])

/** The load generator must have this much of its core left. */
const headroom = 0.1

export const http: Suite = {
  name: 'http',
  does: 'one service over HTTP: node:http by hand, Tenon, Fastify, Hono; and clients',
  notes:
    'Tenon runs with all limits, deadlines and strict decoding at their defaults. *CPU per request* is the server process, and the steadier of the two ratios where the machine has other things to do: ' +
    'on a core that is always busy, throughput is its inverse.',
  run,
}

async function run(plan: Plan): Promise<Findings> {
  const random = seeded(plan.seed)
  const pace = paceOf(plan)
  const { served, called } = chosen(plan.filter)
  const samples = new Samples()
  const conduct = conducting(plan, pace, random, samples, served, called)
  for (let round = 0; round < pace.rounds && !plan.signal.aborted; round++) {
    if (served.length > 0) await serveRound(pairingsOf(served), round, conduct)
    if (called !== undefined && !plan.signal.aborted) await callRound(clients, round, conduct)
  }
  const scenarios = called === undefined ? served : [...served, called]
  const pairs = scenarios.flatMap((scenario) => pairsOf(scenario, samples))
  const load = loaderRow(served, samples, pins())
  return {
    rows: [
      ...scenarios.flatMap((scenario) => rowsOf(scenario, samples)),
      ...memoryRows(servers, samples),
      ...load,
      ...floorRow(pairs, random),
    ],
    // Targets, twins and headroom are judged by figures, and a quick run's mean nothing.
    targets: plan.quick ? [] : targetsOf(served, samples),
    selfChecks: [
      ...workChecks(scenarios, samples, plan.signal.aborted),
      ...(plan.quick ? [] : [...pairs.map(pairCheck), ...load.map(({ value }) => headroomCheck(value))]),
    ],
    partial: plan.signal.aborted,
  }
}

interface Chosen {
  readonly served: readonly Scenario[]
  readonly called: Scenario | undefined
}

/** What the filter lets through, and always what that is compared with and its twin. */
function chosen(filter: string | undefined): Chosen {
  const text = filter?.toLowerCase() ?? ''
  const holds = (...fields: string[]): boolean => fields.some((field) => field.toLowerCase().includes(text))
  const pick = <S extends { name: string; subject: string }>(subjects: readonly S[], ...about: string[]): S[] => {
    const found = holds(...about) ? subjects : subjects.filter(({ name, subject }) => holds(name, subject))
    return found.length === 0 ? [] : subjects.filter((each, at) => at < 2 || found.includes(each))
  }
  const served = exchanges
    .map(({ name, title }) => ({ name, title, unit: 'request' as const, subjects: pick(servers, name, title) }))
    .filter(({ subjects }) => subjects.length > 0)
  const title = 'calling node:http by hand: POST, small body'
  const subjects = pick(clients, calling, title)
  if (served.length === 0 && subjects.length === 0)
    throw new Refusal(`--filter: nothing of "http" contains "${filter}"`)
  return { served, called: subjects.length === 0 ? undefined : { name: calling, title, unit: 'call', subjects } }
}

const pairingsOf = (served: readonly Scenario[]): Pairing[] =>
  served.flatMap(({ name, subjects }) =>
    servers
      .filter((server) => subjects.some((subject) => subject.name === server.name))
      .map((server) => ({ exchange: name, server })),
  )

function conducting(
  { signal, progress }: Plan,
  pace: Pace,
  random: () => number,
  samples: Samples,
  served: readonly Scenario[],
  called: Scenario | undefined,
): Conduct {
  const turns = pairingsOf(served).length + (called?.subjects.length ?? 0)
  const total = pace.rounds * turns * (1 + pace.turns)
  let done = 0
  return {
    samples,
    pace,
    random,
    signal,
    step: (doing) => progress.step(done++, total, doing),
    fail(subject, why) {
      if (!signal.aborted) samples.wrong.set(subject, why)
    },
  }
}

/** The pairs of which both halves were measured. */
const pairsOf = ({ name, subjects }: Scenario, samples: Samples): Pair[] => {
  const [first, twin] = subjects
  if (first === undefined || twin === undefined) return []
  const ratios = samples.ratios(name, twin.name, first.name)
  return ratios.length === 0 ? [] : [{ name: `${first.name}, ${name}`, ratios }]
}

const targetsOf = (served: readonly Scenario[], samples: Samples): Target[] =>
  served
    .filter(({ name }) => judgedOf.has(name))
    .flatMap(({ name, title }) =>
      wanted.flatMap(({ of, over, limit }): Target[] => {
        const ratios = samples.ratios(name, of, over)
        if (ratios.length === 0) return []
        const measured = median(ratios)
        const label = (key: string): string => servers.find((server) => server.name === key)?.subject ?? key
        return [
          { name: `${title}: ${label(of)} / ${label(over)}`, measured, limit, atLeast: true, met: measured >= limit },
        ]
      }),
    )

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
