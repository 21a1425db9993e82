// What a measurement of a registry stands on: a server of its own, clients that are closed whatever happens, and an end in sight.
import { setTimeout } from 'node:timers/promises'
import type { Random } from '@tenon/endpoint'
import type { RegistryServer } from '@tenon/example-registries'
import type { Findings } from '../harness/report.ts'
import type { Plan } from '../harness/suite.ts'
import { stream } from '../simulator/draws.ts'
import { instanceId, type Raw, type Registry } from './registry.ts'
import type { Discoverer, Discovering } from './strategies.ts'

export interface Lab {
  readonly registry: Registry
  readonly server: RegistryServer
  /** Straight to the server: what changes things. */
  readonly direct: Raw
  readonly random: Random
  readonly signal: AbortSignal
  readonly quick: boolean
  /** The larger number, or in a quick run the smaller one. */
  size(thorough: number, quick: number): number
  /** A service that nobody has heard of, and instances of which nobody has. */
  service(): string
  instance(): string
  sleep(ms: number): Promise<void>
  /**
   * Opens clients, and waits until each knows the service. They are closed with the lab. A few at a time: in one process, a
   * hundred that open at once keep one another waiting as no hundred processes would.
   */
  open(count: number, how: Discovering, service: string, url?: string): Promise<readonly Discoverer[]>
  /** Closes with the lab. */
  use<T extends AsyncDisposable>(resource: T): T
  step(doing: string): void
}

/** Clients that are opened together. */
const atOnce = 10

/** What one measurement finds. */
export type Found = Omit<Findings, 'partial'>

export type Measurement = (lab: Lab) => Promise<Found>

/** Runs a measurement against a registry of its own. */
export async function inLab(registry: Registry, plan: Plan, step: Lab['step'], measure: Measurement): Promise<Found> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await registry.start())
  const { signal, quick } = plan
  const random = stream(plan.seed, registry.name)
  let services = 0
  let instances = 0
  return await measure({
    registry,
    server,
    direct: stack.use(registry.raw(server.url)),
    random,
    signal,
    quick,
    size: (thorough, hasty) => (quick ? hasty : thorough),
    service: () => `service-${++services}`,
    instance: () => instanceId(++instances),
    sleep: (ms) => setTimeout(ms, undefined, { signal }),
    async open(count, how, service, url = server.url) {
      const all: Discoverer[] = []
      while (all.length < count) {
        const next = Array.from({ length: Math.min(atOnce, count - all.length) }, () =>
          stack.use(how.open({ registry, url, service, random })),
        )
        await Promise.all(next.map(({ ear }) => ear.until(({ ids }) => ids !== undefined, { signal })))
        all.push(...next)
      }
      return all
    },
    use: (resource) => stack.use(resource),
    step,
  })
}
