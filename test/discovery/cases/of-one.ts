// What can happen to one registry only.
import { consulCluster } from '@tenon/example-registries'
import { post } from '../harness/etcd.ts'
import { type Fault, had, pass, shrunk } from '../harness/fault.ts'
import { entryOf, stage } from '../harness/stage.ts'

export const ofConsul: readonly Fault[] = [
  {
    name: 'the leader of three killed',
    on: ['Consul'],
    slow: true,
    async run(backend, scale) {
      await using cluster = await consulCluster({ client: true })
      const { client } = cluster
      if (client === undefined) throw new Error('there is no agent')
      await using on = await stage(
        { ...backend, start: async () => ({ ...client, [Symbol.asyncDispose]: async () => {} }) },
        scale,
      )
      const leader = await cluster.leader()
      await leader.kill()
      // The agent itself says nothing of a leader that is gone, for as long as it hopes for another.
      await pass(500)
      const meanwhile = had(on)
      await cluster.leader()
      const answers = await written(() => on.put('shop-0', entryOf('shop-0', 'first', 8_300)))
      const fresh = await on.fresh('new', answers)
      return { felt: await on.felt(), had: meanwhile, fresh, wrong: shrunk(on, 3) }
    },
  },
]

/** When a write goes through again. */
async function written(write: () => Promise<void>): Promise<number> {
  for (let tries = 0; ; tries++)
    try {
      await write()
      return performance.now()
    } catch (cause) {
      if (tries > 600) throw cause
      await pass(20)
    }
}

export const ofEtcd: readonly Fault[] = [
  {
    name: 'compacted again and again, while watches begin',
    on: ['etcd'],
    async run(backend, scale) {
      await using on = await stage(backend, scale)
      const { url } = on.server
      // A watch begins where a read has ended; between the two etcd forgets what lies between.
      on.network.delay(10)
      on.network.reset()
      let compacted = 0
      for (const end = performance.now() + scale.outage; performance.now() < end; compacted++) {
        await backend.age(url)
        await backend.age(url)
        const { header } = JSON.parse(await post(url, 'kv/put', { key: 'eA==', value: 'eA==' }))
        await post(url, 'kv/compaction', { revision: header.revision, physical: true })
        if (compacted % 20 === 10) on.network.reset()
      }
      const meanwhile = `${had(on)}; ${compacted} compactions`
      on.network.delay(0)
      const fresh = await on.fresh('new', performance.now())
      return { felt: await on.felt(), had: meanwhile, fresh, wrong: shrunk(on, 3) }
    },
  },
]
