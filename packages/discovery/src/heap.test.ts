// The heap: whatever moves, the first is the first.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap } from './heap.ts'

describe('the heap', () => {
  it('given any keys that change in any order, then the top is always the least by both keys, and the lowest number among equals', () => {
    const key = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 200 }),
        fc.array(fc.tuple(fc.nat(), key), { maxLength: 300 }),
        (keys, changes) => {
          const heap = new Heap()
          const entries = keys.map(([first, second], number) => ({ first, second, number }))
          const least = (): number =>
            entries.reduce((best, one) =>
              one.first < best.first || (one.first === best.first && one.second < best.second) ? one : best,
            ).number
          heap.reset(
            keys.map(([first]) => first),
            keys.map(([, second]) => second),
          )
          expect(heap.top).toBe(least())
          for (const [which, [first, second]] of changes) {
            const number = which % entries.length
            entries[number] = { first, second, number }
            heap.moved(number, first, second)
            expect(heap.top).toBe(least())
          }
        },
      ),
    )
  })

  it('given nothing, then there is no top', () => {
    const heap = new Heap()
    expect(heap.top).toBe(-1)
    heap.reset([1], [1])
    heap.reset([], [])
    expect(heap.top).toBe(-1)
  })
})
