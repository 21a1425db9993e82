// The suite `discovery`: how soon clients know who is there, what they cost their registry, and what they notice when it is away; by
// watching, by asking every so often, and by caching, on real Consul and etcd.
import { joined, type Part } from '../harness/joined.ts'
import type { Findings, Row } from '../harness/report.ts'
import type { Plan } from '../harness/suite.ts'
import { consul } from './consul.ts'
import { convergence } from './convergence.ts'
import { etcd } from './etcd.ts'
import { firstDiscovery } from './first.ts'
import { inLab, type Measurement } from './lab.ts'
import { lag } from './lag.ts'
import { load } from './load.ts'
import { outages } from './outages.ts'
import { propagation } from './propagation.ts'
import type { Registry } from './registry.ts'

const registries: readonly Registry[] = [consul, etcd]

interface Measured {
  /** For `--filter`. */
  readonly name: string
  /** Seconds, for one registry. */
  readonly takes: number
  readonly measure: Measurement
  /** Does it wait more than it works? Then all registries have their turn at once. */
  readonly waits?: boolean
}

const measurements: readonly Measured[] = [
  { name: 'first discovery', takes: 15, measure: firstDiscovery },
  { name: 'a change is heard', takes: 25, measure: propagation },
  { name: 'until who asks has heard', takes: 60, measure: lag, waits: true },
  { name: 'outages', takes: 60, measure: outages, waits: true },
  { name: 'load', takes: 30, measure: load, waits: true },
  { name: 'convergence', takes: 20, measure: convergence },
]

const partOf = ({ name, takes, measure, waits = false }: Measured): Part => ({
  takes: takes * (waits ? 1 : registries.length),
  holds: (filter) =>
    [name, ...registries.map((each) => each.name)].some((field) => field.toLowerCase().includes(filter.toLowerCase())),
  async run(plan) {
    const { filter, signal, progress } = plan
    // A filter that names a registry is about that one.
    const named = registries.filter((each) => filter !== undefined && each.name.toLowerCase() === filter.toLowerCase())
    const there = (named.length > 0 ? named : registries).filter((each) => each.missing() === undefined)
    const began = performance.now()
    const whole = takes * 1_000 * (waits ? 1 : there.length)
    const step = (doing: string): void => progress.step(Math.min(performance.now() - began, 0.98 * whole), whole, doing)
    const one = async (registry: Registry): Promise<Findings> => {
      try {
        return { ...(await inLab(registry, plan, step, measure)), partial: false }
      } catch (cause) {
        if (signal.aborted) return nothing
        throw new Error(`${name}, ${registry.name}: ${(cause as Error).message}`, { cause })
      }
    }
    const found: Findings[] = []
    if (waits) found.push(...(await Promise.all(there.map(one))))
    else for (const registry of there) if (!signal.aborted) found.push(await one(registry))
    return together(found)
  },
})

const nothing: Findings = { rows: [], targets: [], selfChecks: [], partial: true }

const together = (found: readonly Findings[]): Findings => ({
  rows: found.flatMap(({ rows }) => rows),
  targets: found.flatMap(({ targets }) => targets),
  selfChecks: found.flatMap(({ selfChecks }) => selfChecks),
  partial: found.some(({ partial }) => partial),
})

/** A registry that cannot be had is told, also to who reads the report only. */
const absent: Part = {
  takes: 0.1,
  holds: () => true,
  async run(_plan: Plan) {
    const rows = registries.flatMap((registry): Row[] => {
      const why = registry.missing()
      if (why === undefined) return []
      process.stderr.write(`bench: ${registry.name} is left out: ${why}\n`)
      return [
        {
          case: 'left out',
          subject: why,
          metric: 'measured',
          unit: 'cases',
          value: 0,
          low: 0,
          high: 0,
          n: 1,
          params: {},
        },
      ]
    })
    return { rows, targets: [], selfChecks: [], partial: false }
  },
}

export const discovery = joined(
  {
    name: 'discovery',
    does: 'watching, polling and caching on real Consul and etcd: first discovery, propagation, outages, load',
  },
  [absent, ...measurements.map(partOf)],
)
