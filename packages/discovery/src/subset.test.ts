// Subsets: who is in, what happens when nobody is, and that repetitions stay in.
import { call, type Endpoint, endpoint, ok } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { instances, simulated } from '../test/simulated.ts'
import { balanced } from './balanced.ts'
import { endpointer } from './endpointer.ts'
import { fixed } from './fixed.ts'
import { leastRequests } from './least-requests.ts'
import { p2c } from './p2c.ts'
import { subset } from './subset.ts'

const versions = [
  ...instances('ab', { tags: ['v=1.2.0;env=prod'] }),
  ...instances('cd', { version: '1.3.0', metadata: { env: 'prod' } }),
  ...instances('e', { metadata: { version: '1.3.0', env: 'test' } }),
]

describe('a subset', () => {
  it('given labels, then only those with all of them are called, in fields or metadata, whichever way they were written', () => {
    expect(simulated(subset({ version: '1.2.0' }), versions).spread(4)).toEqual({ a: 2, b: 2 })
    expect(simulated(subset({ version: '1.3.0', env: 'prod' }), versions).spread(4)).toEqual({ c: 2, d: 2 })
    expect(
      simulated(
        subset(({ id }) => id > 'c', leastRequests()),
        versions,
      ).spread(4),
    ).toEqual({ d: 2, e: 2 })
    expect(simulated(subset({}), versions).spread(5)).toEqual({ a: 1, b: 1, c: 1, d: 1, e: 1 })
    expect(simulated(subset({ toString: 'x' }), versions).spread(1)).toEqual({ nobody: 1 })
  })

  it('given nobody is in it, then NoEndpoints says so; given `any`, then all are called', async () => {
    const pool = endpointer(fixed(versions, { service: 'orders' }), {
      connect: ({ id }): Endpoint<void, string> => endpoint(() => ok(id)),
    })
    expect(await call(balanced(pool, subset({ version: '2' })), undefined)).toEqual({
      _tag: 'Left',
      left: {
        _tag: 'NoEndpoints',
        code: 'unavailable',
        message: 'no instance of orders is in the subset',
        reason: 'unmatched',
      },
    })
    expect(await call(balanced(pool, subset({ version: '2' }, p2c(), { otherwise: 'any' })), undefined)).toMatchObject({
      _tag: 'Right',
    })
    expect(simulated(subset({ version: '2' }, undefined, { otherwise: 'any' }), versions).spread(5)).toHaveProperty(
      'e',
      1,
    )
  })

  it('given a call that has tried all of it, then it stays in it all the same', () => {
    const sim = simulated(subset({ version: '1.3.0', env: 'prod' }), versions)
    const tried = new Set<string>()
    const first = [sim.open(undefined, tried)?.node.id, sim.open(undefined, tried)?.node.id]
    expect([...first].sort()).toEqual(['c', 'd'])
    for (let n = 0; n < 5; n++) expect(['c', 'd']).toContain(sim.open(undefined, tried)?.node.id)
  })

  it('given the set changes, or a label of an instance, then the subset is another', () => {
    const sim = simulated(subset({ version: '1' }), instances('ab', { version: '1' }))
    sim.set([...instances('a', { version: '2' }), ...instances('bc', { version: '1' })])
    expect(sim.spread(4)).toEqual({ b: 2, c: 2 })
    sim.set([])
    expect(sim.spread(1)).toEqual({ nobody: 1 })
  })

  it('given a bad selector or option, then an error says so', () => {
    expect(() => subset(null as never)).toThrow('subset: the selector must be a function or labels')
    expect(() => subset({ a: 1 } as never)).toThrow('labels with their values')
    expect(() => subset({}, p2c(), { otherwise: 'some' as never })).toThrow(
      'subset: "otherwise" must be one of "none", "any"',
    )
  })
})
