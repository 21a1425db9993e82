// From samples to the rows of the report.
import type { Row } from '../harness/report.ts'
import { median, summary } from '../harness/statistics.ts'
import type { Sample, Samples } from './samples.ts'

/** Subjects that do the same work; the first is what the others are compared with. */
export interface Scenario {
  /** As the samples call it. */
  readonly name: string
  readonly title: string
  readonly subjects: readonly { readonly name: string; readonly subject: string; readonly again?: string }[]
  /** What one answer is called. */
  readonly unit: 'request' | 'call'
  readonly atOnce: number
}

export const rowsOf = (scenario: Scenario, samples: Samples): Row[] =>
  scenario.subjects.flatMap((subject) => subjectRows(scenario, subject, samples))

function subjectRows(
  { name: scenario, title, subjects, unit, atOnce }: Scenario,
  { name, subject }: Scenario['subjects'][number],
  samples: Samples,
): Row[] {
  const rounds = samples.rounds(scenario, name)
  const [first] = subjects
  if (rounds.length === 0 || first === undefined) return []
  const about = { case: title, subject }
  const params = { atOnce, turns: rounds[0]?.length ?? 0 }
  const of = (value: (sample: Sample) => number) => summary(rounds.map((turns) => median(turns.map(value))))
  const ratio = (metric: string, value: (sample: Sample) => number): Row[] => {
    const compared = samples.ratios(scenario, name, first.name, value)
    return compared.length === 0
      ? []
      : [{ ...about, metric, unit: 'x', ...summary(compared), params: statistic(first) }]
  }
  return [
    ...ratio('throughput ratio', ({ perSecond }) => perSecond),
    { ...about, metric: 'throughput', unit: `${unit}s/s`, ...of(({ perSecond }) => perSecond), params },
    { ...about, metric: 'p50', unit: 'ms', ...of(({ p50 }) => p50), params },
    { ...about, metric: 'p99', unit: 'ms', ...of(({ p99 }) => p99), params },
    ...ratio('CPU ratio', ({ spent }) => spent),
    { ...about, metric: 'CPU', unit: `µs/${unit}`, ...of(({ spent }) => spent), params },
  ]
}

const statistic = ({ subject }: Scenario['subjects'][number]): Row['params'] => ({
  against: subject,
  statistic: 'median over rounds of the median over cycles of turns',
})

const mega = 1_048_576

/** Memory of the servers' processes. */
export const memoryRows = (subjects: Scenario['subjects'], samples: Samples): Row[] =>
  subjects.flatMap(({ name, subject }) => {
    const all = samples.memory.get(name)
    if (all === undefined) return []
    const about = { case: 'memory, after all that load', subject, params: {} }
    return [
      { ...about, metric: 'resident', unit: 'MiB', ...summary(all.map(({ rss }) => rss / mega)) },
      { ...about, metric: 'heap, collected', unit: 'MiB', ...summary(all.map(({ heap }) => heap / mega)) },
    ]
  })

/** How busy the load generator was while it counted: what it has left is the headroom. */
export function loaderRow(scenarios: readonly Scenario[], samples: Samples, pinned: boolean): Row[] {
  const shares = scenarios.flatMap(({ name, subjects }) =>
    subjects.flatMap((subject) =>
      samples.rounds(name, subject.name).flatMap((turns) => turns.map(({ share }) => share)),
    ),
  )
  if (shares.length === 0) return []
  const about = { case: 'the load generator', subject: 'raw sockets, a process of its own' }
  return [
    {
      ...about,
      metric: 'CPU used',
      unit: 'share of a core',
      ...summary(shares),
      params: { pinned, statistic: 'median over all turns' },
    },
  ]
}
