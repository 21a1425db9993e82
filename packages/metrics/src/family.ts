// Metrics as families of plain numbers, read by prom-client when somebody scrapes. prom-client's own counters build a
// string of all labels and look it up for every increment (200 ns and more, children of `labels()` too); a cell that is
// found once costs one.
import type { Metric, OpenMetricsContentType, PrometheusContentType, Registry } from 'prom-client'

/** A prom-client registry, of either text format. */
export type MetricRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>

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

/** A metric by name; `cell` finds or makes what counts for these labels. Every label needs a value. */
export interface Family<L extends string, C> {
  readonly cell: (labels: Readonly<Record<L, string>>) => C
}

type Kind = 'counter' | 'gauge' | 'histogram'

interface Spec {
  readonly kind: Kind
  readonly help: string
  readonly labels: readonly string[]
  readonly bounds?: readonly number[]
  /** Runs before the family is read. */
  readonly collect?: () => void
}

interface Row {
  readonly labels: Record<string, string | number>
  readonly value: number
  readonly metricName?: string
  readonly sharedLabels?: Record<string, string>
}

interface Entry<C> {
  readonly labels: Record<string, string>
  readonly cell: C
}

/** How a kind makes, prints and zeroes its cells. */
interface Form<C> {
  readonly make: () => C
  readonly rows: (name: string, entry: Entry<C>) => Row[]
  readonly zero: (cell: C) => void
}

/** What we have registered, so that who comes second finds it. */
const made = new WeakMap<object, { readonly spec: Spec; readonly family: Family<string, unknown> }>()

const describe = ({ kind, labels, bounds = [] }: Spec): string =>
  `a ${kind} by ${labels.join(', ') || 'nothing'}${bounds.length > 0 ? ` with the buckets ${bounds.join(', ')}` : ''}`

function family<C>(registry: MetricRegistry, name: string, spec: Spec, form: Form<C>): Family<string, C> {
  const registered: object | undefined = registry.getSingleMetric(name)
  if (registered !== undefined) {
    const before = made.get(registered)
    if (before !== undefined && describe(before.spec) === describe(spec)) return before.family as Family<string, C>
    throw new TypeError(
      `metrics: "${name}" is in this registry already, as ${before ? describe(before.spec) : 'a metric of somebody else'}, ` +
        `and is needed as ${describe(spec)}: give one of them another prefix or another registry`,
    )
  }
  const entries = new Map<string, Entry<C>>()
  const read = (self: { readonly name: string }): object => {
    spec.collect?.()
    const values = [...entries.values()].flatMap((entry) => form.rows(self.name, entry))
    return { name: self.name, help: spec.help, type: spec.kind, aggregator: 'sum', values }
  }
  // The shape that a registry asks of a metric. It sets `name` where its format wants another.
  const metric = {
    name,
    help: spec.help,
    type: spec.kind,
    aggregator: 'sum',
    async getForPromString() {
      return read(this)
    },
    async get() {
      const { values, ...rest } = read(this) as { values: Row[] }
      return {
        ...rest,
        values: values.map(({ sharedLabels, labels, ...row }) => ({ ...row, labels: { ...sharedLabels, ...labels } })),
      }
    },
    reset() {
      for (const { cell } of entries.values()) form.zero(cell)
    },
  }
  const result: Family<string, C> = {
    cell(labels) {
      const key = spec.labels.map((label) => labels[label]).join('\0')
      let entry = entries.get(key)
      if (entry === undefined) {
        entry = {
          labels: Object.fromEntries(spec.labels.map((label) => [label, String(labels[label])])),
          cell: form.make(),
        }
        entries.set(key, entry)
      }
      return entry.cell
    },
  }
  made.set(metric, { spec, family: result })
  registry.registerMetric(metric as unknown as Metric)
  return result
}

/** A counter. Give it a name that ends in `_total`. */
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
      make: () => ({ value: 0 }),
      rows: (_, { labels, cell }) => [{ labels: { ...labels }, value: cell.value }],
      zero: (cell) => {
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
): Family<L, Cell> =>
  family<Cell>(
    registry,
    name,
    { kind: 'gauge', help, labels },
    {
      make: () => ({ value: 0 }),
      rows: (_, { labels, cell }) => [{ labels: { ...labels }, value: cell.value }],
      zero: () => {},
    },
  )

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
      rows(name, { labels: sharedLabels, cell }) {
        let count = 0
        const rows: Row[] = cell.counts.map((here, at) => {
          count += here
          return { labels: { le: bounds[at] ?? '+Inf' }, sharedLabels, value: count, metricName: `${name}_bucket` }
        })
        rows.push({ labels: {}, sharedLabels, value: cell.sum, metricName: `${name}_sum` })
        rows.push({ labels: {}, sharedLabels, value: count, metricName: `${name}_count` })
        return rows
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
