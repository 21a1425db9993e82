// Which failures are worth another attempt, and which attempts may be made again.
import { type Code, codes, type Failure, isCode } from '@tenon/endpoint'

/** What a rule is told beside the failure. */
export interface FailedAttempt {
  /** The number of the attempt that failed. */
  readonly attempt: number
  /** Did a balancer pick an instance for it? Then another attempt goes to another one, if there is one. */
  readonly balanced: boolean
}

/** Is this failure worth another attempt? `undefined` leaves it to the rule that holds by default. */
export type When = (failure: Failure, failed: FailedAttempt) => boolean | undefined

/**
 * `when` as one function. By default `unavailable`, with one exception: `CircuitOpen` says that the same call would be
 * refused again, so it is worth another attempt only where that goes to another instance.
 */
export function ruleOf(
  when: readonly Code[] | When = ['unavailable'],
): (failure: Failure, failed: FailedAttempt) => boolean {
  if (typeof when === 'function') {
    const otherwise = ruleOf()
    return (failure, failed) => when(failure, failed) ?? otherwise(failure, failed)
  }
  if (!Array.isArray(when)) throw new TypeError('retry: "when" must be an array of codes or a function')
  for (const code of when)
    if (!isCode(code))
      throw new TypeError(`retry: "when" knows ${Object.keys(codes).join(', ')}, but not "${String(code)}"`)
  return ({ _tag, code }, { balanced }) => when.includes(code) && (_tag !== 'CircuitOpen' || balanced)
}

/**
 * For `unsent`, where what is wrapped is one client and nothing else: true for failures that say that nothing was sent,
 * by their tag (`CircuitOpen`, `NoEndpoints`) or by a field `sent: false`.
 */
export const nothingSent = (failure: Failure): boolean =>
  failure._tag === 'CircuitOpen' ||
  failure._tag === 'NoEndpoints' ||
  (failure as { readonly sent?: unknown }).sent === false

/** Milliseconds that a failure asks to wait, 0 where it does not. */
export function askedWait(failure: Failure): number {
  const { retryAfter } = failure as { readonly retryAfter?: unknown }
  return typeof retryAfter === 'number' && retryAfter > 0 ? retryAfter : 0
}
