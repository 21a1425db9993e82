// What was measured, as it is kept beside the faults.
import { kept, type Measured } from '../measured.ts'
import type { Backend } from './harness/backend.ts'
import type { Fault, Tried } from './harness/fault.ts'

/** What came of one fault on one registry. */
export interface Row {
  readonly asked: number
  readonly failed: Readonly<Record<string, number>>
  /** What callers had while it failed. */
  readonly had: string
  /** How many watches, and milliseconds until they were fresh. */
  readonly watches: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export type Results = Measured<Row>

export const keyOf = ({ name }: Backend, fault: Fault): string => `${name} / ${fault.name}`

export const { read: readResults, keep, prune } = kept<Row>(new URL('results.json', import.meta.url))

const rounded = (value: number): number => Math.round(value * 10) / 10

/** Several times as one. */
export function rowOf(all: readonly Tried[]): Row {
  const fresh = all.flatMap((each) => each.fresh).sort((a, b) => a - b)
  const at = (share: number): number =>
    rounded(fresh[Math.min(fresh.length - 1, Math.ceil(share * fresh.length) - 1)] ?? 0)
  const failed: Record<string, number> = {}
  for (const { felt } of all)
    for (const [kind, times] of Object.entries(felt.failed)) failed[kind] = (failed[kind] ?? 0) + times
  return {
    asked: all.reduce((sum, { felt }) => sum + felt.asked, 0),
    failed,
    had: all.at(-1)?.had ?? '',
    watches: fresh.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  }
}
