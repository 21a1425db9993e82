// The public names of @tenon/app.
export type { Why } from './app.ts'
export type { Check, CheckResult } from './checks.ts'
export type { DrainFailure } from './drain.ts'
export { type Health, type HealthOptions, health, type Listener } from './health.ts'
export { type Ended, RunError, type RunOptions, run } from './run.ts'
export type { AppState, Service, Starting } from './service.ts'
