import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunLength } from './run-length.ts'

/** The mean by solving the chain's equations with pivots, as a textbook would: no use at large levels, but no cleverness. */
function solved(up: number, down: number, failure: number, level: number): number {
  const rows = Array.from({ length: level }, (_, state) => {
    const row = new Array<number>(level + 1).fill(0)
    const add = (to: number, by: number): void => {
      row[to] = (row[to] as number) + by
    }
    add(state, 1)
    add(Math.max(0, state - down), failure - 1)
    if (state + up < level) add(state + up, -failure)
    row[level] = 1
    return row
  })
  for (let column = 0; column < level; column++) {
    const pivot = rows
      .slice(column)
      .reduce((best, row) => (Math.abs(row[column] as number) > Math.abs(best[column] as number) ? row : best))
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(column, 0, pivot)
    for (const row of rows) {
      if (row === pivot) continue
      const factor = (row[column] as number) / (pivot[column] as number)
      if (factor !== 0)
        for (let k = column; k <= level; k++) row[k] = (row[k] as number) - factor * (pivot[k] as number)
    }
  }
  const first = rows[0] as number[]
  return (first[level] as number) / (first[0] as number)
}

describe('the run length of a CUSUM', () => {
  it('given any walk, then it is what the equations of its Markov chain say, at every level', () => {
    const walks = fc.record({
      up: fc.integer({ min: 1, max: 7 }),
      down: fc.integer({ min: 1, max: 7 }),
      failure: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      level: fc.integer({ min: 1, max: 18 }),
    })
    fc.assert(
      fc.property(walks, ({ up, down, failure, level }) => {
        const mean = new RunLength({ up, down }, failure).mean(level)
        // The equations lose digits where alarms are rare; beyond that they are no reference.
        fc.pre(mean < 1e6)
        expect(Math.abs(mean / solved(up, down, failure, level) - 1)).toBeLessThan(1e-7)
      }),
    )
  })

  it('given one step up and one down at even odds, then the mean to level n is n(n+1), and at certain failure n', () => {
    const even = new RunLength({ up: 1, down: 1 }, 0.5)
    for (const level of [0, 1, 2, 10, 1_000]) expect(even.mean(level)).toBeCloseTo(level * (level + 1), 3)
    expect(new RunLength({ up: 1, down: 3 }, 1).mean(17)).toBe(17)
    expect(new RunLength({ up: 4, down: 3 }, 1).mean(17)).toBe(5)
  })

  it('given a number of calls, then the level is the lowest that takes them', () => {
    const runs = new RunLength({ up: 3, down: 4 }, 0.45)
    for (const calls of [1, 10, 1e3, 1e6, 1e12]) {
      const level = runs.level(calls)
      expect(runs.mean(level)).toBeGreaterThanOrEqual(calls)
      expect(runs.mean(level - 1)).toBeLessThan(calls)
    }
  })
})
