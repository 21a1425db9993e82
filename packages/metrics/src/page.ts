// The page that a scraper reads, in the registry's own format or in OpenMetrics.
import client, { type Metric, type OpenMetricsContentType } from 'prom-client'
import type { MetricRegistry } from './family.ts'

/** What is sent, and what it is. */
export interface Page {
  readonly type: string
  readonly text: string
}

/** The registry's metrics in the format it was made for. */
export const pageOf = async (registry: MetricRegistry): Promise<Page> => ({
  type: registry.contentType,
  text: await registry.metrics(),
})

/**
 * The registry's metrics in OpenMetrics 1.0. prom-client would have us change the registry for that, and then cuts
 * `_total` off the names of its counters for good: so a copy of the values goes into a registry of its own.
 */
export async function openMetricsPageOf(registry: MetricRegistry): Promise<Page> {
  const copy = new client.Registry<OpenMetricsContentType>()
  copy.setContentType(client.Registry.OPENMETRICS_CONTENT_TYPE)
  for (const read of await registry.getMetricsAsJSON()) {
    const metric = {
      ...read,
      async get() {
        return { ...read, name: this.name }
      },
    }
    copy.registerMetric(metric as unknown as Metric)
  }
  return pageOf(copy)
}

/** Does this `Accept` ask for OpenMetrics at least as much as for plain text? What it does not name counts as nothing. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  const weight = (type: string): number => {
    let best = 0
    for (const range of (accept ?? '').split(',')) {
      const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      if (name !== type) continue
      const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
      best = Math.max(best, Number.isNaN(quality) ? 0 : quality)
    }
    return best
  }
  const open = weight('application/openmetrics-text')
  return open > 0 && open >= weight('text/plain')
}
