// What a run of a suite leaves behind: one JSON, from which everything that is printed or drawn is made.
import { readFileSync, writeFileSync } from 'node:fs'
import { Refusal } from './refusal.ts'

/** One figure. `value` is the median over `n` runs (or what `params` says), `low` and `high` their 5th and 95th percentile. */
export interface Row {
  /** The scenario: subjects of one case do the same work and may be compared. */
  readonly case: string
  readonly subject: string
  readonly metric: string
  readonly unit: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
  readonly params: Readonly<Record<string, string | number | boolean>>
}

/** What we promised ourselves, and what came out. `measured` may not exceed `limit`; with `atLeast` not fall below it. */
export interface Target {
  readonly name: string
  readonly measured: number
  readonly limit: number
  readonly atLeast?: boolean
  readonly met: boolean
}

/** Does the instrument itself work? One that fails makes the run fail. */
export interface SelfCheck {
  readonly name: string
  readonly passed: boolean
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly node: string
  readonly os: string
}

export interface Report {
  readonly suite: string
  /** ISO 8601. */
  readonly date: string
  readonly seed: number
  readonly machine: Machine
  readonly rows: readonly Row[]
  readonly targets: readonly Target[]
  readonly selfChecks: readonly SelfCheck[]
  /** It was interrupted: what is here is right, but not all. */
  readonly partial: boolean
}

/** What a suite finds; the command line adds the rest of the {@link Report}. */
export type Findings = Pick<Report, 'rows' | 'targets' | 'selfChecks' | 'partial'>

/** One report as an object; several as an array. */
export function saveReports(file: string, reports: readonly Report[], asOne: boolean): void {
  writeFileSync(file, `${JSON.stringify(asOne ? reports[0] : reports, null, 2)}\n`)
}

/** Reads what {@link saveReports} wrote. */
export function loadReports(file: string): readonly Report[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Refusal(`--from: ${(cause as Error).message}`)
  }
  try {
    const value: unknown = JSON.parse(text)
    const reports = (Array.isArray(value) ? value : [value]) as Report[]
    for (const report of reports)
      if (![report.rows, report.targets, report.selfChecks].every(Array.isArray)) throw new Error('no report')
    return reports
  } catch {
    throw new Refusal(`--from: ${file} holds no report of the benchmarks`)
  }
}
