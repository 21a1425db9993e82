// Against the DNS of a real Consul: its SRV and address records, what it leaves out, and that it can be gone.
import { type ConsulServer, consulServer, needs } from '@tenon/example-registries'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { failed, heard, known } from '../test/heard.ts'
import { type DnsOptions, dns } from './dns.ts'
import type { DnsInstancerOptions } from './instancer.ts'

describe.runIf(needs('consul'))('given a Consul that answers DNS', () => {
  let consul: ConsulServer
  beforeAll(async () => {
    consul = await consulServer()
  })
  afterAll(() => consul?.[Symbol.asyncDispose]())

  async function register(service: string, id: string, fields: object = {}): Promise<void> {
    const body = JSON.stringify({ Name: service, ID: id, Port: 8080, ...fields })
    const answer = await fetch(`${consul.url}/v1/agent/service/register`, { method: 'PUT', body })
    expect(answer.status).toBe(200)
  }

  function watch(name: string, options: DnsOptions = {}, how: DnsInstancerOptions = {}) {
    const registry = dns({ servers: [consul.dns], refresh: { min: 50, jitter: 0 }, ...options })
    const listening = heard(registry.instancer(name, how))
    onTestFinished(async () => {
      listening[Symbol.dispose]()
      await registry[Symbol.asyncDispose]()
    })
    return listening
  }
  const has =
    (...addresses: string[]) =>
    (state: ReturnType<ReturnType<typeof watch>['last']>) =>
      known(state) && String(state.instances?.map(({ address }) => address)) === String(addresses)

  it('when services come, change and go, then their records are followed, with weights and by tag', async () => {
    const all = watch('web.service.consul')
    const tagged = watch('v2.web.service.consul')
    expect((await all.until(known)).instances).toEqual([])
    await register('web', 'one', { Address: '10.0.0.7', Weights: { Passing: 7, Warning: 1 } })
    await all.until(has('10.0.0.7:8080'))
    expect(all.last().instances?.[0]).toMatchObject({ weight: 7, metadata: { priority: '1' } })
    await register('web', 'two', { Address: '10.0.0.8', Port: 8081, Tags: ['v2'] })
    await all.until(has('10.0.0.7:8080', '10.0.0.8:8081'))
    await tagged.until(has('10.0.0.8:8081'))
    await fetch(`${consul.url}/v1/agent/service/deregister/one`, { method: 'PUT' })
    await all.until(has('10.0.0.8:8081'))
  })

  it('when one is registered by its name, without an address, or by IPv6, then that is where it is found', async () => {
    await register('odd', 'node')
    const nodes = watch('odd.service.consul')
    await nodes.until(has(`${consul.dns.split(':')[0]}:8080`))
    await register('six', 'one', { Address: 'fd00::7' })
    await watch('six.service.consul').until(has('[fd00::7]:8080'))
  })

  it('when its addresses are asked for with a port, then they are instances on that port', async () => {
    await register('headless', 'one', { Address: '10.0.0.7' })
    await register('headless', 'two', { Address: '10.0.0.8' })
    await watch('headless.service.consul', {}, { port: 9000 }).until(has('10.0.0.7:9000', '10.0.0.8:9000'))
  })

  it('when there are fifty, then over TCP all of them come, although Consul leaves some out over UDP', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => n + 1)
    await Promise.all(ids.map((n) => register('many', `many-${n}`, { Address: `10.0.1.${n}` })))
    await watch('many.service.consul', { protocol: 'tcp' }).until(({ instances }) => instances?.length === 50)
    const some = await watch('many.service.consul').until(known)
    expect(some.instances?.length).toBeLessThan(50)
  })

  it('when it is killed, then the last set stays beside the error; when it is back and empty, that is known', async () => {
    await register('frail', 'one', { Address: '10.0.0.7' })
    const frail = watch('frail.service.consul', { timeout: 200 })
    await frail.until(has('10.0.0.7:8080'))
    await consul.kill()
    expect((await frail.until(failed)).instances).toHaveLength(1)
    await consul.restart()
    await frail.until(has())
  })
})
