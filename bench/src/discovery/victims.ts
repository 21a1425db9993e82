// The process that is killed: instances that register, each at its own moment, and stay alive as its kind does.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { answers } from '../harness/answers.ts'
import { stream } from '../simulator/draws.ts'
import { registries } from './registries.ts'
import { victimId } from './registry.ts'

/** What is asked of the process. It answers how many instances it has registered. */
export interface Victims {
  readonly registry: string
  readonly url: string
  readonly service: string
  /** Names of `Staying`. */
  readonly kinds: readonly string[]
  /** Of each kind. */
  readonly count: number
  /** Milliseconds over which they register, so that their heartbeats do not beat together. */
  readonly over: number
  readonly seed: number
}

answers(async ({ registry, url, service, kinds, count, over, seed }: Victims): Promise<number> => {
  const found = registries.find(({ name }) => name === registry)
  if (found === undefined) throw new Error(`no registry "${registry}"`)
  const health = createServer((_request, response) => void response.end('well')).listen(0, '127.0.0.1')
  await new Promise((resolve) => health.once('listening', resolve))
  const healthUrl = `http://127.0.0.1:${(health.address() as AddressInfo).port}/`
  const random = stream(seed, 'victims')
  const all = kinds.flatMap((name) => {
    const kind = found.staying.find((each) => each.name === name)
    if (kind === undefined) throw new Error(`no kind "${name}"`)
    return Array.from({ length: count }, (_, at) => ({ kind, id: victimId(found.staying.indexOf(kind), at) }))
  })
  await Promise.all(
    all.map(async ({ kind, id }) => {
      await setTimeout(random() * over)
      const registrar = kind.register(url, { service, id, address: id }, healthUrl)
      await registrar.start()
      const held = await registrar.registered()
      if (held._tag === 'Left') throw new Error(held.left.message)
    }),
  )
  return all.length
})
