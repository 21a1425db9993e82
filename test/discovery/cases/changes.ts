// Nothing fails: what registries say is much, wrong, or another thing under an old name.
import { subscribe } from '@tenon/endpoint'
import { type Fault, had, pass, shrunk } from '../harness/fault.ts'
import { each } from '../harness/raw.ts'
import { entryOf, stage } from '../harness/stage.ts'
import { addressOf } from '../harness/watched.ts'

export const changes: readonly Fault[] = [
  {
    name: '500 instances registered at once',
    until: 'all are seen',
    async run(backend, scale) {
      await using on = await stage(backend, scale)
      const [first] = on.services
      if (first === undefined) throw new Error('there is no service')
      const many = scale.crowd(500)
      const before = first.told.length
      const crowd = Array.from({ length: many }, (_, n) => entryOf(first.service, `crowd-${n}`, 10_000 + n))
      await each(crowd, (entry) => on.put(first.service, entry))
      const written = performance.now()
      const seen = await first.until(({ instances }) => instances?.length === many + 3)
      const times = first.told.length - before
      return {
        felt: await on.felt(),
        had: `${many + 3} instances, in ${times} changes`,
        fresh: [Math.max(0, seen - written)],
        wrong: [...shrunk(on, 3), ...(times <= many ? [] : [`${times} changes for ${many} instances`])],
      }
    },
  },
  {
    name: 'an instance registered elsewhere with the same id',
    until: 'the new address is seen',
    async run(backend, scale) {
      await using on = await stage(backend, scale)
      const taken: number[] = []
      await each(on.services, async ({ service, until }) => {
        const [old] = on.entries(service)
        if (old === undefined) throw new Error('there is no instance')
        const moved = { ...old, port: 8_200 }
        await on.put(service, moved)
        const written = performance.now()
        const seen = await until(
          ({ instances }) => instances?.find(({ id }) => id === old.id)?.address === addressOf(moved),
        )
        taken.push(Math.max(0, seen - written))
        // It has told everybody where it is now, and drains where it was.
        await pass(50)
        on.world.delete(addressOf(old))
      })
      return { felt: await on.felt(), had: had(on), fresh: taken, wrong: shrunk(on, 3) }
    },
  },
  {
    name: 'malformed entries among the others',
    async run(backend, scale) {
      const heard = new Set<string>()
      using _ = subscribe(
        (event) => {
          if (event.kind === 'discovery.error') heard.add(event.service)
        },
        ['discovery.error'],
      )
      await using on = await stage(backend, scale)
      await each(on.services, async ({ service }) => {
        await backend.spoil(on.server.url, service)
      })
      const fresh = await on.fresh('new', performance.now())
      return {
        felt: await on.felt(),
        had: had(on),
        fresh,
        wrong: [
          ...shrunk(on, 3),
          ...on.services.flatMap(({ service, ids }) => (ids()?.length === 4 ? [] : [`${service} has ${ids()}`])),
          ...on.services.flatMap(({ service }) =>
            heard.has(service) ? [] : [`of ${service} nobody heard what is malformed`],
          ),
        ],
      }
    },
  },
]
