// The registry is away for a while, or the way to it is.
import { type Fault, had, pass, shrunk } from '../harness/fault.ts'
import { entryOf, type Stage, stage } from '../harness/stage.ts'

/** What is the same of all of them: nobody loses anything, and all are fresh soon. */
async function after(on: Stage, had: string, answers: number) {
  const fresh = await on.fresh('new', answers)
  return { felt: await on.felt(), had, fresh, wrong: shrunk(on, 3) }
}

export const outages: readonly Fault[] = [
  killed('killed, and back with what it knew'),
  { ...killed('killed for 20 s, and back with what it knew', 20_000), slow: true },
  {
    name: 'stopped (SIGSTOP), and going on',
    async run(backend, scale) {
      await using on = await stage(backend, scale)
      await on.server.stop()
      await pass(scale.outage)
      const meanwhile = had(on)
      on.server.cont()
      return await after(on, meanwhile, performance.now())
    },
  },
  {
    name: 'stopped for longer than the client waits for it',
    async run(backend, scale) {
      await using on = await stage(backend, scale, { hasty: true })
      await on.server.stop()
      await Promise.all(on.services.map(({ until }) => until(({ error }) => error !== undefined)))
      await pass(scale.outage)
      const meanwhile = had(on)
      on.server.cont()
      return await after(on, meanwhile, performance.now())
    },
  },
  {
    name: 'cut off: connections reset, new ones refused',
    async run(backend, scale) {
      await using on = await stage(backend, scale)
      await on.network.refuse()
      on.network.reset()
      await pass(scale.outage)
      const meanwhile = had(on)
      await on.network.heal()
      return await after(on, meanwhile, performance.now())
    },
  },
  partition('a silent partition, in which instances change', {}),
  partition('the same, for longer than the client waits', { hasty: true }),
  { ...partition('the same, for longer than the client waits by default', { long: true }), slow: true },
  {
    name: 'not there when the service starts',
    mayFail: {
      kinds: ['NoEndpoints (unknown)', 'NoEndpoints (empty)'],
      why: 'nothing is known yet: a first call waits a second; then the registry knows of none until the instances are there',
    },
    async run(backend, scale) {
      await using on = await stage(backend, scale, { absent: true })
      await pass(scale.outage)
      const meanwhile = had(on)
      await on.server.restart()
      const answers = performance.now()
      await on.putAll()
      return await after(on, meanwhile, answers)
    },
  },
]

function killed(name: string, outage?: number): Fault {
  return {
    name,
    async run(backend, scale) {
      await using on = await stage(backend, scale, { durable: true })
      await on.server.kill()
      await pass(outage ?? scale.outage)
      const meanwhile = had(on)
      await on.server.restart({ empty: false })
      return await after(on, meanwhile, performance.now())
    },
  }
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
