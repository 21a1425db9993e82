import { describe, expect, it } from 'vitest'
import type { Circuit } from './circuit.ts'
import { any } from './combined.ts'
import { consecutive } from './consecutive.ts'
import type { Detection, Detector } from './detector.ts'
import { circuit } from './new-circuit.ts'
import { ratio } from './ratio.ts'

// B<n>: a behaviour that the suite of the named system pins.

/** A circuit under a clock that the test holds. */
function under(detector: Detector): {
  at(ms: number): void
  fail(n?: number): void
  succeed(n?: number): void
  it: Circuit
} {
  let now = 0
  const tested = circuit({ detector, clock: { now: () => now } })
  const call = (verdict: 'failure' | 'success', n: number): void => {
    for (let i = 0; i < n; i++) {
      const permit = tested.admit()
      if (permit !== undefined) tested.record(permit, verdict)
    }
  }
  return {
    at(ms) {
      now = ms
    },
    fail: (n = 1) => call('failure', n),
    succeed: (n = 1) => call('success', n),
    it: tested,
  }
}

describe('ratio', () => {
  it('B35 Kitex: given .5 of at least 1000, when 499 of 999 failed, then closed; at one failure more, of exactly .5, open', () => {
    const t = under(ratio({ threshold: 0.5, minimum: 1000 }))
    t.fail(499)
    t.succeed(500)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('B67 B68 Polly: given the ratio is reached, when there are fewer calls than the minimum, then closed; at the minimum, open', () => {
    const t = under(ratio({ threshold: 0.5, minimum: 20 }))
    t.fail(19)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('B22 Kitex: given .1 of at least 100, when every tenth call fails, then it opens at call 100', () => {
    const t = under(ratio({ threshold: 0.1, minimum: 100 }))
    for (let call = 1; call <= 100; call++) {
      expect(t.it.state()).toBe('closed')
      if (call % 10 === 0) t.fail()
      else t.succeed()
    }
    expect(t.it.state()).toBe('open')
  })

  it('B43 gobreaker: given .6 of at least 3, when 2 of 3 fail, then open', () => {
    const t = under(ratio({ threshold: 0.6, minimum: 3 }))
    t.succeed()
    t.fail(2)
    expect(t.it.state()).toBe('open')
  })

  it('B47 B72: given old failures, when they have left the window, then they do not count', () => {
    const t = under(ratio({ window: 30_000, threshold: 0.5, minimum: 10 }))
    t.fail(9)
    t.at(29_999)
    t.succeed()
    t.at(30_000)
    t.fail()
    expect(t.it.state()).toBe('closed')
  })

  it('given a 10 s window, when failures come in its first and its last second, then both count', () => {
    const t = under(ratio({ window: 10_000, minimum: 10 }))
    t.fail(5)
    t.at(9_999)
    t.fail(5)
    expect(t.it.state()).toBe('open')
  })

  it('given a threshold of 1, when every call fails, then open (opossum compares with ">" and never opens)', () => {
    const t = under(ratio({ threshold: 1, minimum: 20 }))
    t.fail(20)
    expect(t.it.state()).toBe('open')
  })

  it('given ">", when the share is exactly the threshold, then closed; one failure above, open', () => {
    const t = under(ratio({ threshold: 0.5, minimum: 10, comparison: '>' }))
    t.succeed(5)
    t.fail(5)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('given failures above the threshold, when a success completes the minimum, then closed; with evaluate "all", open', () => {
    for (const evaluate of ['failures', 'all'] as const) {
      const t = under(ratio({ minimum: 20, evaluate }))
      t.fail(19)
      t.succeed()
      expect(t.it.state()).toBe(evaluate === 'all' ? 'open' : 'closed')
    }
  })

  it('given any threshold of two decimals, when exactly that share of 100 calls fails, then open and not one failure before', () => {
    for (let percent = 1; percent <= 100; percent++) {
      const t = under(ratio({ threshold: percent / 100, minimum: 100 }))
      t.succeed(100 - percent)
      t.fail(percent - 1)
      expect(t.it.state(), `${percent - 1} %`).toBe('closed')
      t.fail()
      expect(t.it.state(), `${percent} %`).toBe('open')
    }
  })

  it('given one recipe, when it starts twice, then the states are two', () => {
    const recipe = ratio({ minimum: 1 })
    const [one, other]: [Detection, Detection] = [recipe.start(), recipe.start()]
    expect(one.record(true, 0, 0)).toBe(true)
    expect(other.record(false, 0, 0)).toBe(false)
    expect(other.record(true, 0, 0)).toBe(true)
    expect(other.record(false, 0, 0)).toBe(false)
  })

  it('given a bad option, when made, then the error names option, value and what is allowed', () => {
    expect(() => ratio({ threshold: 0 })).toThrow(
      'ratio: "threshold" must be a number above 0 and of at most 1 (failures per call), but was 0',
    )
    expect(() => ratio({ threshold: 50 })).toThrow(RangeError)
    expect(() => ratio({ minimum: 0 })).toThrow('"minimum"')
    expect(() => ratio({ minimum: 2.5 })).toThrow('whole')
    expect(() => ratio({ window: 0 })).toThrow('"window"')
    expect(() => ratio({ buckets: 0 })).toThrow('"buckets"')
    expect(() => ratio({ comparison: '<' as never })).toThrow(TypeError)
    expect(() => ratio({ evaluate: 'never' as never })).toThrow(TypeError)
    expect(() => ratio({ comparison: '>', threshold: 1 })).toThrow('never opens')
    expect(() => ratio({ window: '10s' as never })).toThrow(TypeError)
  })
})

describe('consecutive', () => {
  it('B30 Kitex: given 1000, when 999 failed in a row, then closed; one more, open', () => {
    const t = under(consecutive({ failures: 1000 }))
    t.fail(999)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('B33 B74: given a run of failures, when one success comes, then the run starts afresh', () => {
    const t = under(consecutive({ failures: 5 }))
    t.fail(4)
    t.succeed()
    t.fail(4)
    expect(t.it.state()).toBe('closed')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('given a run of failures, when an ignored call ends, then the run goes on', () => {
    const t = under(consecutive({ failures: 2 }))
    t.fail()
    const permit = t.it.admit()
    if (permit !== undefined) t.it.record(permit, 'ignored')
    t.fail()
    expect(t.it.state()).toBe('open')
  })

  it('given a closed circuit, when calls pass through it, then no clock is read but for failures that it might forget', () => {
    let readings = 0
    const clock = { now: () => ++readings }
    const send = (detector: Detector, verdict: 'failure' | 'success'): void => {
      const tested = circuit({ detector, clock })
      for (let i = 0; i < 99; i++) {
        const permit = tested.admit()
        if (permit !== undefined) tested.record(permit, verdict)
      }
    }
    send(consecutive({ failures: 100 }), 'success')
    send(consecutive({ failures: 100, forget: Number.POSITIVE_INFINITY }), 'failure')
    expect(readings).toBe(0)
    send(consecutive({ failures: 100 }), 'failure')
    expect(readings).toBe(99)
  })

  it('B36 Kitex: given 50 in a row for 3 s or 500, when 100 have failed, then closed; 3 s later one failure more opens it', () => {
    const t = under(any(consecutive({ failures: 50, lasting: 3_000 }), consecutive({ failures: 500 })))
    t.fail(100)
    expect(t.it.state()).toBe('closed')
    t.at(3_000)
    t.fail()
    expect(t.it.state()).toBe('open')
    const quick = under(any(consecutive({ failures: 50, lasting: 3_000 }), consecutive({ failures: 500 })))
    quick.fail(499)
    expect(quick.it.state()).toBe('closed')
    quick.fail()
    expect(quick.it.state()).toBe('open')
  })

  it('given four failures of five, when ten minutes pass, then one more does not open it, unless it never forgets', () => {
    const t = under(consecutive())
    t.fail(4)
    t.at(600_000)
    t.fail()
    expect(t.it.state()).toBe('closed')
    const never = under(consecutive({ forget: Number.POSITIVE_INFINITY }))
    never.fail(4)
    never.at(600_000)
    never.fail()
    expect(never.it.state()).toBe('open')
  })

  it('given a bad option, when made, then the error says so', () => {
    expect(() => consecutive({ failures: 0 })).toThrow(
      'consecutive: "failures" must be a whole number of at least 1, but was 0',
    )
  })
})

describe("a detector of one's own", () => {
  it('given one that judges durations, when calls take their time, then it is told how long, and when they ended', () => {
    const seen: [number, number][] = []
    const slow: Detector = {
      name: 'slow',
      durations: true,
      start: () => ({
        timed: () => true,
        record: (_, now, duration) => {
          seen.push([now, duration])
          return duration > 100
        },
        clear: () => {},
      }),
    }
    let now = 1_000
    const tested = circuit({ detector: slow, clock: { now: () => now } })
    const one = tested.admit()
    now = 1_050
    const other = tested.admit()
    now = 1_090
    if (one !== undefined) tested.record(one, 'success')
    expect(tested.state()).toBe('closed')
    now = 1_200
    if (other !== undefined) tested.record(other, 'success')
    expect(seen).toEqual([
      [1_090, 90],
      [1_200, 150],
    ])
    expect(tested.state()).toBe('open')
  })

  it('given one that wants the time at every fourth call, when calls end, then the clock is read at those', () => {
    let readings = 0
    const times: number[] = []
    const now_and_then: Detector = {
      name: 'now and then',
      start: () => {
        let calls = 0
        return {
          timed: () => calls % 4 === 3,
          record(_, now) {
            calls++
            times.push(now)
            return false
          },
          clear: () => {},
        }
      },
    }
    const tested = circuit({ detector: now_and_then, clock: { now: () => ++readings * 7 } })
    for (let i = 0; i < 8; i++) {
      const permit = tested.admit()
      if (permit !== undefined) tested.record(permit, 'failure')
    }
    expect(times).toEqual([0, 0, 0, 7, 0, 0, 0, 14])
  })
})
