// The registry has forgotten everything, or says so.
import { type Fault, had, pass, shrunk } from '../harness/fault.ts'
import { each } from '../harness/raw.ts'
import { type Staging, stage } from '../harness/stage.ts'

/** Milliseconds that the instances need to register again. */
const gap = 300

export const emptied: readonly Fault[] = [
  {
    ...restartedEmpty('killed, and back empty, its index lower than before', {}),
    mayFail: {
      kinds: ['NoEndpoints (empty)'],
      why: `the registry knows of none for the ${gap} ms until the instances are back`,
    },
  },
  restartedEmpty('the same, with `protectEmpty: 10_000`', { protectEmpty: 10_000 }),
  {
    // Whoever asks a Consul that has only begun is answered at once, and would learn that way that it counts anew.
    name: 'cut off, and meanwhile restarted empty, its index lower than before',
    async run(backend, scale) {
      await using on = await stage(backend, scale, { aged: scale.crowd(1_000) })
      await on.network.refuse()
      on.network.reset()
      await on.server.restart({ empty: true })
      await on.putAll()
      await pass(scale.outage)
      const meanwhile = had(on)
      await on.network.heal()
      const fresh = await on.fresh('new', performance.now())
      return { felt: await on.felt(), had: meanwhile, fresh, wrong: shrunk(on, 3) }
    },
  },
  {
    name: 'killed, and back empty, and the instances register again by themselves',
    until: 'all three are seen again',
    // That is how often a registrar asks whether it is still known.
    within: 10_000,
    async run(backend, scale) {
      await using on = await stage(backend, scale, { protectEmpty: 30_000, registering: true })
      await on.server.kill()
      await pass(scale.outage)
      const meanwhile = had(on)
      await on.server.restart({ empty: true })
      const answers = performance.now()
      const seen = on.services.map(({ until }) =>
        until(({ instances, error }) => instances?.length === 3 && error === undefined, answers),
      )
      const fresh = (await Promise.all(seen)).map((at) => at - answers)
      return { felt: await on.felt(), had: meanwhile, fresh, wrong: shrunk(on, 1) }
    },
  },
  {
    ...allGone('all instances taken out', {}),
    mayFail: { kinds: ['NoEndpoints (empty)'], why: 'there is nobody' },
  },
  allGone('the same by mistake, with `protectEmpty: 10_000`', { protectEmpty: 10_000 }),
]

function restartedEmpty(name: string, how: Staging): Fault {
  return {
    name,
    async run(backend, scale) {
      // What it knew has a higher index than what it will know: who waits for that waits for long.
      await using on = await stage(backend, scale, { ...how, aged: scale.crowd(1_000) })
      await on.server.kill()
      await pass(scale.outage)
      const meanwhile = had(on)
      await on.server.restart({ empty: true })
      const answers = performance.now()
      await pass(gap)
      await on.putAll()
      const fresh = await on.fresh('new', answers)
      const kept =
        how.protectEmpty === undefined
          ? []
          : on.services.filter(({ told }) => told.some(({ instances }) => instances?.length === 0))
      return {
        felt: await on.felt(),
        had: meanwhile,
        fresh,
        wrong: kept.map(({ service }) => `${service} was told that there is none`),
      }
    },
  }
}

function allGone(name: string, how: Staging): Fault {
  return {
    name,
    until: 'that is known',
    async run(backend, scale) {
      await using on = await stage(backend, scale, how)
      const guarded = how.protectEmpty !== undefined
      const taken: number[] = []
      await each(on.services, async ({ service, until }) => {
        for (const { id } of on.entries(service)) await backend.remove(on.server.url, service, id)
        const removed = performance.now()
        const seen = await until(({ instances, error }) => (guarded ? error !== undefined : instances?.length === 0))
        taken.push(Math.max(0, seen - removed))
      })
      await pass(Math.min(scale.outage, 1_000))
      const meanwhile = had(on)
      await on.putAll()
      await Promise.all(
        on.services.map(({ until }) => until(({ instances, error }) => instances?.length === 3 && error === undefined)),
      )
      return { felt: await on.felt(), had: meanwhile, fresh: taken, wrong: guarded ? shrunk(on, 1) : [] }
    },
  }
}
