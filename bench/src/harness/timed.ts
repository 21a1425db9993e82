// Makes a suite of subjects that are timed: every subject in its own process, a fresh one each round, all taking turns,
// so that whatever the machine does in the meantime hits all alike.
import { seeded } from '@tenon/endpoint/testing'
import { floorRow, type Pair, pairCheck } from './noise.ts'
import { Refusal } from './refusal.ts'
import type { Findings, Row, SelfCheck, Target } from './report.ts'
import {
  type Asked,
  type Conduct,
  type Measured,
  type Findings as Measurements,
  measure,
  type Pace,
  ratios,
  stepsOf,
} from './rounds.ts'
import { median, summary } from './statistics.ts'
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
  /** Only what `of` takes more than the first of these, and `over` more than the second, is compared: what they add. */
  readonly beyond?: readonly [ofThis: string, overThis: string]
  readonly limit: number
}

export interface TimedSuite {
  readonly name: string
  readonly does: string
  readonly notes?: string
  readonly cases: readonly Case[]
  readonly targets: readonly RatioTarget[]
  /**
   * Are the groups that are compared measured one after the other? With many subjects their turns then stand closer
   * together, and fewer processes wait. Default: false, all at once.
   */
  readonly oneByOne?: boolean
  /** How often each subject is measured, unless the plan says otherwise. Default 9. */
  readonly rounds?: number
}

const thorough: Pace = { rounds: 9, warmUp: 200, turns: 12, time: 20 }
/** A quick run asks only whether everything works. */
const hasty: Pace = { rounds: 1, warmUp: 8, turns: 1, time: 8 }

type Rounds = Measurements['rounds']

export function timed(suite: TimedSuite): Suite {
  return {
    name: suite.name,
    does: suite.does,
    ...(suite.notes !== undefined && { notes: suite.notes }),
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
  const pace = paceOf(plan, suite.rounds)
  const asked = cases.map((each) => ({ ...each, pace }))
  const { signal, progress } = plan
  const groups = suite.oneByOne === true ? [...Map.groupBy(asked, (each) => each.case).values()] : [asked]
  const { rounds, wrong } = await measureAll(groups, { suite: suite.name, random, signal, progress })
  const partial = signal.aborted
  const twins = pairs(cases, rounds)
  return {
    rows: [...asked.flatMap((each) => rowsOf(each, cases, rounds)), ...floorRow(twins, random)],
    // Targets and twins are judged by figures, and a quick run's mean nothing.
    targets: plan.quick ? [] : suite.targets.flatMap((target) => judged(target, rounds)),
    selfChecks: [...checksOf(cases, rounds, wrong, partial), ...(plan.quick ? [] : twins.map(pairCheck))],
    partial,
  }
}

/** Measures groups one after the other. */
async function measureAll(groups: readonly (readonly Asked[])[], conduct: Conduct): Promise<Measurements> {
  const rounds = new Map<string, readonly Measured[]>()
  const wrong = new Map<string, string>()
  const total = groups.reduce((sum, group) => sum + stepsOf(group), 0)
  let before = 0
  for (const group of groups) {
    const done = before
    const progress = { step: (at: number, _of: number, now: string) => conduct.progress.step(done + at, total, now) }
    const found = await measure(group, { ...conduct, progress })
    for (const [name, measured] of found.rounds) rounds.set(name, measured)
    for (const [name, why] of found.wrong) wrong.set(name, why)
    before += stepsOf(group)
  }
  return { rounds, wrong }
}

function paceOf(plan: Plan, usual = thorough.rounds): Pace {
  const pace = plan.quick ? hasty : thorough
  const { rounds = plan.quick ? pace.rounds : usual, time } = plan
  return { ...pace, rounds, time: time === undefined ? pace.time : time / pace.turns }
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

/** The median turn of each round. */
const nanoseconds = (rounds: readonly Measured[] = []): number[] => rounds.map(({ turns }) => median(turns))

function rowsOf({ pace, ...each }: Case & { readonly pace: Pace }, cases: readonly Case[], rounds: Rounds): Row[] {
  const own = rounds.get(each.name) ?? []
  if (own.length === 0) return []
  const against = reference(each, cases)
  const compared = ratios(own, rounds.get(against.name) ?? [])
  const about = { case: each.case, subject: each.subject }
  const calls = median(own.map((round) => round.calls))
  const params = { ...each.params, turns: pace.turns, ms: pace.time, calls }
  const ns: Row = { ...about, metric: 'time', unit: 'ns/call', ...summary(nanoseconds(own)), params }
  const heap: Row = { ...about, metric: 'heap', unit: 'B/call', ...summary(own.map(({ bytes }) => bytes)), params }
  if (compared.length === 0) return [ns, heap]
  const ratio: Row = {
    ...about,
    metric: 'ratio',
    unit: 'x',
    ...summary(compared),
    params: { against: against.subject, statistic: 'median over rounds of the median over cycles of turns' },
  }
  return [ratio, ns, heap]
}

/** The pairs of which both halves were measured. */
function pairs(cases: readonly Case[], rounds: Rounds): readonly Pair[] {
  return cases.flatMap(({ name, again }) => {
    if (again === undefined) return []
    const compared = ratios(rounds.get(name) ?? [], rounds.get(again) ?? [])
    return compared.length === 0 ? [] : [{ name: again, ratios: compared }]
  })
}

function judged({ name, of, over, beyond, limit }: RatioTarget, rounds: Rounds): Target[] {
  const measuredOf = (subject: string): readonly Measured[] => rounds.get(subject) ?? []
  const compared =
    beyond === undefined
      ? ratios(measuredOf(of), measuredOf(over))
      : added(measuredOf(of), measuredOf(over), measuredOf(beyond[0]), measuredOf(beyond[1]))
  if (compared.length === 0) return []
  const measured = median(compared)
  return [{ name, measured, limit, met: measured <= limit }]
}

/** How many times as much the one adds to its base as the other to its own, round by round. */
function added(
  of: readonly Measured[],
  over: readonly Measured[],
  ofBase: readonly Measured[],
  overBase: readonly Measured[],
): number[] {
  const [ofs, overs, ofBases, overBases] = [of, over, ofBase, overBase].map(nanoseconds) as [
    number[],
    number[],
    number[],
    number[],
  ]
  const length = Math.min(ofs.length, overs.length, ofBases.length, overBases.length)
  return ofs.slice(0, length).map((ns, round) => {
    const more = (all: readonly number[], base: readonly number[]): number =>
      (all[round] as number) - (base[round] as number)
    return Math.max(0, ns - (ofBases[round] as number)) / Math.max(1, more(overs, overBases))
  })
}

/** A subject that does other work than it must, or gives no samples, spoils the run. An interrupted run is judged by what is there. */
function checksOf(
  cases: readonly Case[],
  rounds: Rounds,
  wrong: ReadonlyMap<string, string>,
  partial: boolean,
): SelfCheck[] {
  return cases.flatMap(({ name, subject }) => {
    const why = wrong.get(name)
    if (why !== undefined) return [{ name: `${name}: ${why}`, passed: false }]
    if (partial && rounds.get(name)?.length === 0) return []
    return [{ name: `${name}: does its work and gives samples (${subject})`, passed: rounds.get(name)?.length !== 0 }]
  })
}
