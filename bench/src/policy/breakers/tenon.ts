// Tenon's breakers: each detector around the call, some of them among other steps, and one that is open.
import { adaptiveThrottle, type Breaker, breaker, consecutive, ratio, sequential, slowCalls } from '@tenon/breaker'
import { opossum } from '@tenon/breaker-opossum'
import { type AnyMiddleware, call, chain, guard, type Middleware, observe, pass } from '@tenon/endpoint'
import type { Subject } from '../../harness/suite.ts'
import { failingNowAndThen, goodEndpoint, order, refusing, succeeding, tenthEndpoint } from './work.ts'

const rightOf = (outcome: unknown): unknown => (outcome as { readonly right?: number }).right
const tagOf = (outcome: unknown): unknown => (outcome as { readonly left?: { readonly _tag: string } }).left?._tag

type Wrap = Middleware<never, unknown, unknown, never>
const success = (wrap: AnyMiddleware): Subject => {
  const wrapped = (wrap as unknown as Wrap)(goodEndpoint)
  return succeeding(() => call(wrapped, order as never), rightOf)
}
const tenth = (wrap: AnyMiddleware): Subject => {
  const wrapped = (wrap as unknown as Wrap)(tenthEndpoint)
  return failingNowAndThen(() => call(wrapped, order as never))
}

const watch = (): Middleware => {
  let good = 0
  return observe(() => (outcome) => {
    if (outcome._tag === 'Right') good++
    return void good
  })
}
const four = (inner: readonly Middleware<never>[]) =>
  chain(
    watch(),
    guard(() => pass()),
    watch(),
    guard(() => pass()),
    ...inner,
  ) as AnyMiddleware

export const sequentialSuccess = (): Subject => success(breaker())
export const ratioSuccess = (): Subject => success(breaker({ detector: ratio() }))
export const consecutiveSuccess = (): Subject => success(breaker({ detector: consecutive() }))
export const slowSuccess = (): Subject => success(breaker({ detector: slowCalls() }))
export const throttleSuccess = (): Subject => success(breaker({ detector: adaptiveThrottle() }))
export const keyedSuccess = (): Subject => success(breaker({ by: () => 'north' }))
export const opossumSuccess = (): Subject => success(opossum())

export const chainSuccess = (): Subject => success(four([]))
export const chainSequential = (): Subject => success(four([breaker() as unknown as Middleware]))
export const chainRatio = (): Subject => success(four([breaker({ detector: ratio() }) as unknown as Middleware]))

export const sequentialTenth = (): Subject => tenth(breaker({ detector: sequential() }))
export const ratioTenth = (): Subject => tenth(breaker({ detector: ratio() }))
export const opossumTenth = (): Subject => tenth(opossum())

export const refused = (): Subject => {
  const circuit: Breaker = breaker()
  const wrapped = circuit(goodEndpoint)
  return refusing(
    () => call(wrapped, order),
    async () => circuit.hold('open'),
    (outcome) => tagOf(outcome) === 'CircuitOpen',
  )
}
