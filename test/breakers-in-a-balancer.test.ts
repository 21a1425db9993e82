// A breaker for each instance behind a balancer: it goes with the instance, and calls go to the others meanwhile.
import { type Breaker, breaker, circuitOpen, consecutive, probes } from '@tenon/breaker'
import { contract, unary } from '@tenon/contract'
import { discovered, memoryRegistry } from '@tenon/discovery'
import { call, endpoint, fail, mapMethods, ok } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { retry } from '@tenon/retry'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'

const Echo = contract('test.v1.Echo', { say: unary({ input: t.string, output: t.string, idempotent: true }) })
const refused = { _tag: 'Unreachable', code: 'unavailable', message: 'connection refused' } as const

async function setUp() {
  const clock = virtualClock()
  const registry = memoryRegistry()
  const down = new Set<string>()
  const calls = new Map<string, number>()
  const circuits = new Map<string, Breaker>()
  const one = await registered(registry, 'h:1')
  await registered(registry, 'h:2')
  const found = discovered(Echo, registry.instancer('echo'), {
    connect({ id }) {
      const circuit = breaker({
        name: id,
        detector: consecutive({ failures: 3 }),
        recovery: probes({ wait: 60_000 }),
        clock,
      })
      circuits.set(id, circuit)
      const say = endpoint((text: string) => {
        calls.set(id, (calls.get(id) ?? 0) + 1)
        return down.has(id) ? fail(refused) : ok(`${text} from ${id}`)
      })
      return { ...mapMethods({ say }, circuit), [Symbol.asyncDispose]: async () => {} }
    },
  })
  return { registry, down, calls, circuits, one, found, client: mapMethods(found, retry({ attempts: 3 })) }
}
async function registered(registry: ReturnType<typeof memoryRegistry>, id: string) {
  const registrar = registry.registrar({ service: 'echo', id, address: id })
  await registrar.start()
  return registrar
}

describe('a breaker for each instance', () => {
  it('given one of two instances is down, when calls are retried, then all succeed, and it is soon left alone', async () => {
    const t = await setUp()
    await using _ = t.found
    t.down.add('h:1')
    for (let i = 0; i < 100; i++) expect(await call(t.client.say, 'hi', { timeout: 5_000 })).toEqual(ok('hi from h:2'))
    expect([t.circuits.get('h:1')?.state(), t.circuits.get('h:2')?.state()]).toEqual(['open', 'closed'])
    expect(t.calls.get('h:1')).toBe(3)
  })

  it('given all are open, then CircuitOpen comes out at once, and nothing is called', async () => {
    const t = await setUp()
    await using _ = t.found
    for (const circuit of t.circuits.values()) circuit.hold('open')
    await call(t.client.say, 'hi')
    for (const circuit of t.circuits.values()) circuit.hold('open')
    t.calls.clear()
    expect(await call(t.client.say, 'hi')).toEqual(fail(circuitOpen(60_000)))
    expect(t.calls.size).toBe(0)
  })

  it('B25: given an instance goes and comes back, then its circuit went with it', async () => {
    const t = await setUp()
    await using _ = t.found
    t.down.add('h:1')
    for (let i = 0; i < 20; i++) await call(t.client.say, 'hi')
    expect(t.circuits.get('h:1')?.state()).toBe('open')
    await t.one.drain()
    t.down.clear()
    await registered(t.registry, 'h:1')
    const from = new Set<string>()
    for (let i = 0; i < 4; i++) {
      const answer = await call(t.client.say, 'hi')
      if (answer._tag === 'Right') from.add(answer.right)
    }
    expect([...from].sort()).toEqual(['hi from h:1', 'hi from h:2'])
    expect(t.circuits.get('h:1')?.state()).toBe('closed')
  })
})
