// Unrest of a registry: what is told at once, what later, and what not at all.
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InstanceSink, type InstanceState, instancerOf } from './instancer.ts'
import { memoryRegistry } from './memory-registry.ts'
import type { Steadiness } from './steady.ts'

/** An instancer with these options, and what it told: ids with the moment, `!` where an error stands beside them. */
function told(options: Steadiness) {
  const clock = virtualClock()
  const heard: string[] = []
  let sink: InstanceSink | undefined
  const instancer = instancerOf({
    service: 'orders',
    ...options,
    clock,
    start(given) {
      sink = given
    },
    onTelemetry: () => {},
  })
  const subscription = instancer.subscribe(({ instances, error }: InstanceState) => {
    if (instances !== undefined)
      heard.push(`${clock.now()} ${instances.map((one) => one.id).join('')}${error === undefined ? '' : '!'}`)
  })
  const set = (ids: string): void => sink?.set([...ids].map((id) => ({ id, address: `${id}:1` })))
  return { clock, heard, set, fail: (why: string) => sink?.fail(new Error(why)), subscription }
}

describe('coalesce', () => {
  it('given an instance that flaps, then the first change is told at once, the others as one, and none if all is as before', () => {
    const { clock, heard, set } = told({ coalesce: 100 })
    set('ab')
    clock.advanceSync(10)
    set('a')
    clock.advanceSync(10)
    set('abc')
    clock.advanceSync(500)
    set('ab')
    set('abc')
    set('ab')
    set('abc')
    clock.advanceSync(99)
    set('ab')
    clock.advanceSync(500)
    expect(heard).toEqual(['0 ab', '100 abc', '520 ab'])
    expect(clock.pending).toBe(0)
  })

  it('given an error, or the set that stands, while a change is held, then nothing old is told after it', () => {
    const { clock, heard, set, fail } = told({ coalesce: 100 })
    set('a')
    set('ab')
    fail('down')
    clock.advanceSync(1_000)
    expect(heard).toEqual(['0 a', '0 ab', '0 ab!'])
    set('ab')
    expect(heard.at(-1)).toBe('1000 ab')
  })

  it('given any changes at any times, then two lie `coalesce` apart, and in the end what is told is what is', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(150), fc.constantFrom('', 'a', 'ab', 'b'))), (steps) => {
        const { clock, heard, set } = told({ coalesce: 100 })
        for (const [after, ids] of steps) {
          clock.advanceSync(after)
          set(ids)
        }
        clock.advanceSync(100)
        expect(heard.at(-1)?.split(' ')[1]).toBe(steps.at(-1)?.[1])
        const times = heard.map((line) => Number.parseInt(line, 10))
        for (let n = 1; n < times.length; n++)
          expect((times[n] as number) - (times[n - 1] as number)).toBeGreaterThanOrEqual(100)
        expect(clock.pending).toBe(0)
      }),
    )
  })

  it('given nobody listens any more, then no timer stays', () => {
    const { clock, set, subscription } = told({ coalesce: 100, protectEmpty: 100 })
    set('a')
    set('ab')
    set('')
    subscription[Symbol.dispose]()
    expect(clock.pending).toBe(0)
  })
})

describe('protectEmpty', () => {
  it('given none, when a set becomes empty, then that is told at once', () => {
    const { heard, set } = told({})
    set('ab')
    set('')
    expect(heard).toEqual(['0 ab', '0 '])
  })

  it('given the set becomes empty, then the last one stays with an error, until it is too old', () => {
    const { clock, heard, set } = told({ protectEmpty: 60_000 })
    set('ab')
    clock.advanceSync(5)
    set('')
    clock.advanceSync(30_000)
    set('')
    clock.advanceSync(60_000)
    expect(heard).toEqual(['0 ab', '5 ab!', '60005 '])
    expect(clock.pending).toBe(0)
  })

  it('given instances are back in time, then the set is told without the error and nothing comes later', () => {
    const { clock, heard, set } = told({ protectEmpty: 60_000 })
    set('ab')
    set('')
    clock.advanceSync(100)
    set('ab')
    set('')
    clock.advanceSync(59_999)
    set('b')
    clock.advanceSync(100_000)
    expect(heard).toEqual(['0 ab', '0 ab!', '100 ab', '100 ab!', '60099 b'])
  })

  it('given the registry fails in between, then how long it has said so still counts', () => {
    const { clock, heard, set, fail } = told({ protectEmpty: 1_000 })
    set('a')
    set('')
    clock.advanceSync(600)
    fail('down')
    clock.advanceSync(600)
    expect(heard).toEqual(['0 a', '0 a!', '600 a!'])
    set('')
    expect(heard.at(-1)).toBe('1200 ')
  })

  it('given the first set is empty, then that is told at once', () => {
    const { heard, set } = told({ protectEmpty: 1_000 })
    set('')
    expect(heard).toEqual(['0 '])
  })

  it('given a change is held when the set becomes empty, then it is that one which stays', () => {
    const { heard, set } = told({ protectEmpty: 1_000, coalesce: 100 })
    set('a')
    set('ab')
    set('')
    expect(heard).toEqual(['0 a', '0 ab', '0 ab!'])
  })

  it('given the registry in memory, then it takes these options too', async () => {
    const clock = virtualClock()
    const registry = memoryRegistry({ onTelemetry: () => {} })
    const heard: unknown[] = []
    const registrar = registry.registrar({ service: 'orders', id: 'h:1', address: 'h:1' })
    registry
      .instancer('orders', { protectEmpty: 1_000, clock })
      .subscribe(({ instances }) => heard.push(instances?.[0]))
    await registrar.start()
    await registrar.drain()
    expect(heard).toMatchObject([undefined, { name: 'orders' }, { name: 'orders' }])
    clock.advanceSync(1_000)
    expect(heard.at(-1)).toBeUndefined()
  })

  it('given a bad option, then an error names it', () => {
    expect(() => told({ coalesce: -1 })).toThrow('instancer of orders: "coalesce" must be a number of at least 0')
    expect(() => told({ protectEmpty: Number.NaN })).toThrow('"protectEmpty" must be')
    const mistyped = { coalesec: 1 } as Steadiness
    expect(() => memoryRegistry().instancer('orders', mistyped)).toThrow('there is no option "coalesec"')
  })
})
