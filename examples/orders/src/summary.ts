// What came of it: for a person, and as JSON.
import type { Latency, Tally } from './tally.ts'

export interface Summary {
  readonly seconds: number
  readonly placed: number
  readonly perSecond: number
  readonly byOutcome: Readonly<Record<string, number>>
  readonly latency: Latency
  readonly retries: number
  readonly transitions: number
  /** What the services hold at the end. Every order that a buyer was told is kept and was charged once. */
  readonly books: {
    readonly kept: number
    readonly charged: number
    readonly reserved: number
    readonly balanced: boolean
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100

export function summaryOf(
  tally: Tally,
  elapsed: number,
  books: Omit<Summary['books'], 'balanced'>,
  counts: Pick<Summary, 'retries' | 'transitions'>,
): Summary {
  const ok = tally.byOutcome.get('ok') ?? 0
  const { p50, p99, max } = tally.total
  return {
    seconds: rounded(elapsed / 1_000),
    placed: tally.placed,
    perSecond: rounded((tally.placed * 1_000) / elapsed),
    byOutcome: Object.fromEntries([...tally.byOutcome].sort((a, b) => b[1] - a[1])),
    latency: { p50: rounded(p50), p99: rounded(p99), max: rounded(max) },
    ...counts,
    books: { ...books, balanced: ok <= books.kept && books.kept <= books.charged && books.charged <= books.reserved },
  }
}

export const told = (summary: Summary): string => {
  const { books, latency } = summary
  const outcomes = Object.entries(summary.byOutcome)
    .map(
      ([name, count]) =>
        `  ${name.padEnd(22)}${String(count).padStart(8)}  ${((count * 100) / summary.placed).toFixed(2)} %`,
    )
    .join('\n')
  return `
${summary.placed} orders in ${summary.seconds.toFixed(1)} s (${summary.perSecond.toFixed(0)}/s): p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms, max ${latency.max.toFixed(0)} ms
${outcomes}
${summary.retries} retries, ${summary.transitions} breaker transitions
the books: ${books.kept} orders kept, ${books.charged} charged, ${books.reserved} reserved: ${
    books.balanced ? 'every order that a buyer was told is kept, and was charged once' : 'THEY DO NOT BALANCE'
  }
`
}
