// What was measured, as it is kept beside the attacks: a row for each.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
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

export interface Results {
  /** By family and name. */
  readonly rows: Readonly<Record<string, Row>>
  readonly date: string
  readonly node: string
  readonly machine: string
}

export const keyOf = ({ title }: Family, { name }: { readonly name: string }): string => `${title} / ${name}`

const path = new URL('results.json', import.meta.url)
const mega = 1_048_576
const gigabytes = (bytes: number): string => `${Math.round(bytes / 1_073_741_824)} GB`

export const machine = (): string =>
  `${process.platform} ${process.arch}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown kind'}, ${gigabytes(totalmem())}`

/** What was measured so far. */
export function readResults(): Results {
  const none: Results = { rows: {}, date: '', node: '', machine: '' }
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : none
}

/** Keeps these rows in place of what was measured of the same attacks before. */
export function keep(rows: Readonly<Record<string, Row>>): Results {
  const results: Results = {
    rows: { ...readResults().rows, ...rows },
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    machine: machine(),
  }
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`)
  return results
}

/** Of what was told only what belongs to the attack: others say things, too. */
function toldOf(due: Readonly<Record<string, number>>, told: Seen['told']): Pick<Row, 'told'> {
  const reasons = Object.keys(due).filter((reason) => reason !== 'heard')
  return reasons.length === 0 ? {} : { told: Object.fromEntries(reasons.map((reason) => [reason, told[reason] ?? 0])) }
}

/** Forgets what was measured of attacks that there are no more. */
export function prune(keys: readonly string[]): void {
  const results = readResults()
  const rows = Object.fromEntries(Object.entries(results.rows).filter(([key]) => keys.includes(key)))
  writeFileSync(path, `${JSON.stringify({ ...results, rows }, undefined, 2)}\n`)
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
