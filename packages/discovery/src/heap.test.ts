// The heap: whatever moves, the first is the first.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap, type Placed } from './heap.ts'

describe('the heap', () => {
  it('given any keys that change in any order, then the top is always the least, and every entry knows its place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(), fc.integer())),
        (keys, changes) => {
          const entries = keys.map((key): Placed & { key: number } => ({ key, place: 0 }))
          const heap = new Heap<Placed & { key: number }>((a, b) => a.key < b.key)
          heap.reset([...entries])
          for (const [which, key] of [[0, keys[0] as number] as const, ...changes]) {
            const entry = entries[which % entries.length] as Placed & { key: number }
            entry.key = key
            heap.moved(entry)
            expect(heap.top?.key).toBe(Math.min(...entries.map((one) => one.key)))
            expect(new Set(entries.map((one) => one.place)).size).toBe(entries.length)
          }
        },
      ),
    )
  })

  it('given nothing, then there is no top', () => {
    expect(new Heap<Placed>(() => true).top).toBeUndefined()
  })
})
