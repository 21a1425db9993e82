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
  /** Orders that did not go through, and of which all was undone. */
  readonly undone: number
  /** Events that the mailer heard once more. */
  readonly repeated: number
  /** Events that no handler took. */
  readonly dead: number
  /**
   * What the services hold at the end. Every order that is kept was charged once, is reserved and was announced; no other
   * one is; none waits to be undone; and all that a buyer was told are among them.
   */
  readonly books: Books
}

interface Books {
  readonly kept: number
  readonly charged: number
  readonly reserved: number
  /** As the mailer has it. */
  readonly announced: number
  /** Orders that wait to be undone. */
  readonly pending: number
  readonly balanced: boolean
}

const rounded = (value: number): number => Math.round(value * 100) / 100

export function summaryOf(
  tally: Tally,
  elapsed: number,
  books: Omit<Books, 'balanced'>,
  counts: Pick<Summary, 'retries' | 'transitions' | 'undone' | 'repeated' | 'dead'>,
): Summary {
  const { kept, charged, reserved, announced, pending } = books
  const agree = [charged, reserved, announced].every((count) => count === kept) && pending === 0
  const { p50, p99, max } = tally.total
  return {
    seconds: rounded(elapsed / 1_000),
    placed: tally.placed,
    perSecond: rounded((tally.placed * 1_000) / elapsed),
    byOutcome: Object.fromEntries([...tally.byOutcome].sort((a, b) => b[1] - a[1])),
    latency: { p50: rounded(p50), p99: rounded(p99), max: rounded(max) },
    ...counts,
    // An answer may be lost on its way to the buyer, so more may be kept than buyers were told.
    books: { ...books, balanced: agree && (tally.byOutcome.get('ok') ?? 0) <= kept },
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
${summary.retries} retries, ${summary.transitions} breaker transitions, ${summary.undone} orders undone${summary.dead === 0 ? '' : `, ${summary.dead} dead letters`}
the books: ${books.kept} orders kept, ${books.charged} charged, ${books.reserved} reserved, ${books.announced} announced: ${
    books.balanced
      ? 'they agree, and every order that a buyer was told is kept'
      : `THEY DO NOT BALANCE, and ${books.pending} orders wait to be undone`
  }
`
}
