// Outlier ejection: who is taken out, for how long, how many at once, and what the strategy inside sees of it.
import { type Outcome, ok, type Telemetry } from '@tenon/endpoint'
import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failing, instances, numbered, simulated } from '../test/simulated.ts'
import { consistentHash } from './consistent-hash.ts'
import { leastRequests } from './least-requests.ts'
import { type OutlierOptions, outlierEjection } from './outlier-ejection.ts'
import { p2c } from './p2c.ts'
import { roundRobin } from './round-robin.ts'
import { slowStart } from './slow-start.ts'
import { weighted } from './weighted.ts'
import { zoneAware } from './zone-aware.ts'

const ejecting = (options: OutlierOptions = {}, ids: Iterable<string> = 'abc') =>
  simulated(outlierEjection(roundRobin(), options), instances(ids))
type Sim = ReturnType<typeof ejecting>

/** So many calls of no time: those that go to one of `bad` fail. Who was called. */
function calls(sim: Sim, count: number, bad: string, outcome: Outcome = failing()): string {
  let called = ''
  for (let n = 0; n < count; n++) {
    const call = sim.open()
    call?.close(bad.includes(call.node.id) ? outcome : ok())
    called += call?.node.id ?? '-'
  }
  return called
}
const reported = (sim: Sim) =>
  sim.events
    .filter((event): event is Extract<Telemetry, { kind: 'discovery.outlier' }> => event.kind === 'discovery.outlier')
    .map(({ kind: _, ...event }) => event)

describe('failures in a row', () => {
  it('given five, then it is out for 30 s, reported, and back by itself', () => {
    const sim = ejecting()
    expect(calls(sim, 15, 'b')).toMatch(/^(abc){4}ab/)
    expect(calls(sim, 100, 'b')).not.toContain('b')
    expect(reported(sim)).toEqual([
      { service: 'orders', instance: 'b', state: 'ejected', why: 'consecutive', duration: 30_000 },
    ])
    sim.clock.advanceSync(29_999)
    expect(calls(sim, 10, '')).not.toContain('b')
    sim.clock.advanceSync(1)
    expect(calls(sim, 3, '')).toContain('b')
    expect(reported(sim).at(-1)).toEqual({ service: 'orders', instance: 'b', state: 'returned' })
    expect(sim.clock.pending).toBe(0)
  })

  it('given four and then one that is done, or failures that are not its own, then it stays', () => {
    const sim = ejecting({}, 'ab')
    for (let n = 0; n < 10; n++) {
      calls(sim, 8, 'b')
      calls(sim, 2, '')
    }
    for (const outcome of [failing('not_found'), failing('cancelled'), failing('unavailable', 'CircuitOpen')])
      calls(sim, 40, 'b', outcome)
    expect(reported(sim)).toEqual([])
  })

  it('given it fails each time it is back, then it is out for 30, 60, 90 s and never longer than 300', () => {
    const sim = ejecting({ interval: 1e9 })
    for (let n = 0; n < 12; n++) {
      calls(sim, 30, 'b')
      sim.clock.advanceSync(300_000)
    }
    const durations = reported(sim).flatMap((event) => (event.duration === undefined ? [] : [event.duration / 1_000]))
    expect(durations).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300])
  })

  it('given intervals in which it is well, then its next ejection is shorter again', () => {
    const sim = ejecting()
    for (let n = 0; n < 3; n++) {
      calls(sim, 30, 'b')
      sim.clock.advanceSync(100_000)
    }
    for (let n = 0; n < 4; n++) {
      calls(sim, 9, '')
      sim.clock.advanceSync(10_001)
    }
    calls(sim, 30, 'b')
    expect(reported(sim).at(-1)).toMatchObject({ duration: 30_000 })
  })

  it('given calls that began before it was out and end after it is back, then they count no more', () => {
    const sim = ejecting({}, 'ab')
    const old = Array.from({ length: 20 }, () => sim.open())
    calls(sim, 10, 'b')
    sim.clock.advanceSync(30_000)
    calls(sim, 2, '')
    for (const call of old) if (call?.node.id === 'b') call.close(failing())
    expect(calls(sim, 10, '')).toContain('b')
    expect(reported(sim)).toHaveLength(2)
  })
})

describe('how many are out', () => {
  it('given any set and any that fail, then one or a tenth of them, never all, and somebody is always called', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 45 }),
        fc.array(fc.boolean(), { minLength: 45, maxLength: 45 }),
        (count, bad) => {
          const ids = numbered(count)
          const sim = ejecting({}, ids)
          const isBad = new Set(ids.filter((_, at) => bad[at]))
          for (let n = 0; n < count * 12; n++) {
            const call = sim.open()
            if (call === undefined) return expect.unreachable()
            call.close(isBad.has(call.node.id) ? failing() : ok())
          }
          const out = reported(sim).length
          expect(out).toBe(Math.min(isBad.size, count < 2 ? 0 : Math.max(1, Math.floor(count / 10))))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('given a share, then so many at once; given 0, then none; given 1, then all but one', () => {
    const out = (share: number) => {
      const sim = ejecting({ share }, 'abcd')
      calls(sim, 100, 'abcd')
      return reported(sim).length
    }
    expect([out(0), out(0.5), out(1)]).toEqual([0, 2, 3])
  })

  it('given the well ones leave, then those that are out are called again rather than nobody', () => {
    const sim = ejecting({}, 'ab')
    calls(sim, 12, 'b')
    sim.set(instances('b'))
    expect(calls(sim, 3, '')).toBe('bbb')
    expect(reported(sim).at(-1)).toMatchObject({ instance: 'b', state: 'returned' })
  })

  it('given one that is out leaves the set and is back, then it is called; given all is closed, then nobody is out', async () => {
    const sim = ejecting()
    const kept = sim.pool.nodes()[1]
    kept?.enter()
    calls(sim, 30, 'b')
    sim.set(instances('ac'))
    sim.set(instances('abc'))
    expect(sim.pool.nodes()[1]).toBe(kept)
    expect(calls(sim, 3, '')).toContain('b')
    kept?.leave()
    calls(sim, 30, 'b')
    await sim.pool[Symbol.asyncDispose]()
    expect(reported(sim).at(-1)).toMatchObject({ instance: 'b', state: 'returned' })
  })

  it('given a call that has tried the others, then it goes to none that is out', () => {
    const sim = ejecting()
    calls(sim, 30, 'b')
    const tried = new Set<string>()
    for (let n = 0; n < 6; n++) expect(sim.open(undefined, tried)?.node.id).not.toBe('b')
  })
})

describe('far from the others', () => {
  it('given one that fails a third of its calls, then it is out after the interval; without the rule it stays', () => {
    const run = (options: OutlierOptions) => {
      const sim = ejecting(options, 'abcdef')
      sim.load(300, 21_000, (id, random) => ({ ms: 5, ...(id === 'c' && random() < 0.33 && { outcome: failing() }) }))
      return reported(sim)
    }
    expect(run({ consecutive: false })).toEqual([
      { service: 'orders', instance: 'c', state: 'ejected', why: 'successRate', duration: 30_000 },
    ])
    expect(run({ consecutive: false, successRate: false })).toEqual([])
  })

  it('given one that is ten times slower, then it is out after the interval; without the rule it stays', () => {
    const run = (options: OutlierOptions) => {
      const sim = ejecting(options, 'abcdef')
      sim.load(300, 21_000, (id, random) => ({ ms: -Math.log(1 - random()) * (id === 'c' ? 50 : 5) }))
      return reported(sim)
    }
    expect(run({})).toMatchObject([{ instance: 'c', state: 'ejected', why: 'latency', duration: 30_000 }])
    expect(run({ latency: false })).toEqual([])
  })

  it('given an own judge, then it says what is a fault, and where it says nothing the code does', () => {
    const run = (code: 'not_found' | 'unavailable' | 'internal') => {
      const sim = ejecting({
        classify: (outcome) => {
          if (outcome._tag === 'Right') return undefined
          return outcome.left.code === 'not_found' ? 'fault' : outcome.left.code === 'internal' ? 'silent' : undefined
        },
      })
      calls(sim, 30, 'b', failing(code))
      return reported(sim).length
    }
    expect([run('not_found'), run('unavailable'), run('internal')]).toEqual([1, 1, 0])
  })
})

describe('any strategy inside', () => {
  it.each([
    ['weighted', weighted()],
    ['leastRequests', leastRequests()],
    ['p2c', p2c({ random: seeded(1) })],
    ['consistentHash', consistentHash<string>({ by: (_, key) => key })],
    ['slowStart', slowStart(roundRobin(), { random: seeded(1) })],
    ['zoneAware', zoneAware({ zone: 'z', random: seeded(1) })],
  ] as const)('given %s, then it goes on without the one that is out, and with it when it is back', (_, strategy) => {
    const sim = simulated(outlierEjection<string>(strategy), instances('abcd', { zone: 'z' }))
    const called = (count: number, bad: string) => {
      const ids = new Set<string>()
      for (let n = 0; n < count; n++) {
        const call = sim.open(`key ${n}`)
        if (call === undefined) continue
        ids.add(call.node.id)
        sim.clock.advanceSync(1)
        call.close(call.node.id === bad ? failing() : ok())
      }
      return ids
    }
    called(400, 'b')
    // p2c hardly calls who fails: it may take its forced picks until five have failed.
    for (let n = 0; n < 10 && reported(sim as Sim).length === 0; n++) {
      sim.clock.advanceSync(3_100)
      called(50, 'b')
    }
    expect(reported(sim as Sim)).toMatchObject([{ instance: 'b', state: 'ejected' }])
    expect([...called(400, '')].sort()).toEqual(['a', 'c', 'd'])
    sim.clock.advanceSync(30_000)
    expect([...called(400, '')].sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('its options', () => {
  it.each([
    [{ consecutive: 0 }, 'outlierEjection: "consecutive" must be a whole number of at least 1'],
    [{ interval: 0 }, 'outlierEjection: "interval"'],
    [{ base: 0 }, 'outlierEjection: "base"'],
    [{ base: 10, longest: 5 }, 'outlierEjection: "longest" must be a number of at least 10'],
    [{ share: 2 }, 'outlierEjection: "share" must be a number of at least 0 and of at most 1'],
    [{ classify: 1 }, 'outlierEjection: "classify" must be a function'],
    [{ successRate: { deviations: 0 } }, 'outlierEjection.successRate: "deviations"'],
    [{ successRate: { instances: 1 } }, 'outlierEjection.successRate: "instances"'],
    [{ latency: { factor: 1 } }, 'outlierEjection.latency: "factor" must be a number above 1'],
    [{ latency: { stdev: 1 } }, 'stdev'],
    [{ ejections: 1 }, 'ejections'],
  ])('given %j, then an error names it', (options, message) => {
    expect(() => outlierEjection(roundRobin(), options as OutlierOptions)).toThrow(message)
  })
})
