// A window's counts as evidence, poured into another window: one with another length, or in another process.
import type { TimeWindow } from '@tenon/policy'
import { type Evidence, numbersOf } from './detector.ts'

/** @throws TypeError when these are not counts of as many counters. */
export function pour(where: string, window: TimeWindow, evidence: Evidence, now: number, counters = 2): void {
  if (!Array.isArray(evidence)) throw new TypeError(`${where}: its evidence must be a list of counts`)
  const buckets = evidence.map((bucket: Evidence) => numbersOf(where, bucket, counters + 1))
  for (const [age = 0, ...counts] of buckets.toSorted(([a = 0], [b = 0]) => b - a))
    counts.forEach((count, counter) => {
      window.add(counter, Math.max(0, Math.round(count)), now - age)
    })
}
