// opossum as it is: with its defaults, and with what costs most switched off.
import CircuitBreaker from 'opossum'
import type { Subject } from '../../harness/suite.ts'
import { failingNowAndThen, good, order, refusing, succeeding, tenth } from './work.ts'

const lean = { timeout: false as const, enableSnapshots: false, rollingPercentilesEnabled: false, volumeThreshold: 20 }
const caught = (error: unknown): unknown => error

export const defaultSuccess = (): Subject => {
  const breaker = new CircuitBreaker(good)
  return succeeding(() => breaker.fire(order))
}
export const leanSuccess = (): Subject => {
  const breaker = new CircuitBreaker(good, { ...lean })
  return succeeding(() => breaker.fire(order))
}
export const leanTenth = (): Subject => {
  const breaker = new CircuitBreaker(tenth, { ...lean })
  return failingNowAndThen(() => breaker.fire(order).catch(caught))
}
export const refused = (): Subject => {
  const breaker = new CircuitBreaker(good, { ...lean, resetTimeout: 1e9 })
  return refusing(
    () => breaker.fire(order).catch(caught),
    async () => breaker.open(),
    (error) => (error as { readonly code?: string }).code === 'EOPENBREAKER',
  )
}
