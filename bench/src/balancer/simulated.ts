// The simulated part of the suite: every scenario with every strategy, over several seeds, and the proofs that the simulation is right.
import { setImmediate } from 'node:timers/promises'
import type { Findings, Row, SelfCheck, Target } from '../harness/report.ts'
import type { Plan } from '../harness/suite.ts'
import { interval } from '../simulator/interval.ts'
import { type Runs, runRows } from './run-rows.ts'
import { chosenScenarios, fleet, type Scenario } from './scenario.ts'
import { type Run, simulate } from './simulate.ts'
import { strategies } from './strategies.ts'
import { type StrategyName, subjects } from './subjects.ts'

const seeds = 10
/** A quick run: one seed, and so many milliseconds of each scenario. */
const hasty = { seeds: 1, lasts: 1_000 }

export async function simulated({ filter, quick, rounds, seed, signal, progress }: Plan): Promise<Findings> {
  const wanted = chosenScenarios(filter)
  const count = quick ? hasty.seeds : (rounds ?? seeds)
  const total = wanted.reduce((sum, scenario) => sum + scenario.strategies.length, 0) * count
  const rows: Row[] = []
  const checks: SelfCheck[] = []
  const targets: Target[] = []
  let done = 0
  for (const scenario of wanted) {
    const runs = new Map<StrategyName, Run[]>(scenario.strategies.map((name) => [name, []]))
    for (let n = 0; n < count && !signal.aborted; n++) {
      for (const [name, own] of runs) {
        progress.step(done++, total, `${scenario.title}: ${name}`)
        own.push(await simulate(scenario, strategies[name], seed + n, quick ? hasty.lasts : undefined))
      }
      // Signals get their turn.
      await setImmediate()
    }
    if (runs.values().next().value?.length === 0) break
    const of = runRows(scenario, runs)
    rows.push(...of)
    checks.push(...sameCalls(scenario, runs))
    if (quick) continue
    targets.push(...judged(scenario, of))
    if (scenario.name === 'even') checks.push(...theory(runs.get('random') ?? []))
  }
  return { rows, targets, selfChecks: checks, partial: signal.aborted }
}

/** Every strategy of a scenario had the same calls, and every call of every one has ended. */
const sameCalls = ({ title }: Scenario, runs: Runs): SelfCheck[] => [
  {
    name: `${title}: all strategies had the same calls, and each of them ended`,
    passed: [...runs.values()].every((own) =>
      own.every(({ times }, at) => times.length > 0 && times.length === [...runs.values()][0]?.[at]?.times.length),
    ),
  },
]

/**
 * Chosen at random, each instance is a queue of its own with Poisson arrivals and exponential work (M/M/2), of which it is known
 * how long a call takes on average: m / (1 - load²) (Erlang 1917).
 */
export const expectedTime = fleet.demand / (1 - fleet.load ** 2)
const mayDiffer = 0.05

const theory = (runs: readonly Run[]): SelfCheck[] => {
  if (runs.length === 0) return []
  const { value } = interval(runs.map(({ times }) => times.reduce((sum, time) => sum + time, 0) / times.length))
  return [
    {
      name: `random(): ${value.toFixed(1)} ms a call on average, within ${mayDiffer * 100} % of the ${expectedTime.toFixed(1)} that queueing theory says`,
      passed: Math.abs(value / expectedTime - 1) <= mayDiffer,
    },
  ]
}

/** What p2c is for: one bad instance is not felt. By the upper end of the interval. */
function judged({ name, title }: Scenario, rows: readonly Row[]): Target[] {
  const find = (key: StrategyName, metric: string): Row | undefined =>
    rows.find((row) => row.subject === subjects[key] && row.metric === metric)
  const target = (what: string, row: Row | undefined, limit: number): Target[] =>
    row === undefined ? [] : [{ name: `${title}: ${what}`, measured: row.high, limit, met: row.high <= limit }]
  if (name === 'slow') return target('p99 of p2c / roundRobin', find('p2c', 'p99 ratio'), 0.2)
  if (name === 'failing')
    return target('calls that fail with outlierEjection(p2c), %', find('ejecting-p2c', 'failed'), 0.5)
  if (name === 'hanging')
    return target('calls that fail with outlierEjection(p2c), %', find('ejecting-p2c', 'failed'), 0.5)
  return []
}
