// A million random sequences of events, and an hour at full load: what a few seconds cannot show.
import { seeded } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { oneSequence, type Reached } from '../test/run.ts'
import { adaptiveThrottle } from './adaptive-throttle.ts'
import type { Permit } from './circuit.ts'
import { all, any } from './combined.ts'
import { consecutive } from './consecutive.ts'
import type { Detector } from './detector.ts'
import { dynamic } from './dynamic.ts'
import { errorRate } from './error-rate.ts'
import { inARow } from './in-a-row.ts'
import { latency } from './latency.ts'
import { circuit } from './new-circuit.ts'
import { ratio } from './ratio.ts'
import { sequential } from './sequential.ts'
import { slowCalls } from './slow-calls.ts'

describe('a circuit against the model', () => {
  it('given a million random sequences of calls, ends, jumps of the clock and holds, then it does as the model does', {
    timeout: 900_000,
  }, () => {
    const reached: Reached = { states: new Set(), transitions: 0, refused: 0, admitted: 0 }
    const start = Math.floor(Math.random() * 1e9)
    for (let i = 0; i < 1_000_000; i++)
      try {
        oneSequence(seeded(start + i), reached)
      } catch (error) {
        throw new Error(`sequence ${start + i}`, { cause: error })
      }
    console.info(`${reached.admitted} admitted, ${reached.refused} refused, ${reached.transitions} transitions`)
    expect(reached.states.size).toBe(3)
    expect(reached.transitions).toBeGreaterThan(1_000_000)
  })
})

describe('an hour at 10,000 calls a second', () => {
  const soaked: readonly (readonly [string, Detector])[] = [
    ['sequential', sequential()],
    ['ratio', ratio({ minimum: 200 })],
    ['ratio of calls', ratio({ calls: 100, threshold: 0.9 })],
    ['consecutive', consecutive({ failures: 12 })],
    ['errorRate', errorRate({ perSecond: 5_000 })],
    ['slowCalls', slowCalls({ slow: 200, minimum: 200 })],
    ['latency', latency()],
    ['adaptiveThrottle', adaptiveThrottle({ window: 3_000 })],
    [
      'together',
      any(
        inARow(all(latency(), ratio({ evaluate: 'all' }))),
        dynamic(() => sequential({ minDuration: 1_000 })),
      ),
    ],
  ]
  it.each(soaked)(
    '%s: given one failure in a hundred and an outage of a minute, then it opens in the outage alone and is closed after it',
    { timeout: 600_000 },
    (_, detector) => {
      const random = seeded(17)
      let now = 0
      const openings: number[] = []
      const tested = circuit({
        detector,
        clock: { now: () => now },
        random,
        onTransition: (from) => {
          if (from === 'closed') openings.push(now)
        },
      })
      const outage = (at: number): boolean => at >= 1_800_000 && at < 1_860_000
      let refused = 0
      let refusedOutside = 0
      // What is under way, by how long it takes: each in the order in which it ends.
      const underWay = new Map(
        [5, 500].map((took) => [
          took,
          { permits: [] as Permit[], failed: [] as boolean[], ends: [] as number[], next: 0 },
        ]),
      )
      const endUntil = (at: number): void => {
        for (const queue of underWay.values()) {
          while (queue.next < queue.ends.length && (queue.ends[queue.next] as number) <= at) {
            const index = queue.next++
            now = Math.max(now, queue.ends[index] as number)
            tested.record(queue.permits[index] as Permit, queue.failed[index] ? 'failure' : 'success', now)
          }
          if (queue.next < 100_000) continue
          for (const list of [queue.permits, queue.failed, queue.ends]) list.splice(0, queue.next)
          queue.next = 0
        }
      }
      for (let call = 0; call < 36_000_000; call++) {
        const began = call / 10
        endUntil(began)
        now = began
        const permit = tested.admit(began)
        if (permit === undefined) {
          refused++
          if (began < 1_800_000 || began > 1_880_000) refusedOutside++
          continue
        }
        const down = outage(began)
        const queue = underWay.get(down ? 500 : 5)
        queue?.permits.push(permit)
        queue?.failed.push(down || random() < 0.01)
        queue?.ends.push(began + (down ? 500 : 5))
      }
      endUntil(3_700_000)
      // 600,000 calls came in the outage; all but a few thousand were spared the dependency.
      expect(refused).toBeGreaterThan(400_000)
      expect(openings.length).toBeGreaterThan(0)
      expect(openings[0]).toBeGreaterThanOrEqual(1_800_000)
      // A throttle lets the outage out of its window before it admits everything.
      if (detector.sheds !== true) expect([openings.length, refusedOutside]).toEqual([1, 0])
      expect(tested.state()).toBe('closed')
    },
  )
})
