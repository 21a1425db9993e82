// The suite `discovery`: how soon clients know who is there, what they cost their registry, and what they notice when it is away; by
// watching, by asking every so often, and by caching, on real Consul and etcd.
import { joined, type Part, together } from '../harness/joined.ts'
import type { Findings, Row } from '../harness/report.ts'
import type { Plan, Suite } from '../harness/suite.ts'
import { inLab, type Measurement } from './lab.ts'
import type { Registry } from './registry.ts'
import { differences, stated } from './stated.ts'

const notes =
  'Every client has connections of its own to a real Consul 1.8 or etcd on the same machine; a proxy makes the network slow, or cuts it. By hand is the floor: `node:http` with blocking queries, and etcd3. All clients of a measurement, the proxy and the registry share two cores, so that hundreds of clients at once are told as late as this machine is slow.\n\n' +
  '*p50 at 1 ms* and so on: so far away, there and back. *Fresh again*: from the moment at which the registry could be asked again until a client knew an instance that had come meanwhile. *Calls to an instance that has left*: of a client that calls 20 times a second over four instances, each time that one is taken out, by how long it still answers. ' +
  'Load is counted on the wire for fifty clients and told for a thousand; of an etcd watch the requests are the questions whether etcd is still there, one every 2 s.\n\n' +
  differences

interface Measured {
  /** For `--filter`. */
  readonly name: string
  /** Seconds, for one registry. */
  readonly takes: number
  /** Imported when it is its turn: processes that time something else load the suites too. */
  readonly load: () => Promise<Measurement>
  /** Does it wait more than it works? Then all registries have their turn at once. */
  readonly waits?: boolean
}

const measurements: readonly Measured[] = [
  { name: 'first discovery', takes: 15, load: async () => (await import('./first.ts')).firstDiscovery },
  { name: 'starts while it is down', takes: 15, load: async () => (await import('./down.ts')).startsDown, waits: true },
  { name: 'a change is heard', takes: 25, load: async () => (await import('./propagation.ts')).propagation },
  { name: 'until who asks has heard', takes: 60, load: async () => (await import('./lag.ts')).lag, waits: true },
  { name: 'crashes', takes: 50, load: async () => (await import('./crashes.ts')).crashes, waits: true },
  { name: 'outages', takes: 60, load: async () => (await import('./outages.ts')).outages, waits: true },
  { name: 'load', takes: 30, load: async () => (await import('./load.ts')).load, waits: true },
  { name: 'convergence', takes: 20, load: async () => (await import('./convergence.ts')).convergence },
]

/** Of the registries: for the filter. */
const names = ['Consul', 'etcd']
const registriesOf = async () => (await import('./registries.ts')).registries

const partOf = ({ name, takes, load, waits = false }: Measured): Part => ({
  takes: takes * (waits ? 1 : names.length),
  holds: (filter) => [name, ...names].some((field) => field.toLowerCase().includes(filter.toLowerCase())),
  async run(plan) {
    const { filter, signal, progress } = plan
    const [registries, measure] = [await registriesOf(), await load()]
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
        // The others are measured all the same.
        return {
          ...nothing,
          partial: false,
          selfChecks: [{ name: `${name}, ${registry.name}: ${cause}`, passed: false }],
        }
      }
    }
    const found: Findings[] = []
    // Whether figures are right does not matter to a quick run.
    if (waits || plan.quick) found.push(...(await Promise.all(there.map(one))))
    else for (const registry of there) if (!signal.aborted) found.push(await one(registry))
    return together(found, signal)
  },
})

const nothing: Findings = { rows: [], targets: [], selfChecks: [], partial: true }

/** A registry that cannot be had is told, also to who reads the report only. */
const absent: Part = {
  takes: 0.1,
  holds: () => true,
  async run(_plan: Plan) {
    const rows = (await registriesOf()).flatMap((registry): Row[] => {
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

const measured = joined(
  {
    name: 'discovery',
    does: 'watching, polling and caching on real Consul and etcd: first discovery, propagation, crashes, outages, load',
    notes,
  },
  [absent, ...measurements.map(partOf)],
  { quicklyAtOnce: true },
)

export const discovery: Suite = {
  ...measured,
  async run(plan) {
    const found = await measured.run(plan)
    return { ...found, rows: [...found.rows, ...stated(found.rows)] }
  },
}
