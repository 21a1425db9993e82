// The few statistics that the suites share. Medians, because a shared machine makes outliers.

/** The q-quantile (0..1), interpolated between the two nearest values (Hyndman & Fan 1996, type 7). */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] as number
  const above = sorted[Math.ceil(at)] as number
  return below + (above - below) * (at - Math.floor(at))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The median with the 5th and 95th percentile, as a report's row states them. */
export const summary = (values: readonly number[]): { value: number; low: number; high: number; n: number } => ({
  value: median(values),
  low: quantile(values, 0.05),
  high: quantile(values, 0.95),
  n: values.length,
})

/** The same values in another order (Fisher & Yates). */
export function shuffled<A>(values: readonly A[], random: () => number): A[] {
  const all = [...values]
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = all[i] as A
    all[i] = all[j] as A
    all[j] = held
  }
  return all
}
