// docs/discovery.md: what one may rely on, and a table for each registry of what came of its failures.
import { faultsOf } from './cases/faults.ts'
import { text } from './document-text.ts'
import type { Backend } from './harness/backend.ts'
import { backends } from './harness/backends.ts'
import type { Fault } from './harness/fault.ts'
import { keyOf, type Results, type Row } from './results.ts'

const cell = (words: string): string => words.replaceAll('|', '\\|')
const count = (value: number): string => value.toLocaleString('en-US')
const ms = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

function failures({ asked, failed }: Row): string {
  const kinds = Object.entries(failed)
  if (kinds.length === 0) return `${count(asked)}, none`
  const share = (100 * kinds.reduce((sum, [, times]) => sum + times, 0)) / asked
  return `${count(asked)}, ${share.toFixed(1)} %: ${kinds.map(([kind]) => kind).join(', ')}`
}

function line(backend: Backend, fault: Fault, { rows }: Results): string {
  const row = rows[keyOf(backend, fault)]
  if (row === undefined) return `| ${cell(fault.name)} | not measured | | | |`
  const times = `${ms(row.p50)}, ${ms(row.p99)}, ${ms(row.max)} (${count(row.watches)})`
  return `| ${cell(fault.name)} | ${cell(failures(row))} | ${cell(row.had)} | ${cell(fault.until ?? 'a new instance is seen')} | ${times} |`
}

function table(backend: Backend, results: Results): string {
  const faults = faultsOf(backend)
  const reasons = faults.flatMap(({ name, mayFail }) => (mayFail === undefined ? [] : [`- ${name}: ${mayFail.why}.`]))
  return `## ${backend.name}

| what happens | calls, and failed | what callers had meanwhile | until | ms: p50, p99, most (of) |
|---|---|---|---|---|
${faults.map((fault) => line(backend, fault, results)).join('\n')}

Where calls fail:

${reasons.join('\n')}
`
}

/** The page with these results. */
export const document = (results: Results): string =>
  text(results, backends.map((backend) => table(backend, results)).join('\n'))
