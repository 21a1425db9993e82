// One run of one strategy: real endpointers, nodes and balancers of @tenon/discovery, on a virtual clock.
import { balanced, type Endpointer, endpointer, memoryRegistry } from '@tenon/discovery'
import { background, type Endpoint, type Failure, run } from '@tenon/endpoint'
import { exponential, stream } from '../simulator/draws.ts'
import { type Timeline, timeline } from '../simulator/timeline.ts'
import { fleet, lasting, type Scenario, settling } from './scenario.ts'
import { type Job, type Server, server, type Unanswered } from './server.ts'
import type { Simulated } from './strategies.ts'

/** What came of the calls that came while the scenario lasted. */
export interface Run {
  /** Milliseconds until each call ended, well or badly, in ascending order. */
  readonly times: Float64Array
  readonly failed: number
  /** Calls that came to each instance. */
  readonly jobs: readonly number[]
}

type Target = Endpoint<Job, void, Unanswered>

/** The same for the same scenario, strategy and seed. Arrivals and demands are the same for all strategies. */
export async function simulate(scenario: Scenario, strategy: Simulated, seed: number, lasts = lasting): Promise<Run> {
  const time = timeline()
  const servers = serversOf(scenario, time)
  const registry = memoryRegistry({ clock: time.clock, onTelemetry: () => {} })
  const register = ([id]: [string, Server], at: number): Promise<void> =>
    registry.registrar({ service: 'simulated', id, address: id, weight: scenario.weight?.(at) ?? 1 }).start()
  const all = [...servers]
  for (const [at, each] of all.entries()) if (!(scenario.joins && at === 0)) await register(each, at)
  if (scenario.joins) time.plan(settling, () => register(all[0] as [string, Server], 0))

  await using stack = new AsyncDisposableStack()
  const callers = Array.from({ length: fleet.callers }, (_, at) => {
    const draws = stream(seed, `caller ${at}`)
    const endpoints: Endpointer<Target> = stack.use(
      endpointer(registry.instancer('simulated'), {
        connect: ({ id }) => (servers.get(id) as Server).endpoint,
        clock: time.clock,
        random: draws,
        onTelemetry: () => {},
      }),
    )
    return balanced(endpoints, strategy({ draws, servers }))
  })
  const { times, failed } = await arrivals(time, callers, rateOf(scenario), seed, settling + lasts)
  return { times, failed: failed(), jobs: all.map(([, { jobs }]) => jobs()) }
}

function serversOf({ health, joins }: Scenario, time: Timeline): ReadonlyMap<string, Server> {
  const { instances, workers, deadline } = fleet
  return new Map(
    Array.from({ length: instances + (joins ? 1 : 0) }, (_, at) => [
      `10.0.0.${10 + at}:80`,
      server(time, { workers, deadline, health: (now) => health(at, now - settling) }),
    ]),
  )
}

/** Calls a millisecond: a share of what the instances can do that are well. */
function rateOf({ health }: Scenario): number {
  const before = -1
  let capacity = 0
  for (let at = 0; at < fleet.instances; at++) {
    const state = health(at, before)
    if (typeof state === 'object') capacity += fleet.workers / (fleet.demand * state.slower)
  }
  return fleet.load * capacity
}

/** Poisson arrivals until `end`, and time until the last of them has ended. */
async function arrivals(
  time: Timeline,
  callers: readonly Endpoint<Job, void, Failure>[],
  rate: number,
  seed: number,
  end: number,
): Promise<{ readonly times: Float64Array; readonly failed: () => number }> {
  const draws = stream(seed, 'arrivals')
  const ctx = background({ clock: time.clock })
  const times: number[] = []
  let failed = 0

  function arrive(): void {
    const from = time.clock.now()
    const caller = callers[Math.floor(draws() * callers.length)] as Endpoint<Job, void, Failure>
    const key = `key ${Math.floor(draws() * fleet.keys)}`
    const job: Job = { key, demand: exponential(draws, fleet.demand), counts: from >= settling, call: undefined }
    job.call = run(caller, job, ctx).then((outcome) => {
      if (!job.counts) return
      times.push(time.clock.now() - from)
      if (outcome._tag === 'Left') failed++
    })
    const next = from + exponential(draws, 1 / rate)
    if (next < end) time.plan(next, arrive)
  }

  time.plan(0, arrive)
  await time.until(end + fleet.deadline)
  return { times: Float64Array.from(times).sort(), failed: () => failed }
}
