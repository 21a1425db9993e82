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
  /** Opens clients and closes them with the lab. */
  open(count: number, how: Discovering, service: string, url?: string): Discoverer[]
  /** Closes with the lab. */
  use<T extends AsyncDisposable>(resource: T): T
  step(doing: string): void
}

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
    open: (count, how, service, url = server.url) =>
      Array.from({ length: count }, () => stack.use(how.open({ registry, url, service, random }))),
    use: (resource) => stack.use(resource),
    step,
  })
}
