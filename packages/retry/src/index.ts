// Retry. Everything public is named here.
export type { GaveUp, RetryOptions } from './policy.ts'
export { retry } from './retry.ts'
export { type FailedAttempt, nothingSent, type When } from './rule.ts'
