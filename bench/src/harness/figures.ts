// What a report says, as tables of text: the terminal and Markdown only lay them out.
import type { Report, Row } from './report.ts'

export interface Cell {
  readonly text: string
  /** The best of its column, or no different from it. */
  readonly best: boolean
}

export interface Line {
  readonly subject: string
  readonly cells: readonly Cell[]
}

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly lines: readonly Line[]
}

const noise = 'noise floor'

/** Metrics of which more is better; of all others less is. */
const moreIsBetter: ReadonlySet<string> = new Set(['throughput'])

/** One table for each case, in the report's order: a line per subject, a column per metric, and the range of the times. */
export function tables(report: Report): readonly Table[] {
  const floor = noiseOf(report)
  const cases = new Set(report.rows.map((row) => row.case).filter((name) => name !== noise))
  return [...cases].map((name) =>
    tableOf(
      name,
      report.rows.filter((row) => row.case === name),
      floor,
    ),
  )
}

/** Were A/A pairs measured? */
export const hasPairs = (report: Report): boolean => report.rows.some((row) => row.case === noise)

/** The share below which two figures of the report do not differ. */
export const noiseOf = (report: Report): number => report.rows.find((row) => row.case === noise)?.value ?? 0

function tableOf(title: string, rows: readonly Row[], floor: number): Table {
  const metrics = [...new Map(rows.map((row) => [row.metric, row])).values()]
  const columns = metrics.flatMap((row) => [
    headOf(row, rows[0]?.subject),
    ...(row.metric === 'time' ? ['p5 - p95'] : []),
  ])
  const subjects = [...new Set(rows.map((row) => row.subject))]
  const lines = subjects.map((subject) => ({
    subject,
    cells: metrics.flatMap(({ metric }) => {
      const row = rows.find((each) => each.subject === subject && each.metric === metric)
      return row === undefined ? [nothing] : cellsOf(row, bestOf(metric, rows), floor)
    }),
  }))
  return { title, columns, lines }
}

/** Is it how many times something is something else's? `ratio` by itself is one of times. */
const isRatio = (metric: string): boolean => metric === 'ratio' || metric.endsWith(' ratio')

function headOf({ metric, unit, params }: Row, first: string | undefined): string {
  if (!isRatio(metric)) return `${metric}, ${unit.replace('/', ' per ')}`
  const times = params.against === first ? 'times the first' : `times "${params.against}"`
  return metric === 'ratio' ? times : `${metric.slice(0, -' ratio'.length)}, ${times}`
}

const nothing: Cell = { text: '', best: false }

function cellsOf(row: Row, best: number, floor: number): readonly Cell[] {
  if (isRatio(row.metric)) return [{ text: ratioText(row, floor), best: false }]
  const isBest = !row.params.neutral && Math.max(row.value, best) <= Math.min(row.value, best) * (1 + floor)
  const cell = { text: row.params.shows === 'interval' ? intervalText(row) : figure(row.value), best: isBest }
  return row.metric === 'time' ? [cell, { text: `${figure(row.low)} - ${figure(row.high)}`, best: false }] : [cell]
}

/** A mean and the half of its confidence interval. */
const intervalText = ({ value, low, high }: Row): string => `${figure(value)} ± ${figure((high - low) / 2)}`

function bestOf(metric: string, rows: readonly Row[]): number {
  const values = rows.filter((row) => row.metric === metric).map(({ value }) => value)
  return moreIsBetter.has(metric) ? Math.max(...values) : Math.min(...values)
}

function ratioText({ value, subject, params }: Row, floor: number): string {
  if (params.against === subject) return '1'
  return Math.max(value, 1 / value) - 1 <= floor ? 'no difference' : ratio(value)
}

/** Two digits behind the point while they say something. */
export const ratio = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1))

/** Whole from 100, thousands grouped; one digit behind the point below, two below 1. */
export const figure = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  // A difference that is next to nothing has no sign.
  return value.toFixed(size >= 1 || size === 0 ? 1 : 2).replace(/^-(0\.0+)$/, '$1')
}
