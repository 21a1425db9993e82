import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consecutive } from './consecutive.ts'
import { circuit } from './new-circuit.ts'
import { type SequentialProbesOptions, sequentialProbes } from './sequential-probes.ts'

/** What comes of a trial at a failure rate, over all ways that it may go: exact, by their number of failures. */
function odds(options: SequentialProbesOptions, rate: number): { close: number; probes: number } {
  let close = 0
  let probes = 0
  const recovery = sequentialProbes(options)
  /** The verdict after these outcomes: the order matters only for whether one came before. */
  const verdict = (failures: number, successes: number): string | undefined => {
    const trial = recovery.trial(0)
    let last: string | undefined
    for (let i = 0; i < Math.max(failures, successes); i++) {
      // Alternating, so that no verdict comes before the last of them if it can be helped.
      if (i < failures) last = trial.record(true, 0)
      if (i < successes) last = trial.record(false, 0)
    }
    return last
  }
  let running = new Map([[0, 1]])
  for (let n = 1; running.size > 0; n++) {
    const next = new Map<number, number>()
    for (const [failures, chance] of running)
      for (const [bad, part] of [
        [failures + 1, rate],
        [failures, 1 - rate],
      ] as const) {
        if (part === 0) continue
        const end = verdict(bad, n - bad)
        if (end === undefined) next.set(bad, (next.get(bad) ?? 0) + chance * part)
        else probes += chance * part * n
        if (end === 'close') close += chance * part
      }
    running = next
  }
  return { close, probes }
}

describe('sequential probes', () => {
  it('given the defaults, then closing and the probes spent are as the README tabulates', () => {
    const table = [0, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((rate) => {
      const { close, probes } = odds({}, rate)
      return `${rate}: ${(100 * close).toFixed(2)} % ${probes.toFixed(1)}`
    })
    expect(table).toMatchInlineSnapshot(`
      [
        "0: 100.00 % 7.0",
        "0.01: 100.00 % 7.1",
        "0.1: 100.00 % 8.7",
        "0.2: 99.99 % 11.7",
        "0.3: 99.58 % 17.3",
        "0.4: 89.72 % 27.7",
        "0.5: 45.99 % 34.8",
        "0.6: 7.39 % 27.7",
        "0.7: 0.32 % 17.3",
        "0.8: 0.01 % 11.7",
        "0.9: 0.00 % 8.7",
        "1: 0.00 % 7.0",
      ]
    `)
  })

  it('given 0.2 and more from the threshold, then the verdict is right in 99.2 % of the trials and more', () => {
    for (const rate of [0, 0.05, 0.1, 0.2, 0.3]) expect(odds({}, rate).close).toBeGreaterThan(0.992)
    for (const rate of [0.7, 0.75, 0.8, 0.9, 1]) expect(odds({}, rate).close).toBeLessThan(0.008)
    // With a plain reopening after 50 it would not be.
    expect(odds({ undecided: 'open' }, 0.3).close).toBeLessThan(0.99)
  })

  it('given any threshold and margin, then it errs at the margins no oftener than was asked', () => {
    const asked = fc.record({
      threshold: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      part: fc.double({ min: 0.6, max: 0.9, noNaN: true }),
      error: fc.constantFrom(0.02, 0.05),
    })
    fc.assert(
      fc.property(asked, ({ threshold, part, error }) => {
        const margin = part * Math.min(threshold, 1 - threshold)
        const options = { threshold, margin, error, most: 100 }
        expect(odds(options, threshold + margin).close).toBeLessThan(error * 1.1)
        expect(odds(options, threshold - margin).close).toBeGreaterThan(1 - error * 1.1)
      }),
      { numRuns: 15 },
    )
  })

  it('given one call in ten seconds, when a minute is over, then the probes so far decide', () => {
    const trial = sequentialProbes().trial(1_000)
    for (let i = 0; i < 5; i++) expect(trial.record(i === 2, 1_000 + i * 10_000)).toBe(undefined)
    expect(trial.record(false, 61_000)).toBe('close')
    const tie = sequentialProbes().trial(0)
    tie.record(false, 0)
    expect(tie.record(true, 60_000)).toBe('open')
    const strict = sequentialProbes({ undecided: 'open' }).trial(0)
    expect(strict.record(false, 60_000)).toBe('open')
    const back = sequentialProbes().trial(1e9)
    expect(back.record(false, 0)).toBe(undefined)
    expect(back.record(false, 59_999)).toBe(undefined)
    expect(back.record(false, 60_000)).toBe('close')
  })

  it('given fifty outcomes, when they are all but even, then the side decides to which they lean, and a tie opens', () => {
    const end = (failures: number): string | undefined => {
      const trial = sequentialProbes().trial(0)
      let verdict: string | undefined
      for (let i = 0; i < 25; i++) {
        verdict = trial.record(i < failures, 0)
        verdict = trial.record(!(i < 50 - failures) || i >= 25, 0) ?? verdict
        verdict = verdict ?? undefined
      }
      return verdict
    }
    expect(end(25)).toBe('open')
    const trial = sequentialProbes({ most: 3 }).trial(0)
    expect([trial.wants, trial.record(true, 0), trial.wants, trial.record(false, 0), trial.wants]).toEqual([
      3,
      undefined,
      2,
      undefined,
      1,
    ])
    expect(trial.record(false, 0)).toBe('close')
  })

  it('given the defaults in a circuit, when it is half-open, then five probes at a time, and never more than it can use', () => {
    let now = 0
    const tested = circuit({
      detector: consecutive({ failures: 1 }),
      recovery: sequentialProbes({ most: 7 }),
      clock: { now: () => now },
    })
    const failing = tested.admit()
    if (failing !== undefined) tested.record(failing, 'failure')
    now = 5_000
    const given = Array.from({ length: 8 }, () => tested.admit())
    expect(given.filter((permit) => permit?.probe)).toHaveLength(5)
    for (const permit of given) if (permit !== undefined) tested.record(permit, 'success')
    expect([tested.admit(), tested.admit(), tested.admit()].filter((permit) => permit !== undefined)).toHaveLength(2)
  })

  it('given bad options, then the error names them', () => {
    const wrong = (options: object) => () => sequentialProbes(options)
    expect(wrong({ threshold: 1 })).toThrow('sequentialProbes: "threshold"')
    expect(wrong({ margin: 0.6 })).toThrow('between 0 and 1')
    expect(wrong({ error: 0 })).toThrow('"error"')
    expect(wrong({ most: 0 })).toThrow('"most"')
    expect(wrong({ within: 0 })).toThrow('"within"')
    expect(wrong({ undecided: 'close' })).toThrow('"undecided"')
    expect(wrong({ undecided: 'open', margin: 0.05, most: 20 })).toThrow('20 good probes are not enough to close')
    expect(wrong({ wait: -1 })).toThrow('sequentialProbes: "wait"')
    expect(wrong({ ramp: 5 })).toThrow('"ramp" must be { shares, every? }')
    expect(wrong({ ramp: { shares: [] } })).toThrow('"shares" must be a list')
    expect(wrong({ ramp: { shares: [0.5, 1] } })).toThrow('"shares[1]" must be below 1')
    expect(wrong({ ramp: { shares: [0.5], every: 0 } })).toThrow('"every"')
    expect(wrong({ count: 3 })).toThrow('"count"')
  })
})
