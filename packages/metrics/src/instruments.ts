// Counters, gauges and histograms made of plain numbers.
import { type Family, type Form, family, type MetricRegistry } from './family.ts'

/** The number behind one counter or gauge with its labels. Write to it. */
export interface Cell {
  value: number
}

/** One histogram with its labels. Write to it with {@link observe}. */
export interface Distribution {
  /** One for each upper bound and one for all above, not cumulative. */
  readonly counts: number[]
  sum: number
}

/** One number, one line. */
const single: Omit<Form<Cell>, 'zero'> = {
  make: () => ({ value: 0 }),
  lines: (labels) => [{ suffix: '', labels }],
  values: ({ value }) => [value],
}

/** A counter. Give it a name that ends in `_total`. `collect` runs before it is read. */
export const counter = <L extends string>(
  registry: MetricRegistry,
  name: string,
  help: string,
  labels: readonly L[],
  collect?: () => void,
): Family<L, Cell> =>
  family<Cell>(
    registry,
    name,
    { kind: 'counter', help, labels, ...(collect && { collect }) },
    {
      ...single,
      zero(cell) {
        cell.value = 0
      },
    },
  )

/** A gauge. It holds what is so at the moment, so that resetting the registry leaves it alone. */
export const gauge = <L extends string>(
  registry: MetricRegistry,
  name: string,
  help: string,
  labels: readonly L[],
): Family<L, Cell> => family<Cell>(registry, name, { kind: 'gauge', help, labels }, { ...single, zero() {} })

/** A histogram with these upper bounds, ascending. */
export const histogram = <L extends string>(
  registry: MetricRegistry,
  name: string,
  help: string,
  labels: readonly L[],
  bounds: readonly number[],
): Family<L, Distribution> =>
  family<Distribution>(
    registry,
    name,
    { kind: 'histogram', help, labels, bounds },
    {
      make: () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }),
      lines: (own) => [
        ...[...bounds, '+Inf'].map((le) => ({ suffix: '_bucket', labels: { le, ...own } })),
        { suffix: '_sum', labels: own },
        { suffix: '_count', labels: own },
      ],
      values({ counts, sum }) {
        let count = 0
        const cumulative = counts.map((here) => {
          count += here
          return count
        })
        return [...cumulative, sum, count]
      },
      zero(cell) {
        cell.counts.fill(0)
        cell.sum = 0
      },
    },
  )

/** Adds a value to a distribution with these upper bounds. */
export function observe(cell: Distribution, bounds: readonly number[], value: number): void {
  let at = 0
  while (at < bounds.length && value > (bounds[at] as number)) at++
  ;(cell.counts[at] as number)++
  cell.sum += value
}
