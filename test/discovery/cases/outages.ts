// The registry is away for a while, or the way to it is.
import { type Fault, had, pass, shrunk } from '../harness/fault.ts'
import { entryOf, type Stage, type Staging, stage } from '../harness/stage.ts'

export const outages: readonly Fault[] = [
  killed('killed, and back with what it knew'),
  { ...killed('killed for 20 s, and back with what it knew', 20_000), slow: true },
  outage('stopped (SIGSTOP), and going on', {
    begin: ({ server }) => server.stop(),
    end: async ({ server }) => server.cont(),
  }),
  outage('stopped for longer than the client waits for it', {
    how: { hasty: true },
    begin: async ({ server, services }) => {
      await server.stop()
      await Promise.all(services.map(({ until }) => until(({ error }) => error !== undefined)))
    },
    end: async ({ server }) => server.cont(),
  }),
  outage('cut off: connections reset, new ones refused', {
    begin: async ({ network }) => {
      await network.refuse()
      network.reset()
    },
    end: ({ network }) => network.heal(),
  }),
  partition('a silent partition, in which instances change', {}),
  partition('the same, for longer than the client waits', { hasty: true }),
  { ...partition('the same, for longer than the client waits by default', { long: true }), slow: true },
  {
    ...outage('not there when the service starts', {
      how: { absent: true },
      begin: async () => {},
      end: async ({ server, putAll }) => {
        await server.restart()
        await putAll()
      },
    }),
    mayFail: {
      kinds: ['NoEndpoints (unknown)', 'NoEndpoints (empty)'],
      why: 'nothing is known yet: a first call waits a second; then the registry knows of none until the instances are there',
    },
  },
]

interface Outage {
  readonly how?: Staging
  begin(on: Stage): Promise<void>
  end(on: Stage): Promise<void>
  /** Milliseconds. Default: the scale's. */
  readonly lasts?: number
}

/** Nobody loses anything, and all are fresh soon. */
function outage(name: string, { how = {}, begin, end, lasts }: Outage): Fault {
  return {
    name,
    async run(backend, scale) {
      await using on = await stage(backend, scale, how)
      await begin(on)
      await pass(lasts ?? scale.outage)
      const meanwhile = had(on)
      await end(on)
      const fresh = await on.fresh('new', performance.now())
      return { felt: await on.felt(), had: meanwhile, fresh, wrong: shrunk(on, 3) }
    },
  }
}

function killed(name: string, lasts?: number): Fault {
  return outage(name, {
    how: { durable: true },
    begin: ({ server }) => server.kill(),
    end: ({ server }) => server.restart({ empty: false }),
    ...(lasts !== undefined && { lasts }),
  })
}

/** While nobody hears of anybody, each service loses one instance and gets another. */
function partition(name: string, { hasty = false, long = false }): Fault {
  return {
    name,
    until: 'what changed is seen',
    async run(backend, scale) {
      await using on = await stage(backend, scale, { hasty })
      on.network.partition()
      for (const { service } of on.services) {
        await on.put(service, entryOf(service, 'd', 8_004))
        await backend.remove(on.server.url, service, `${service}-c`)
      }
      if (hasty || long)
        await Promise.all(on.services.map(({ until }) => until(({ error }) => error !== undefined, 0, 90_000)))
      await pass(scale.outage)
      const meanwhile = `${had(on)}; the old ones`
      const stale = on.services.every(({ service, ids }) => ids()?.includes(`${service}-c`))
      const healed = performance.now()
      await on.network.heal()
      const fresh = await Promise.all(
        on.services.map(async ({ service, until }) => {
          const seen = await until(
            ({ instances = [] }) =>
              instances.some(({ id }) => id === `${service}-d`) && !instances.some(({ id }) => id === `${service}-c`),
            healed,
          )
          return seen - healed
        }),
      )
      return {
        felt: await on.felt(),
        had: meanwhile,
        fresh,
        wrong: [...shrunk(on, 3), ...(stale ? [] : ['it was no partition'])],
      }
    },
  }
}
