// Rows of this suite: medians with the 5th and 95th percentile, and their 99th beside.
import type { Row, Target } from '../harness/report.ts'
import { quantile, summary } from '../harness/statistics.ts'

export interface About {
  readonly case: string
  readonly subject: string
}

export const rowOf = (
  about: About,
  metric: string,
  unit: string,
  values: readonly number[],
  params: Row['params'] = {},
): Row => ({
  ...about,
  metric,
  unit,
  ...summary(values),
  params,
})

/** p50, p99 and the longest of times in milliseconds. */
export function timesOf(about: About, values: readonly number[], params: Row['params'] = {}): Row[] {
  if (values.length === 0) return []
  const at = (q: number): Row['params'] => ({ ...params, statistic: `p${q * 100}` })
  return [
    rowOf(about, 'p50', 'ms', values, params),
    ...[0.99, 1].map((q) => ({
      ...rowOf(about, q === 1 ? 'longest' : 'p99', 'ms', values, at(q)),
      value: quantile(values, q),
    })),
  ]
}

/** How many times longer than `over`, at the median. */
export const ratioOf = (about: About, metric: string, value: number, n: number, against: string): Row => ({
  ...about,
  metric,
  unit: 'x',
  value,
  low: value,
  high: value,
  n,
  params: { against, shows: 'ratio', statistic: 'ratio of the two percentiles' },
})

export const atMost = (name: string, measured: number, limit: number): Target => ({
  name,
  measured,
  limit,
  met: measured <= limit,
})
