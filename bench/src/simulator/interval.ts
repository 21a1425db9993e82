// The mean of some runs, and how well it is known.

/** Student's t for 95 %, two-sided, by degrees of freedom from 1; beyond the table the normal's. */
const t95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

export interface Interval {
  /** The mean, and the ends of its 95 % confidence interval, as a report's row states them. */
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
}

/** Of one value nothing is known but itself: the interval is that value. */
export function interval(values: readonly number[]): Interval {
  const n = values.length
  const value = values.reduce((sum, each) => sum + each, 0) / n
  if (n < 2) return { value, low: value, high: value, n }
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (n - 1)
  const half = (t95[n - 2] ?? 1.96) * Math.sqrt(variance / n)
  return { value, low: value - half, high: value + half, n }
}
