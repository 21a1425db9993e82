// RED: the rate of calls, their errors by code, and how long they take. One middleware for servers and clients.
import { byMethod, isCode, knownOptions, type Middleware, measure, type OptionNames } from '@tenon/endpoint'
import { bounded } from './bounded.ts'
import type { MetricRegistry } from './family.ts'
import { type Cell, counter, gauge, histogram, observe } from './instruments.ts'

/**
 * Upper bounds in seconds, from 1 ms to 10 s: the 1-2.5-5 series of Prometheus' client libraries, begun two steps
 * lower, because a call within a data centre often takes less than its first 5 ms.
 */
export const defaultBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** Distinct failure tags that one method may add as label values; a peer may send any. */
const tagsPerMethod = 20

/** Options of `red`. */
export interface RedOptions {
  /** Names the metrics: what a server answers, or what a client asks of others. */
  readonly side: 'server' | 'client'
  /** The label `method` for an endpoint that has no method of its own. Default `unknown`. */
  readonly name?: string
  /**
   * Also count by the failure's tag? Adds the label `tag`, empty for successes, and at most 20 tags a method (later ones
   * are `other`). All with the same side on one registry must agree. Default false.
   */
  readonly tags?: boolean
}

const named: OptionNames<RedOptions> = { side: true, name: true, tags: true }

/** The middleware behind `Metrics.red`. */
export function red(
  registry: MetricRegistry,
  prefix: string,
  buckets: readonly number[],
  options: RedOptions,
): Middleware {
  knownOptions('red', options, named)
  const { side, name = 'unknown', tags = false } = options
  if (side !== 'server' && side !== 'client')
    throw new TypeError(`red: "side" must be 'server' or 'client', but was ${String(side)}`)
  const stem = `${prefix}${side}_call`
  const by = ['contract', 'method'] as const
  const calls = tags
    ? counter(registry, `${stem}s_total`, 'Calls that ended, by outcome.', [...by, 'code', 'tag'])
    : counter(registry, `${stem}s_total`, 'Calls that ended, by outcome.', [...by, 'code'])
  const seconds = histogram(registry, `${stem}_duration_seconds`, 'How long calls took.', [...by, 'outcome'], buckets)
  const flying = gauge(registry, `${stem}s_in_flight`, 'Calls that have begun and not ended.', by)

  return byMethod((method) => {
    const labels = { contract: method?.contract ?? '', method: method?.name ?? name }
    const inFlight = flying.cell(labels)
    // Made now and not with the first call: a rate needs to see the zero before the first one.
    const good = calls.cell({ ...labels, code: 'ok', tag: '' })
    const goodTook = seconds.cell({ ...labels, outcome: 'ok' })
    const badTook = seconds.cell({ ...labels, outcome: 'failed' })
    const bad = new Map<string, Map<string, Cell>>()
    const known = bounded(tagsPerMethod)
    const failures = (code: string, tag: string): Cell => {
      const found = bad.get(code)?.get(tag)
      if (found !== undefined) return found
      if (!isCode(code)) return failures('unknown', tag)
      const label = known(tag)
      if (label !== tag) return failures(code, label)
      const cell = calls.cell({ ...labels, code, tag })
      const row = bad.get(code) ?? new Map<string, Cell>()
      bad.set(code, row.set(tag, cell))
      return cell
    }
    return measure((_ctx, _input, began) => {
      inFlight.value++
      return (outcome, ended) => {
        inFlight.value--
        const took = (ended - began) / 1_000
        if (outcome._tag === 'Right') {
          good.value++
          observe(goodTook, buckets, took)
        } else {
          failures(outcome.left.code, tags ? outcome.left._tag : '').value++
          observe(badTook, buckets, took)
        }
      }
    })
  })
}
