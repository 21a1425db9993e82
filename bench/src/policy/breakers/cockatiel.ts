// cockatiel's breakers.
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  handleAll,
  SamplingBreaker,
} from 'cockatiel-4'
import type { Subject } from '../../harness/suite.ts'
import { failingNowAndThen, good, order, refusing, succeeding, tenth } from './work.ts'

const caught = (error: unknown): unknown => error
const sampling = () =>
  circuitBreaker(handleAll, {
    halfOpenAfter: 5_000,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
  })

export const samplingSuccess = (): Subject => {
  const policy = sampling()
  return succeeding(() => policy.execute(() => good(order)))
}
export const countSuccess = (): Subject => {
  const policy = circuitBreaker(handleAll, {
    halfOpenAfter: 5_000,
    breaker: new CountBreaker({ threshold: 0.5, size: 100 }),
  })
  return succeeding(() => policy.execute(() => good(order)))
}
export const consecutiveSuccess = (): Subject => {
  const policy = circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker: new ConsecutiveBreaker(5) })
  return succeeding(() => policy.execute(() => good(order)))
}
export const samplingTenth = (): Subject => {
  const policy = sampling()
  return failingNowAndThen(() => policy.execute(() => tenth(order)).catch(caught))
}
export const refused = (): Subject => {
  const policy = sampling()
  return refusing(
    () => policy.execute(() => good(order)).catch(caught),
    async () => void policy.isolate(),
    (error) =>
      error instanceof BrokenCircuitError || (error as Error).name === 'IsolatedCircuitError' || error instanceof Error,
  )
}
