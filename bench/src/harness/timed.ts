// Makes a suite of subjects that are timed: every subject in its own process, a fresh one each round, the rounds
// interleaved and in random order, so that whatever the machine does in the meantime hits all alike.
import { seeded } from '@tenon/endpoint/testing'
import { isolated } from './isolated.ts'
import { apart, noiseFloor } from './noise.ts'
import { Refusal } from './refusal.ts'
import type { Findings, Row, SelfCheck, Target } from './report.ts'
import { median, quantile, shuffled, summary } from './statistics.ts'
import type { Timing } from './stopwatch.ts'
import type { Plan, Subject, Suite } from './suite.ts'

export interface Case {
  /** Short and unique in the suite: for `--filter`, targets and the child process. */
  readonly name: string
  /** Which subjects it is compared with. */
  readonly case: string
  readonly subject: string
  /** Imports what it needs, and only that: each subject's process loads nothing of the others. */
  readonly load: () => Promise<Subject>
  /** The name of the case that this one's ratio is taken against. Default: the first of the same `case`. */
  readonly against?: string
  /** The name of the very same subject: an A/A pair, which sets the noise floor. */
  readonly again?: string
  readonly params?: Row['params']
}

/** `of` takes at most `limit` times what `over` takes. */
export interface RatioTarget {
  readonly name: string
  readonly of: string
  readonly over: string
  readonly limit: number
}

export interface TimedSuite {
  readonly name: string
  readonly does: string
  readonly cases: readonly Case[]
  readonly targets: readonly RatioTarget[]
}

interface Pace {
  readonly rounds: number
  /** Milliseconds. */
  readonly time: number
  readonly warmUp: number
}

// Many short rounds: a shared machine is fast and slow by turns of about a second, which a few long rounds cannot even out.
const thorough: Pace = { rounds: 25, time: 100, warmUp: 150 }
// A quick run asks of most cases only whether they work; the pairs get what the JIT needs to make twins alike.
const hasty: Pace = { rounds: 1, time: 8, warmUp: 8 }
const hastyPair: Pace = { rounds: 3, time: 60, warmUp: 120 }

/** How far the two of a pair may be apart, on a machine that has other things to do, before the instrument is broken. */
const mayDiffer = { thorough: 0.2, quick: 0.5 }

type Timings = ReadonlyMap<string, readonly Timing[]>

export function timed(suite: TimedSuite): Suite {
  return {
    name: suite.name,
    does: suite.does,
    subject: async (name) => {
      const found = suite.cases.find((each) => each.name === name)
      if (found === undefined) throw new Refusal(`no case "${name}" in the suite "${suite.name}"`)
      return found.load()
    },
    run: (plan) => run(suite, plan),
  }
}

async function run(suite: TimedSuite, plan: Plan): Promise<Findings> {
  const random = seeded(plan.seed)
  const cases = chosen(suite, plan.filter)
  const paces = new Map(cases.map((each) => [each, paceOf(each, cases, plan)]))
  const pace = (each: Case): Pace => paces.get(each) ?? thorough
  const rounds = Math.max(...[...paces.values()].map((each) => each.rounds))
  const total = [...paces.values()].reduce((sum, each) => sum + each.rounds, 0)
  const timings = new Map<string, Timing[]>(cases.map(({ name }) => [name, []]))
  const wrong = new Map<string, string>()
  let done = 0
  for (let round = 1; round <= rounds && !plan.signal.aborted; round++) {
    const due = cases.filter((each) => pace(each).rounds >= round)
    for (const each of shuffled(due, random)) {
      if (plan.signal.aborted) break
      plan.progress.step(done++, total, `round ${round} of ${rounds}: ${each.subject}`)
      if (wrong.has(each.name)) continue
      const { warmUp, time } = pace(each)
      const answer = await isolated({ suite: suite.name, subject: each.name, warmUp, time }, plan.signal)
      if (plan.signal.aborted) break
      if ('timing' in answer) timings.get(each.name)?.push(answer.timing)
      else wrong.set(each.name, answer.wrong)
    }
  }
  const partial = plan.signal.aborted
  const floor = pairs(cases, timings).map(({ a, b }) => noiseFloor(nanoseconds(a), nanoseconds(b), random))
  const rows = [...cases.flatMap((each) => rowsOf(each, cases, timings, pace(each).time)), ...floorRow(floor, rounds)]
  return {
    rows,
    // Targets are judged by figures, and a quick run's mean nothing.
    targets: plan.quick ? [] : suite.targets.flatMap((target) => judged(target, timings)),
    selfChecks: [
      ...checksOf(cases, timings, wrong, partial),
      ...pairChecks(cases, timings, plan.quick ? mayDiffer.quick : mayDiffer.thorough),
    ],
    partial,
  }
}

function paceOf(each: Case, cases: readonly Case[], plan: Plan): Pace {
  const pair = each.again !== undefined || cases.some(({ again }) => again === each.name)
  const pace = plan.quick ? (pair ? hastyPair : hasty) : thorough
  return { ...pace, rounds: plan.rounds ?? pace.rounds, time: plan.time ?? pace.time }
}

/** What the filter lets through, what that is compared with, and always the A/A pairs: without them nothing is known of the noise. */
function chosen(suite: TimedSuite, filter: string | undefined): readonly Case[] {
  if (filter === undefined) return suite.cases
  const text = filter.toLowerCase()
  const wanted = new Set<Case>()
  for (const each of suite.cases) {
    if (![each.name, each.subject, each.case].some((field) => field.toLowerCase().includes(text))) continue
    wanted.add(each)
    wanted.add(reference(each, suite.cases))
  }
  if (wanted.size === 0) throw new Refusal(`--filter: no case of "${suite.name}" contains "${filter}"`)
  const paired = new Set(suite.cases.flatMap(({ name, again }) => (again === undefined ? [] : [name, again])))
  return suite.cases.filter((each) => wanted.has(each) || paired.has(each.name))
}

const reference = (each: Case, cases: readonly Case[]): Case =>
  cases.find((other) => (each.against === undefined ? other.case === each.case : other.name === each.against)) ?? each

const nanoseconds = (timings: readonly Timing[] = []): number[] => timings.map(({ ns }) => ns)

function rowsOf(each: Case, cases: readonly Case[], timings: Timings, time: number): Row[] {
  const own = timings.get(each.name) ?? []
  if (own.length === 0) return []
  const against = reference(each, cases)
  const others = timings.get(against.name) ?? []
  const about = { case: each.case, subject: each.subject }
  const params = { ...each.params, ms: time, calls: median(own.map(({ calls }) => calls)) }
  const ns: Row = { ...about, metric: 'time', unit: 'ns/call', ...summary(nanoseconds(own)), params }
  const heap: Row = { ...about, metric: 'heap', unit: 'B/call', ...summary(own.map(({ bytes }) => bytes)), params }
  if (others.length === 0) return [ns, heap]
  // The range is that of the rounds, paired; the value is the ratio of the medians, which outliers do not move.
  const paired = own.slice(0, others.length).map(({ ns }, round) => ns / (others[round] as Timing).ns)
  const ratio: Row = {
    ...about,
    metric: 'ratio',
    unit: 'x',
    value: ns.value / median(nanoseconds(others)),
    low: quantile(paired, 0.05),
    high: quantile(paired, 0.95),
    n: paired.length,
    params: { against: against.subject },
  }
  return [ratio, ns, heap]
}

interface Pair {
  readonly a: readonly Timing[]
  readonly b: readonly Timing[]
  readonly each: Case
}

/** The pairs of which both halves were measured. */
function pairs(cases: readonly Case[], timings: Timings): readonly Pair[] {
  return cases.flatMap((each) => {
    const [a, b] = [timings.get(each.again ?? '') ?? [], timings.get(each.name) ?? []]
    return each.again === undefined || a.length === 0 || b.length === 0 ? [] : [{ a, b, each }]
  })
}

const floorRow = (floors: readonly number[], rounds: number): Row[] =>
  floors.length === 0
    ? []
    : [
        {
          case: 'noise floor',
          subject: 'A/A pairs',
          metric: 'difference',
          unit: 'share',
          value: Math.max(...floors),
          low: Math.min(...floors),
          high: Math.max(...floors),
          n: floors.length,
          params: { rounds, statistic: 'the largest over the pairs of the 95th percentile of random splits' },
        },
      ]

function judged({ name, of, over, limit }: RatioTarget, timings: Timings): Target[] {
  const [ours, theirs] = [nanoseconds(timings.get(of)), nanoseconds(timings.get(over))]
  if (ours.length === 0 || theirs.length === 0) return []
  const measured = median(ours) / median(theirs)
  return [{ name, measured, limit, met: measured <= limit }]
}

/** A subject that does other work than it must, or gives no samples, spoils the run. An interrupted run is judged by what is there. */
function checksOf(
  cases: readonly Case[],
  timings: Timings,
  wrong: ReadonlyMap<string, string>,
  partial: boolean,
): SelfCheck[] {
  return cases.flatMap(({ name, subject }) => {
    const why = wrong.get(name)
    if (why !== undefined) return [{ name: `${name}: ${why}`, passed: false }]
    if (partial && timings.get(name)?.length === 0) return []
    return [{ name: `${name}: does its work and gives samples (${subject})`, passed: timings.get(name)?.length !== 0 }]
  })
}

const pairChecks = (cases: readonly Case[], timings: Timings, most: number): SelfCheck[] =>
  pairs(cases, timings).map(({ a, b, each: { again } }) => ({
    name: `A/A: "${again}" and its twin differ by at most ${most * 100} %`,
    passed: apart(median(nanoseconds(a)), median(nanoseconds(b))) <= most,
  }))
