import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Linked, recency } from './recency.ts'

interface Item extends Linked<Item> {
  readonly id: number
}

describe('recency', () => {
  it('given any additions, uses and removals, when walked from the oldest, then the order is that of an array', () => {
    const steps = fc.array(fc.record({ id: fc.nat(7), remove: fc.boolean() }), { minLength: 10, maxLength: 60 })
    fc.assert(
      fc.property(steps, (all) => {
        const items = Array.from({ length: 8 }, (_, id): Item => ({ id, newer: undefined, older: undefined }))
        const tested = recency<Item>()
        let model: number[] = []
        for (const { id, remove } of all) {
          const item = items[id] as Item
          const there = model.includes(id)
          model = model.filter((other) => other !== id)
          if (there && remove) tested.remove(item)
          else {
            if (there) tested.use(item)
            else tested.add(item)
            model.push(id)
          }
          const walked: number[] = []
          for (let at = tested.oldest; at !== undefined; at = at.newer) walked.push(at.id)
          expect(walked).toEqual(model)
        }
        tested.clear()
        expect(tested.oldest).toBeUndefined()
      }),
    )
  })
})
