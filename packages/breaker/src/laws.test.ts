// The laws of the state machine, against a slow model that keeps everything it has ever seen.
import { seeded } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oneSequence, type Reached } from '../test/run.ts'
import type { Verdict } from './classify.ts'
import { consecutive } from './consecutive.ts'
import { circuit } from './new-circuit.ts'
import { probes } from './probes.ts'
import { ratio } from './ratio.ts'
import { sequential } from './sequential.ts'

const verdict: fc.Arbitrary<Verdict> = fc.constantFrom('failure', 'failure', 'failure', 'success', 'success', 'ignored')
const recoveries = fc
  .record({
    count: fc.integer({ min: 1, max: 4 }),
    spare: fc.constantFrom(0, 0, 1, 3),
    wait: fc.constantFrom(0, 50, 200),
    concurrent: fc.integer({ min: 1, max: 4 }),
    every: fc.constantFrom(0, 0, 30),
    timeout: fc.constantFrom(20, 100),
  })
  .map(({ spare, ...rest }) => ({ ...rest, of: rest.count + spare }))
const detectors = fc.constantFrom(
  ratio({ window: 50, buckets: 5, minimum: 2 }),
  ratio({ calls: 5, window: 100 }),
  consecutive({ failures: 2, lasting: 10 }),
  sequential({ threshold: 0.02, minDuration: 10 }),
)

describe('a circuit against the model', () => {
  // The whole of it, a million sequences, is in laws.slow.test.ts.
  it('given random sequences of calls, ends, jumps of the clock and holds, then it admits, counts and turns as the model does', () => {
    const reached: Reached = { states: new Set(), transitions: 0, refused: 0, admitted: 0 }
    const start = Math.floor(Math.random() * 1e9)
    for (let i = 0; i < 20_000; i++)
      try {
        oneSequence(seeded(start + i), reached)
      } catch (error) {
        throw new Error(`sequence ${start + i}`, { cause: error })
      }
    // The runs were no idle ones.
    expect([...reached.states].sort()).toEqual(['closed', 'halfOpen', 'open'])
    expect(reached.transitions).toBeGreaterThan(20_000)
  })

  it('given a clock that jumps anywhere, back too, then it throws nothing and always comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1e15, noNaN: true }), verdict), { maxLength: 60 }),
        recoveries,
        detectors,
        (all, recovery, detector) => {
          let now = 0
          const tested = circuit({ detector, recovery: probes(recovery), clock: { now: () => now } })
          for (const [at, outcome] of all) {
            now = at
            const permit = tested.admit()
            expect(tested.retryAfter()).toBeGreaterThanOrEqual(0)
            expect(tested.retryAfter()).toBeLessThanOrEqual(Math.max(recovery.wait, recovery.every))
            if (permit !== undefined) tested.record(permit, outcome)
          }
          // Whatever was, successes close it in a few steps. (It sees the last jump at its next call.)
          tested.admit()
          for (let i = 0; i <= recovery.of; i++) {
            now += recovery.wait + recovery.timeout + recovery.every + 1_000
            const permit = tested.admit()
            if (permit !== undefined) tested.record(permit, 'success')
          }
          expect(tested.state()).toBe('closed')
        },
      ),
      { numRuns: 500 },
    )
  })
})
