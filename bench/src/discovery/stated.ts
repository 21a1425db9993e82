// What the articles state whose figures people quote, beside what was measured here that comes nearest: never in one column.
import type { Row } from '../harness/report.ts'

interface Statement {
  readonly what: string
  /** Milliseconds. */
  readonly stated: number
  /** Of the row that comes nearest. */
  readonly case: string
  readonly subject: string
  readonly metric: string
}

const statements: readonly Statement[] = [
  {
    what: 'first discovery, a watch (etcd)',
    stated: 120,
    case: 'first discovery, etcd',
    subject: 'watch',
    metric: '40 ms away',
  },
  {
    what: 'first discovery, cache and polling',
    stated: 85,
    case: 'first discovery, Consul',
    subject: 'poll',
    metric: '40 ms away',
  },
  {
    what: 'eviction, a heartbeat every 5 s',
    stated: 15_000,
    case: 'a process ends without a word, Consul',
    subject: 'killed; a heartbeat every 5 s, TTL 15 s',
    metric: 'longest',
  },
  {
    what: 'eviction, heartbeats that adapt',
    stated: 3_200,
    case: 'a process ends without a word, Consul',
    subject: 'killed; a heartbeat every 1 s, TTL 3 s',
    metric: 'longest',
  },
  {
    what: 'back after a partition, before',
    stated: 42_000,
    case: 'cut off for 10 s, nothing is heard, Consul',
    subject: 'poll every 5 s',
    metric: 'fresh again, longest',
  },
  {
    what: 'back after a partition, after',
    stated: 3_100,
    case: 'cut off for 10 s, nothing is heard, Consul',
    subject: 'watch',
    metric: 'fresh again, longest',
  },
]

/** What stands in the documents beside the table. */
export const differences =
  '*What the articles state* stands beside what comes nearest here, and the two are not the same. ' +
  'First discovery: their distance to the registry is not told; a request on a new connection takes two round trips, so that 85 ms are a registry 40 ms away and 120 ms one more trip, and not a matter of watching or polling, which begin with the same request. ' +
  'Eviction: a time to live of three heartbeats runs out two to three of them after the last one, so that 15 s are heartbeats of 5 s and 3.2 s heartbeats of about 1 s, however they come about. ' +
  'A partition: their figures are of transactions that were routed to another consistency mode, and not of discovery; here it is the time from the healed network until every client knows an instance that came meanwhile.'

/** Rows of the statements that these rows have something to say of. */
export function stated(rows: readonly Row[]): Row[] {
  return statements.flatMap(({ what, stated, ...nearest }) => {
    const row = rows.find(
      (each) => each.case === nearest.case && each.subject === nearest.subject && each.metric === nearest.metric,
    )
    if (row === undefined) return []
    const about = { case: 'what the articles state', subject: what, unit: 'ms' }
    const given = { value: stated, low: stated, high: stated, n: 1, params: { neutral: true } }
    const { value, low, high, n } = row
    return [
      { ...about, metric: 'stated', ...given },
      {
        ...about,
        metric: 'measured',
        value,
        low,
        high,
        n,
        params: { neutral: true, of: `${row.case}: ${row.subject}, ${row.metric}` },
      },
    ]
  })
}
