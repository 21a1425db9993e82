import { background, call, endpoint, fail, ok } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { breaker } from './breaker.ts'
import { consecutive } from './consecutive.ts'
import { probes } from './probes.ts'
import { ruleTable } from './rule-table.ts'

interface Query {
  readonly path: string
  readonly on: string
  readonly fails?: boolean
}
const path = (_: unknown, query: Query): string => query.path
const dependency = (_: unknown, query: Query): string => query.on

describe('ruleTable', () => {
  it('given a row for a dependency and one for a path, then the first that fits holds, and the breaker for the others', async () => {
    const clock = virtualClock()
    const tested = breaker<Query>({
      ...ruleTable({
        path,
        dependency,
        rules: [
          { dependency: 'mysql', path: '/orders/*', detector: consecutive({ failures: 1 }) },
          { dependency: 'mysql', detector: consecutive({ failures: 2 }), recovery: probes({ wait: 60_000 }) },
          { path: '/health', detector: consecutive({ failures: 3 }) },
        ],
      }),
      detector: consecutive({ failures: 4 }),
      recovery: probes({ wait: 1_000 }),
      clock,
    })
    const down = { _tag: 'Down', code: 'unavailable', message: '' } as const
    const wrapped = tested(endpoint(({ fails }: Query) => (fails === true ? fail(down) : ok(1))))
    const opensAfter = async (query: Query): Promise<number> => {
      for (let calls = 1; calls < 10; calls++) {
        await call(wrapped, { ...query, fails: true })
        if (tested.state(`${query.on} ${query.path}`) === 'open') return calls
      }
      return Number.POSITIVE_INFINITY
    }
    expect(await opensAfter({ path: '/orders/place', on: 'mysql' })).toBe(1)
    expect(await opensAfter({ path: '/orders', on: 'mysql' })).toBe(2)
    expect(await opensAfter({ path: '/health', on: 'redis' })).toBe(3)
    expect(await opensAfter({ path: '/orders/place', on: 'redis' })).toBe(4)
    expect(tested.states().map(({ key, retryAfter }) => `${key}: ${retryAfter}`)).toEqual([
      'mysql /orders/place: 1000',
      'mysql /orders: 60000',
      'redis /health: 1000',
      'redis /orders/place: 1000',
    ])
    // One path being down says nothing of another.
    expect(await call(wrapped, { path: '/orders/cancel', on: 'mysql' })).toEqual(ok(1))
  })

  it('given bad options or answers, then the error names them', () => {
    const wrong = (options: object) => () => ruleTable({ path, dependency, rules: [], ...options } as never)
    expect(wrong({ path: '/' })).toThrow('ruleTable: "path" must be a function')
    expect(wrong({ rules: {} })).toThrow('"rules" must be a list')
    expect(wrong({ rules: [{ on: 'mysql' }] })).toThrow('ruleTable: rules[0]: there is no option "on"')
    expect(wrong({ rules: [{ path: 5 }] })).toThrow('"rules[0].path" must be a string')
    const { by } = ruleTable({ path, dependency, rules: [] })
    expect(() => by(background(), { path: '/', on: 'my sql' })).toThrow('without a space')
    expect(() => breaker({ rules: () => undefined })).toThrow('"rules" needs "by"')
  })
})
