// What was measured, as it is kept beside the attacks: a row for each.
import { kept, type Measured } from '../measured.ts'
import type { Family } from './harness/attack.ts'
import type { Outcome } from './harness/run.ts'
import type { Seen } from './harness/stage.ts'

/** What came of one attack. */
export interface Row {
  /** What the sender got. */
  readonly gets: string
  readonly seconds: number
  /** Requests of others: how many, how many failed by kind, milliseconds. */
  readonly asked: number
  readonly failed: Readonly<Record<string, number>>
  readonly p50: number
  readonly p99: number
  /** The same others on the same process, a moment before the attack. */
  readonly quiet: { readonly p50: number; readonly p99: number }
  /** Milliseconds that the event loop was held at the most. */
  readonly held: number
  /** Megabytes: resident at the peak over before, and of the heap that were kept. */
  readonly peak: number
  readonly kept: number
  /** What the server told its operator, how often; where the attack says what it must be. */
  readonly told?: Readonly<Record<string, number>>
  /** Was only a little of it sent, as in the tests? */
  readonly quick?: boolean
}

/** By family and name. */
export type Results = Measured<Row>

export const keyOf = ({ title }: Family, { name }: { readonly name: string }): string => `${title} / ${name}`

const mega = 1_048_576

export const { read: readResults, keep, prune } = kept<Row>(new URL('results.json', import.meta.url))

/** Of what was told only what belongs to the attack: others say things, too. */
function toldOf(due: Readonly<Record<string, number>>, told: Seen['told']): Pick<Row, 'told'> {
  const reasons = Object.keys(due).filter((reason) => reason !== 'heard')
  return reasons.length === 0 ? {} : { told: Object.fromEntries(reasons.map((reason) => [reason, told[reason] ?? 0])) }
}

const rounded = (value: number): number => Math.round(value * 10) / 10

export function rowOf({ each, ms, felt, measured, told }: Outcome, quiet: Seen): Row {
  const { before, after, peak, held } = measured
  return {
    gets: each[0]?.got ?? '',
    seconds: rounded(ms / 1_000),
    asked: felt.asked,
    failed: felt.failed,
    p50: rounded(felt.p50),
    p99: rounded(felt.p99),
    quiet: { p50: rounded(quiet.felt.p50), p99: rounded(quiet.felt.p99) },
    held: Math.round(held),
    peak: rounded((peak - before.rss) / mega),
    kept: rounded((after.heap - before.heap) / mega),
    ...toldOf(each[0]?.told ?? {}, told),
  }
}
