// What simulated runs say, as rows: means over the seeds with 95 % confidence intervals; ratios within a seed, where both saw the same calls.
import type { Row } from '../harness/report.ts'
import { interval } from '../simulator/interval.ts'
import { fleet, type Scenario } from './scenario.ts'
import type { Run } from './simulate.ts'
import { type StrategyName, subjects } from './subjects.ts'

/** Runs by strategy, one for each seed, in the same order. */
export type Runs = ReadonlyMap<StrategyName, readonly Run[]>

const statistic = 'mean over the seeds, 95 % confidence interval'

/** Milliseconds. */
export function percentile({ times }: Run, share: number): number {
  return times[Math.ceil(share * times.length) - 1] ?? Number.NaN
}

const failed = ({ times, failed }: Run): number => (100 * failed) / times.length
const meanJobs = ({ jobs }: Run): number => jobs.reduce((sum, each) => sum + each, 0) / jobs.length
const share = (run: Run): number => (100 * (run.jobs[0] as number)) / meanJobs(run)
const busiest = (run: Run): number => (100 * Math.max(...run.jobs)) / meanJobs(run)

export function runRows(scenario: Scenario, runs: Runs): Row[] {
  const [first = 'roundRobin'] = scenario.strategies
  const base = runs.get(first) ?? []
  return [...runs].flatMap(([name, own]) => {
    const about = { case: scenario.title, subject: subjects[name] }
    const neutral = { neutral: true }
    const params = { shows: 'interval', statistic, ...fleet }
    const row = (metric: string, unit: string, of: (run: Run) => number, more = {}): Row => ({
      ...about,
      metric,
      unit,
      ...interval(own.map(of)),
      params: { ...params, ...more },
    })
    const against = {
      shows: 'interval',
      against: subjects[first],
      statistic: 'mean over the seeds of the ratio within a seed, 95 % confidence interval',
    }
    return [
      {
        ...about,
        metric: 'p99 ratio',
        unit: 'x',
        ...interval(own.map((run, at) => percentile(run, 0.99) / percentile(base[at] as Run, 0.99))),
        params: against,
      },
      row('p50', 'ms', (run) => percentile(run, 0.5)),
      row('p99', 'ms', (run) => percentile(run, 0.99)),
      row('p99.9', 'ms', (run) => percentile(run, 0.999)),
      row('failed', '%', failed),
      ...(scenario.about === undefined ? [] : [row(`calls to ${scenario.about}`, '% of its share', share, neutral)]),
      row('calls to the busiest', '% of its share', busiest, neutral),
    ]
  })
}
