import { seeded } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { adaptiveThrottle } from './adaptive-throttle.ts'
import { all, any } from './combined.ts'
import { consecutive } from './consecutive.ts'
import type { Detection, Detector, Evidence } from './detector.ts'
import { dynamic } from './dynamic.ts'
import { errorRate } from './error-rate.ts'
import { inARow } from './in-a-row.ts'
import { latency } from './latency.ts'
import { circuit } from './new-circuit.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'
import { sequential } from './sequential.ts'
import { slowCalls } from './slow-calls.ts'

// B<n>: a behaviour that the suite of the named system pins.

/** A circuit on a clock of the test's, whose calls take as long as it says. */
function under(detector: Detector, random: () => number = () => 0) {
  let now = 1_000
  const transitions: string[] = []
  const tested = circuit({
    detector,
    recovery: probes(),
    clock: { now: () => now },
    random,
    onTransition: (from, to) => transitions.push(`${from} ${to}`),
  })
  /** Makes calls; answers how many were admitted. */
  const call = (verdict: 'failure' | 'success', times = 1, took = 0): number => {
    let admitted = 0
    for (let i = 0; i < times; i++) {
      const permit = tested.admit()
      if (permit === undefined) continue
      admitted++
      now += took
      tested.record(permit, verdict)
    }
    return admitted
  }
  return {
    it: tested,
    transitions,
    call,
    fail: (times?: number) => call('failure', times),
    succeed: (times?: number, took?: number) => call('success', times, took),
    wait(ms: number) {
      now += ms
    },
  }
}

describe('ratio of the last calls', () => {
  it('given 100 calls at 60 %, when 59 of the last 100 failed, then closed; at the 60th, open; what left the ring does not count', () => {
    const t = under(ratio({ calls: 100, threshold: 0.6 }))
    t.fail(11)
    t.succeed(41)
    t.fail(59)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('given calls in the ring, when they are older than the window, then they do not count; with no window they do', () => {
    const t = under(ratio({ calls: 100, window: 10_000, minimum: 20 }))
    t.fail(19)
    t.wait(10_000)
    t.fail(19)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
    const endless = under(ratio({ calls: 100, window: Number.POSITIVE_INFINITY, minimum: 20 }))
    endless.fail(19)
    endless.wait(1e9)
    endless.fail()
    expect(endless.it.state()).toBe('open')
  })

  it('given fewer calls than twenty in all, then they are the minimum; and a minimum above them is a mistake', () => {
    const t = under(ratio({ calls: 3 }))
    t.fail(2)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
    expect(() => ratio({ calls: 3, minimum: 4 })).toThrow('of at most 3')
    expect(() => ratio({ calls: 0 })).toThrow('"calls"')
    expect(() => ratio({ calls: 5, buckets: 5 })).toThrow('"buckets"')
  })
})

describe('errorRate', () => {
  it('B34 Kitex: given 1000 failures in 10 s, when 999 failed and 1000 succeeded, then closed; one more failure opens', () => {
    const t = under(errorRate({ perSecond: 100, window: 10_000 }))
    t.fail(999)
    t.succeed(1_000)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('given 5 failures a second, when 4 fail each second, then closed; a burst of the same share opens it', () => {
    const t = under(errorRate({ perSecond: 5 }))
    for (let second = 0; second < 100; second++) {
      t.fail(4)
      t.succeed(96)
      t.wait(1_000)
    }
    expect(t.it.state()).toBe('closed')
    t.fail(5)
    expect(t.it.state()).toBe('open')
    const above = under(errorRate({ perSecond: 5, comparison: '>' }))
    above.fail(5)
    expect(above.it.state()).toBe('closed')
    expect(() => errorRate({ perSecond: 0 })).toThrow('"perSecond"')
    expect(() => errorRate({} as never)).toThrow('errorRate: "perSecond" must be a number')
  })
})

describe('slowCalls', () => {
  it('B57 resilience4j: given half of the calls slower than the limit, when the minimum is reached, then it opens, failed or not', () => {
    const t = under(slowCalls({ slow: 100, minimum: 10 }))
    t.succeed(5, 100)
    t.succeed(4, 101)
    expect(t.it.state()).toBe('closed')
    t.call('failure', 1, 101)
    expect(t.it.state()).toBe('open')
  })

  it('given quick failures, then it does not open', () => {
    const t = under(slowCalls({ slow: 100, minimum: 10, calls: 50 }))
    t.fail(500)
    expect(t.it.state()).toBe('closed')
    t.succeed(25, 200)
    expect(t.it.state()).toBe('open')
    expect(() => slowCalls({ slow: 0 })).toThrow('"slow"')
  })
})

describe('latency', () => {
  /** Ten calls a second, with a tail: what the P95 is made of. */
  const pace = (t: ReturnType<typeof under>, seconds: number, times: number, random = seeded(5)): number => {
    for (let second = 0; second < seconds; second++)
      for (let i = 0; i < 10; i++) {
        t.succeed(1, times * (20 + 80 * random() ** 4))
        t.wait(60)
        if (t.it.state() !== 'closed') return second
      }
    return Number.POSITIVE_INFINITY
  }

  it('given a steady pace, then it stays closed for an hour; given 1.5 times as slow, closed; given twice, it opens within a minute', () => {
    const t = under(latency())
    expect(pace(t, 3_600, 1)).toBe(Number.POSITIVE_INFINITY)
    expect(pace(t, 60, 1.5)).toBe(Number.POSITIVE_INFINITY)
    expect(pace(under(latency()), 3_600, 1)).toBe(Number.POSITIVE_INFINITY)
    const slower = under(latency())
    pace(slower, 600, 1)
    expect(pace(slower, 60, 2.2)).toBeLessThan(60)
  })

  it('given a pace that has become slower for good, when it closed again, then that is the baseline in the end', () => {
    const t = under(latency({ memory: 120_000 }))
    pace(t, 300, 1)
    let openings = 0
    for (let minute = 0; minute < 30; minute++) {
      if (pace(t, 60, 3) < 60) openings++
      t.wait(5_000)
      t.succeed()
    }
    expect(openings).toBeGreaterThan(0)
    expect(openings).toBeLessThan(10)
  })

  it('given too few calls to know what is normal, then no verdict', () => {
    const t = under(latency({ learn: 200, minimum: 10 }))
    t.succeed(150, 10)
    t.succeed(49, 1_000)
    expect(t.it.state()).toBe('closed')
  })

  it('given its evidence as JSON, when another takes it up, then it knows what is normal', () => {
    const one = latency().start()
    const random = seeded(9)
    for (let i = 0; i < 5_000; i++) one.record(false, i * 100, 20 + 80 * random() ** 4)
    const stored = JSON.parse(JSON.stringify(one.evidence?.(500_000))) as Evidence
    const other = latency().start()
    other.restore?.(stored, 0)
    const until = (detection: Detection, from: number): number => {
      for (let i = 1; i < 10_000; i++) if (detection.record(false, from + i * 100, 400)) return i
      return Number.POSITIVE_INFINITY
    }
    const calls = until(one, 500_000)
    expect(calls).toBeLessThan(60)
    expect(Math.abs(until(other, 0) - calls)).toBeLessThanOrEqual(5)
  })

  it('given durations and gaps of any size, then the baseline stays a number', () => {
    const detection = latency({ window: 1_000, memory: 2_000 }).start()
    let now = 0
    for (let i = 0; i < 20_000; i++) {
      now += [1, 100, 1e7, -1e6][i % 4] as number
      detection.record(false, now, [0, 1e-9, 1e12, 5][i % 4] as number)
    }
    const [, baseline] = (detection.evidence?.(now) ?? []) as readonly (readonly number[])[]
    expect(baseline?.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
    expect(() => latency({ memory: 1 })).toThrow('"memory"')
    expect(() => latency({ factor: 1 })).toThrow('"factor"')
  })
})

describe('adaptiveThrottle', () => {
  it('B1 B2 aegis: given 80 then 200 successes, then admitted; given 100 successes and ten million failures, then refused', () => {
    const t = under(adaptiveThrottle({ k: 1 / 0.6, window: 3_000, minimum: 100 }), () => 0.5)
    expect(t.succeed(280)).toBe(280)
    const down: Detection = adaptiveThrottle({ k: 1 / 0.6, window: 3_000, minimum: 100 }).start()
    for (let i = 0; i < 100; i++) down.record(false, 0, 0)
    for (let i = 0; i < 10_000_000; i++) down.record(true, 0, 0)
    expect(down.share?.(0)).toBeGreaterThan(0.9999)
  })

  it('B3: given failures only, when the window has passed without a call, then admitted', () => {
    const t = under(adaptiveThrottle({ window: 3_000 }))
    t.fail(20)
    expect([t.it.state(), t.fail()]).toEqual(['halfOpen', 0])
    t.wait(3_000)
    expect([t.it.state(), t.succeed()]).toEqual(['closed', 1])
    expect(t.transitions).toEqual(['closed halfOpen', 'halfOpen closed'])
  })

  it('B4 B8 B10: given one failure fewer than the minimum, then admitted; at the minimum, refused', () => {
    for (const minimum of [3, 20, 100]) {
      const t = under(adaptiveThrottle({ minimum }))
      expect(t.fail(minimum)).toBe(minimum)
      expect(t.fail()).toBe(0)
    }
  })

  it('B9 B11 B12: given a die that shows 0, when 10 of 20 failed, then admitted; at 11, refused; one failure of at least one, refused', () => {
    const t = under(adaptiveThrottle())
    t.succeed(10)
    expect(t.fail(11)).toBe(11)
    expect(t.fail()).toBe(0)
    const first = under(adaptiveThrottle({ minimum: 1 }))
    expect([first.fail(), first.fail()]).toEqual([1, 0])
    expect(under(adaptiveThrottle({ minimum: 1 })).succeed(100)).toBe(100)
  })

  it('B6: given a share to be refused, when it is drawn many times, then that many are, to within 5 %', () => {
    const t = under(adaptiveThrottle({ countRefused: false, minimum: 100 }), seeded(1))
    t.succeed(10)
    t.fail(90)
    // (100 - 20) / 101
    let refused = 0
    for (let i = 0; i < 10_000; i++) if (t.it.admit() === undefined) refused++
    expect(Math.abs(refused / 10_000 - 80 / 101)).toBeLessThan(0.05)
  })

  it('B5: given calls spread over half of the window, then all count, and after it none', () => {
    const detection = adaptiveThrottle({ window: 1_000, minimum: 1 }).start()
    for (let i = 0; i < 10; i++) detection.record(true, i * 50, 0)
    expect(detection.share?.(500)).toBe(10 / 11)
    expect(detection.share?.(2_000)).toBe(0)
  })

  it('B13: given a call that is refused, then it counts as a call, unless it is told not to', () => {
    const counting = adaptiveThrottle({ minimum: 1 }).start()
    counting.record(true, 0, 0)
    counting.refused?.(0)
    expect(counting.share?.(0)).toBe(2 / 3)
    const not = adaptiveThrottle({ minimum: 1, countRefused: false }).start()
    not.record(true, 0, 0)
    not.refused?.(0)
    expect(not.share?.(0)).toBe(1 / 2)
  })

  it('given a total outage at 1000 calls a second, then about one call per window leaks through, and it recovers', () => {
    const t = under(adaptiveThrottle({ window: 3_000 }), seeded(2))
    for (let i = 0; i < 10_000; i++) {
      t.fail()
      t.wait(1)
    }
    let leaked = 0
    for (let i = 0; i < 60_000; i++) {
      leaked += t.fail()
      t.wait(1)
    }
    expect(leaked / 60).toBeGreaterThan(0.1)
    expect(leaked / 60).toBeLessThan(0.8)
    for (let i = 0; i < 120_000; i++) {
      t.succeed()
      t.wait(1)
    }
    expect([t.it.state(), t.succeed(100)]).toEqual(['closed', 100])
  })

  it('given bad options, then the error names them', () => {
    expect(() => adaptiveThrottle({ k: 0.5 })).toThrow('"k"')
    expect(() => adaptiveThrottle({ countRefused: 1 as never })).toThrow('"countRefused"')
    expect(() => adaptiveThrottle({ minimum: 0 })).toThrow('"minimum"')
  })
})

describe('any and all', () => {
  it('given two, then any opens by either, all by both at once', () => {
    const either = under(any(consecutive({ failures: 3 }), slowCalls({ slow: 10, minimum: 3 })))
    either.succeed(3, 20)
    expect(either.it.state()).toBe('open')
    const both = under(all(consecutive({ failures: 3 }), slowCalls({ slow: 10, minimum: 3 })))
    both.succeed(3, 20)
    both.fail(3)
    expect(both.it.state()).toBe('closed')
    both.call('failure', 3, 20)
    expect(both.it.state()).toBe('open')
  })

  it('given one of them needs time or durations, then they are taken; none needs it, then no clock is read', () => {
    expect(any(consecutive(), slowCalls()).durations).toBe(true)
    expect(any(consecutive(), sequential()).durations).toBe(false)
    const still = consecutive({ forget: Number.POSITIVE_INFINITY })
    expect([any(still, still).start().timed(true), any(still, ratio()).start().timed(false)]).toEqual([false, true])
  })

  it('given a throttle among any, then it refuses its share, and the others open; among all it has no place', () => {
    const t = under(any(adaptiveThrottle({ minimum: 5 }), consecutive({ failures: 10 })))
    t.fail(5)
    expect([t.it.state(), t.fail(100)]).toEqual(['halfOpen', 0])
    expect(() => all(ratio(), adaptiveThrottle())).toThrow('adaptiveThrottle refuses a share')
    expect(() => inARow(adaptiveThrottle())).toThrow('adaptiveThrottle refuses a share')
  })

  it('given none, or what is no detector, then a TypeError says so', () => {
    expect(() => any()).toThrow('any: there must be at least one detector')
    expect(() => all(ratio(), {} as never)).toThrow('all: [1] must be a detector')
  })

  it('given their evidence, then each takes up its own', () => {
    const make = (): Detection => any(consecutive({ failures: 5 }), inARow(ratio({ minimum: 2 })), latency()).start()
    const one = make()
    for (let i = 0; i < 3; i++) one.record(true, i, 5)
    const other = make()
    other.restore?.(JSON.parse(JSON.stringify(one.evidence?.(3))) as Evidence, 1_000)
    expect([other.record(true, 1_001, 5), other.record(true, 1_002, 5)]).toEqual([false, true])
    expect(() => make().restore?.([1], 0)).toThrow('any: its evidence must be a list of 3')
  })
})

describe('inARow', () => {
  it('given three stretches of 10 s, when two are bad and the third is good, then closed; three bad ones open it', () => {
    const t = under(inARow(consecutive({ failures: 2 }), { times: 3, every: 10_000 }))
    const stretch = (failures: number): void => {
      t.fail(failures)
      t.succeed()
      t.wait(10_000)
    }
    stretch(2)
    stretch(5)
    stretch(1)
    stretch(2)
    stretch(3)
    expect(t.it.state()).toBe('closed')
    t.fail(2)
    expect(t.it.state()).toBe('open')
  })

  it('given a stretch without a call, then the row is broken', () => {
    const t = under(inARow(consecutive({ failures: 1 }), { times: 3, every: 10_000 }))
    for (const wait of [10_000, 20_000, 10_000, 0]) {
      t.fail()
      t.wait(wait)
    }
    expect(t.it.state()).toBe('closed')
    t.wait(10_000)
    t.fail()
    expect(t.it.state()).toBe('open')
    expect(() => inARow(ratio(), { times: 1 })).toThrow('"times"')
    expect(() => inARow({} as never)).toThrow('must be a detector')
  })
})

describe('dynamic', () => {
  it('given parameters that follow a metric, when they change, then they hold from the next window on, with what was counted', () => {
    const parameters = { minimum: 50, window: 60_000 }
    let readings = 0
    const detector = dynamic(
      () => {
        readings++
        return ratio(parameters)
      },
      { every: 10_000 },
    )
    const t = under(detector)
    t.fail(30)
    parameters.minimum = 20
    t.fail(5)
    expect([t.it.state(), readings]).toEqual(['closed', 1])
    t.wait(10_000)
    t.fail()
    expect([t.it.state(), readings]).toEqual(['open', 2])
  })

  it('given two circuits, then the function is asked once for both', () => {
    let readings = 0
    const detector = dynamic(() => {
      readings++
      return consecutive()
    })
    const [one, other] = [detector.start(), detector.start()]
    for (let now = 0; now < 100_000; now += 1_000) for (const it of [one, other]) it.record(false, now, 0)
    expect(readings).toBe(10)
  })

  it('given a function that throws, or answers another kind, then the last one stays, or the new kind starts afresh', () => {
    let answer = (): Detector => consecutive({ failures: 3 })
    const t = under(dynamic(() => answer(), { every: 1_000 }))
    t.fail(2)
    answer = () => {
      throw new Error('no configuration')
    }
    t.wait(1_000)
    t.fail()
    expect(t.it.state()).toBe('open')
    answer = () => latency()
    const other = under(dynamic(() => consecutive({ failures: 2 }), { every: 1_000 }))
    other.fail(2)
    expect(other.it.state()).toBe('open')
    expect(() => dynamic(() => ({}) as never)).toThrow('must answer a detector')
    expect(() => dynamic(5 as never)).toThrow('"make"')
  })
})

describe('a window that is stale', () => {
  it.each([
    ['sequential', sequential(), 19],
    ['ratio', ratio(), 19],
    ['ratio of calls', ratio({ calls: 100 }), 19],
    ['consecutive', consecutive(), 4],
    ['errorRate', errorRate({ perSecond: 20 }), 19],
    ['all', all(ratio(), consecutive({ failures: 20 })), 19],
    ['inARow', inARow(ratio({ minimum: 2, window: 3_600_000 })), 25],
    ['dynamic', dynamic(() => ratio()), 19],
  ])(
    '%s: given evidence just short of enough, when ten minutes pass without a call, then one failure does not open it',
    (_, detector, failures) => {
      const t = under(detector)
      t.fail(failures)
      expect(t.it.state()).toBe('closed')
      t.wait(600_000)
      t.fail()
      expect(t.it.state()).toBe('closed')
    },
  )
})
