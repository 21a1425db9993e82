// Places against a slow model that keeps everybody in one array and looks for who is next each time.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlaceRule } from './concurrent.ts'
import type { Why } from './failure.ts'
import { Places } from './places.ts'
import type { Rank } from './priority.ts'
import type { Waiter } from './waiters.ts'

interface Standing {
  readonly id: number
  readonly rank: Rank
  readonly deadline: number
}

/** Each call takes `took` milliseconds, once that is known: when the first has ended. */
function model(rule: PlaceRule, took: number) {
  let queue: Standing[] = []
  const told: string[] = []
  let underWay = 0
  let expected = 0
  const room = (rank: Rank): number => Math.max(1, Math.floor((rule.limit as number) * (rule.shares[rank] as number)))
  /** In the order in which they go. */
  const inOrder = (): Standing[] =>
    [...queue].sort((a, b) => a.rank - b.rank || (rule.order === 'fifo' ? a.id - b.id : b.id - a.id))
  const without = (one: Standing): void => {
    queue = queue.filter(({ id }) => id !== one.id)
  }
  const admit = (now: number): void => {
    for (const next of inOrder()) {
      const late = next.deadline - now <= expected
      if (!late && underWay >= room(next.rank)) return
      without(next)
      if (!late) underWay++
      told.push(`${next.id} ${late ? 'deadline' : 'goes'}`)
    }
  }
  return {
    told,
    get underWay() {
      return underWay
    },
    get waiting() {
      return queue.length
    },
    enter(rank: Rank): boolean {
      if (underWay >= room(rank) || queue.some((other) => other.rank <= rank)) return false
      underWay++
      return true
    },
    offer(one: Standing): boolean {
      if (rule.queue === 0) return false
      if (queue.length >= rule.queue) {
        // What matters least goes; of that, the one with the least prospect.
        const worst = Math.max(...queue.map(({ rank }) => rank)) as Rank
        const ofWorst = queue.filter(({ rank }) => rank === worst).sort((a, b) => a.id - b.id)
        const victim = rule.order === 'lifo' ? ofWorst[0] : ofWorst.at(-1)
        if (victim === undefined || worst < one.rank || (worst === one.rank && rule.order === 'fifo')) return false
        without(victim)
        told.push(`${victim.id} displaced`)
      }
      queue.push(one)
      return true
    },
    withdraw: without,
    leave(now: number): void {
      underWay--
      expected = took
      admit(now)
    },
    follow(next: PlaceRule, now: number): void {
      rule = next
      admit(now)
    },
  }
}

type Act =
  | { readonly act: 'come'; readonly rank: Rank; readonly patience: number }
  | { readonly act: 'end' }
  | { readonly act: 'withdraw'; readonly which: number }
  | { readonly act: 'wait'; readonly ms: number }
  | { readonly act: 'set'; readonly limit: number }
const rank = fc.constantFrom<Rank>(0, 1, 2, 2, 2, 3)
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant('come' as const), rank, patience: fc.constantFrom(5, 50, 1e6, Infinity) }),
  },
  { weight: 4, arbitrary: fc.constant({ act: 'end' as const }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('withdraw' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.oneof(fc.nat(20), fc.nat(1e9)) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('set' as const), limit: fc.integer({ min: 1, max: 6 }) }) },
)
const rules = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  queue: fc.integer({ min: 0, max: 5 }),
  order: fc.constantFrom<'fifo' | 'lifo'>('fifo', 'lifo'),
  maxWait: fc.constant(1_000),
  shares: fc.constantFrom([1, 1, 1, 1], [1, 0.8, 0.5, 0.25], [1, 1, 1, 0.1]),
  ranks: fc.constant(true),
})

describe('places against the model', () => {
  it('given calls that come, wait, go, end and are given up, then the same go in the same order, and no place is lost or given twice', () => {
    const reached = { goes: 0, displaced: 0, deadline: 0 }
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 150, size: 'max' }),
        rules,
        fc.constantFrom(0, 30),
        (acts, first, took) => {
          let rule: PlaceRule = first
          const tested = new Places(rule)
          const reference = model(rule, took)
          const told: string[] = []
          const waiting = new Map<number, Waiter & Standing>()
          let now = 0
          let nextId = 0
          let [entered, ended] = [0, 0]
          const tell = (id: number, what: Why | 'goes'): void => {
            // Everybody hears one thing, once.
            expect(waiting.delete(id)).toBe(true)
            told.push(`${id} ${what}`)
            if (what in reached) reached[what as keyof typeof reached]++
            if (what === 'goes') entered++
          }
          for (const step of acts) {
            if (step.act === 'wait') now += step.ms
            else if (step.act === 'come') {
              const id = nextId++
              const goes = tested.enter(step.rank, now)
              expect(goes).toBe(reference.enter(step.rank))
              if (goes) entered++
              else {
                const waiter = {
                  id,
                  rank: step.rank,
                  deadline: now + step.patience,
                  newer: undefined,
                  older: undefined,
                  goesAhead: () => tell(id, 'goes'),
                  isRefused: (why: Why) => tell(id, why),
                }
                waiting.set(id, waiter)
                const stands = tested.offer(waiter, now)
                expect(stands).toBe(reference.offer(waiter))
                if (!stands) waiting.delete(id)
              }
            } else if (step.act === 'end') {
              if (tested.underWay === 0) continue
              ended++
              if (took === 0) tested.leave(() => now)
              else tested.record(now, now - took, 1, 'served')
              reference.leave(now)
            } else if (step.act === 'withdraw') {
              const one = [...waiting.values()][step.which % Math.max(1, waiting.size)]
              if (one === undefined) continue
              waiting.delete(one.id)
              tested.withdraw(one)
              reference.withdraw(one)
            } else {
              rule = { ...rule, limit: step.limit }
              tested.follow(rule, now)
              reference.follow(rule, now)
            }
            expect(told.at(-1)).toBe(reference.told.at(-1))
            expect(told.length).toBe(reference.told.length)
            expect(tested.underWay).toBe(reference.underWay)
            expect(tested.underWay).toBe(entered - ended)
            expect(tested.level(now).waiting).toBe(waiting.size)
            expect(waiting.size).toBe(reference.waiting)
            expect(waiting.size).toBeLessThanOrEqual(rule.queue)
            // Nobody waits where nobody is under way.
            if (tested.underWay === 0) expect(waiting.size).toBe(0)
          }
          expect(told).toEqual(reference.told)
        },
      ),
      { numRuns: 500 },
    )
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(100)
  })

  it('given calls that all matter as much, then each waits at most for as many as came before it (fifo)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { maxLength: 200 }), (limit, comes) => {
        const rule: PlaceRule = {
          limit,
          queue: 1_000,
          order: 'fifo',
          maxWait: 1_000,
          shares: [1, 1, 1, 1],
          ranks: true,
        }
        const places = new Places(rule)
        const went: number[] = []
        let id = 0
        for (const come of comes) {
          if (come) {
            const mine = id++
            if (places.enter(2, 0)) went.push(mine)
            else
              places.offer(
                {
                  rank: 2,
                  deadline: Infinity,
                  newer: undefined,
                  older: undefined,
                  goesAhead: () => went.push(mine),
                  isRefused: () => expect.unreachable(),
                },
                0,
              )
          } else if (places.underWay > 0) places.leave(() => 0)
          expect(places.underWay).toBeLessThanOrEqual(limit)
        }
        expect(went).toEqual([...went].sort((a, b) => a - b))
      }),
    )
  })

  it('given clocks that jump anywhere, then what a call takes stays a number, and a place comes free all the same', () => {
    const places = new Places({
      limit: 1,
      queue: 1,
      order: 'fifo',
      maxWait: 10,
      shares: [1, 1, 1, 1],
      ranks: true,
    })
    for (const [began, ended] of [
      [0, 1e15],
      [1e15, 0],
      [5, 5],
    ] as const) {
      expect(places.enter(2, began)).toBe(true)
      places.record(ended, began, 1, 'served')
      expect(Number.isFinite(places.retryAfter(ended))).toBe(true)
    }
    expect(places.underWay).toBe(0)
  })
})
