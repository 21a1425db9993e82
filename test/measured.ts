// What was measured, as it is kept in a file beside the tests that measure it: a row for each, and where that was.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'

export interface Measured<Row> {
  readonly rows: Readonly<Record<string, Row>>
  readonly date: string
  readonly node: string
  readonly machine: string
}

/** A file of rows. */
export interface Kept<Row> {
  /** What was measured so far. */
  read(): Measured<Row>
  /** Keeps these rows in place of what was measured of the same before. */
  keep(rows: Readonly<Record<string, Row>>): Measured<Row>
  /** Forgets what was measured of what there is no more. */
  prune(keys: readonly string[]): void
}

const gigabytes = (bytes: number): string => `${Math.round(bytes / 1_073_741_824)} GB`

const machine = (): string =>
  `${process.platform} ${process.arch}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown kind'}, ${gigabytes(totalmem())}`

export function kept<Row>(file: URL): Kept<Row> {
  const read = (): Measured<Row> =>
    existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Measured<Row>)
      : { rows: {}, date: '', node: '', machine: '' }
  const write = (results: Measured<Row>): Measured<Row> => {
    writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
    return results
  }
  return {
    read,
    keep: (rows) =>
      write({
        rows: { ...read().rows, ...rows },
        date: new Date().toISOString().slice(0, 10),
        node: process.version,
        machine: machine(),
      }),
    prune(keys) {
      const { rows, ...rest } = read()
      write({ rows: Object.fromEntries(Object.entries(rows).filter(([key]) => keys.includes(key))), ...rest })
    },
  }
}
