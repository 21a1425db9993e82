// The times of picks as one table: a line for each strategy, a column for each number of instances.
import type { Row } from '../harness/report.ts'
import { among, largest } from './pick-cases.ts'

const table = 'a pick'

/** Rows of {@link timed}, of cases that are strategies and subjects that are numbers of instances; others stay as they are. */
export function pickRows(rows: readonly Row[]): Row[] {
  return rows.flatMap((row): Row[] => {
    const { case: strategy, subject: size, metric } = row
    const about = { case: table, subject: strategy }
    if (row.case === 'noise floor') return [row]
    if (size.endsWith('(A/A)')) return []
    if (metric === 'time') return [{ ...row, ...about, metric: size, unit: 'ns' }]
    // What grows is told by the largest; what is left on the heap is the same for all.
    if (size !== among(largest)) return []
    if (metric === 'ratio') return [{ ...row, ...about, metric: `${size} ratio` }]
    return [{ ...row, ...about, unit: 'B/pick' }]
  })
}
