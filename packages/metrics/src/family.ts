// Metrics as families of plain numbers, read by prom-client when somebody scrapes. prom-client's own counters build a
// string of all labels and look it up for every increment (200 ns and more, children of `labels()` too); a cell that is
// found once costs one.
import type { Metric, OpenMetricsContentType, PrometheusContentType, Registry } from 'prom-client'

/** A prom-client registry, of either text format. */
export type MetricRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>

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

/** A line of the page: labels that stay, and a number. */
interface Line {
  readonly suffix: string
  readonly labels: Readonly<Record<string, string | number>>
}

interface Entry<C> {
  readonly cell: C
  /** prom-client prints labels once and keeps the text with the object, so the objects stay: a page costs half. */
  readonly lines: readonly Line[]
}

/** How a kind makes, prints and zeroes its cells. */
export interface Form<C> {
  readonly make: () => C
  readonly lines: (labels: Readonly<Record<string, string>>) => readonly Line[]
  /** A number for each line. */
  readonly values: (cell: C) => readonly number[]
  readonly zero: (cell: C) => void
}

/** What we have registered, so that who comes second finds it. */
const made = new WeakMap<object, { readonly spec: Spec; readonly family: Family<string, unknown> }>()

const describe = ({ kind, labels, bounds = [] }: Spec): string =>
  `a ${kind} by ${labels.join(', ') || 'nothing'}${bounds.length > 0 ? ` with the buckets ${bounds.join(', ')}` : ''}`

/** The family of this name, registered when it is not yet; a TypeError where the name means something else. */
export function family<C>(registry: MetricRegistry, name: string, spec: Spec, form: Form<C>): Family<string, C> {
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
  const none = {}
  // The shape that a registry asks of a metric. It sets `name` where its format wants another.
  const metric = {
    name,
    help: spec.help,
    type: spec.kind,
    aggregator: 'sum',
    async getForPromString() {
      spec.collect?.()
      const values = [...entries.values()].flatMap(({ cell, lines }) => {
        const numbers = form.values(cell)
        return lines.map(({ suffix, labels }, at) => ({
          labels: none,
          sharedLabels: labels,
          value: numbers[at] as number,
          ...(suffix !== '' && { metricName: `${this.name}${suffix}` }),
        }))
      })
      return { name: this.name, help: spec.help, type: spec.kind, aggregator: 'sum', values }
    },
    async get() {
      const { values, ...rest } = await this.getForPromString()
      return { ...rest, values: values.map(({ sharedLabels, ...row }) => ({ ...row, labels: { ...sharedLabels } })) }
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
        const own = Object.fromEntries(spec.labels.map((label) => [label, String(labels[label])]))
        entry = { cell: form.make(), lines: form.lines(own) }
        entries.set(key, entry)
      }
      return entry.cell
    },
  }
  made.set(metric, { spec, family: result })
  registry.registerMetric(metric as unknown as Metric)
  return result
}
