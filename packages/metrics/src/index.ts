// The public names of @tenon/metrics.
export type { MetricRegistry } from './family.ts'
export type { MetricsHandler } from './handler.ts'
export { type Metrics, type MetricsOptions, metrics } from './metrics.ts'
export type { RedOptions } from './red.ts'
