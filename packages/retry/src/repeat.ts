// What happens once an attempt has failed: is another one worth it, allowed, paid for and in time?
import {
  type Answer,
  type Context,
  clockOf,
  type Defect,
  endedBy,
  type Failed,
  type Failure,
  isDefect,
  pause,
  type RetryExhausted,
  type Run,
  report,
} from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { contextOf, type Try } from './attempt.ts'
import type { Policy } from './policy.ts'
import { askedWait } from './rule.ts'

type Next = Run<unknown, Answer, Failed>
type Result = Either<Failed | Defect, Answer>

/** A call that goes on after its first attempt. */
interface Call {
  readonly policy: Policy
  readonly next: Next
  readonly input: unknown
  readonly ctx: Context
  /** When its first attempt began. */
  readonly began: number
  /** May it be repeated without harm? */
  readonly idempotent: boolean
  readonly failures: Failure[]
  /** The wait before the last attempt. */
  waited: number
}

/** The most failures that are kept for `onGiveUp`. */
const kept = 100

/** The first attempt has failed: goes on from there to the call's result. */
export function goOn(
  policy: Policy,
  next: Next,
  input: unknown,
  ctx: Context,
  began: number,
  attempt: Try,
  result: Result,
): Result | Promise<Result> {
  const idempotent = policy.idempotent ?? next.method?.idempotent === true
  return judge({ policy, next, input, ctx, began, idempotent, failures: [], waited: 0 }, attempt, result)
}

function judge(call: Call, attempt: Try, result: Result): Result | Promise<Result> {
  if (result._tag === 'Right') return result
  const { policy, ctx, failures } = call
  const failure = result.left
  if (policy.onGiveUp !== undefined) {
    if (failures.length === kept) failures.shift()
    failures.push(failure)
  }
  if (!isWorth(call, attempt, failure)) {
    if (attempt.number > 1) tell(call, 'failure')
    return result
  }
  const plan = planned(call, attempt, failure)
  if (typeof plan === 'string') return giveUp(call, attempt, result, failure, plan)
  const again = attempt.next()
  call.waited = plan
  const { method } = call.next
  report(policy.onTelemetry, { kind: 'retry.attempt', method, attempt: again.number, wait: plan, failure })
  const answered = (next: Result): Result | Promise<Result> => judge(call, again, next)
  if (plan === 0) return call.next(call.input, contextOf(ctx, again)).then(answered)
  return pause(ctx, plan).then((there) =>
    there
      ? call.next(call.input, contextOf(ctx, again)).then(answered)
      : giveUp(call, attempt, result, failure, whyEnded(ctx) ?? 'cancelled'),
  )
}

function isWorth({ policy, idempotent }: Call, attempt: Try, failure: Failure): boolean {
  if (isDefect(failure)) return false
  if (!policy.worth(failure, { attempt: attempt.number, balanced: attempt.picked })) return false
  return idempotent || policy.unsent(failure)
}

/** The milliseconds to wait, or why there is no other attempt. The budget comes last: only what is made is paid for. */
function planned(call: Call, attempt: Try, failure: Failure): number | RetryExhausted['why'] {
  const { policy, ctx } = call
  if (attempt.number >= policy.attempts) return 'attempts'
  const ended = whyEnded(ctx)
  if (ended !== undefined) return ended
  const backoff = policy.backoff.next(attempt.number, call.waited, policy.random)
  // Another instance has not asked for anything.
  const asked = failure._tag === 'CircuitOpen' && attempt.picked ? 0 : askedWait(failure)
  const wait = Math.max(backoff, asked)
  const left = Math.min(call.began + policy.within - policy.clock.now(), ctx.deadline - clockOf(ctx).now())
  if (wait >= left) return 'deadline'
  return policy.budget.withdraw() ? wait : 'budget'
}

function whyEnded(ctx: Context): 'deadline' | 'cancelled' | undefined {
  const ended = endedBy(ctx)
  return ended && (ended._tag === 'DeadlineExceeded' ? 'deadline' : 'cancelled')
}

function giveUp(call: Call, attempt: Try, result: Result, failure: Failure, why: RetryExhausted['why']): Result {
  const { policy, next } = call
  report(policy.onTelemetry, {
    kind: 'retry.exhausted',
    method: next.method,
    attempts: attempt.number,
    why,
    failure,
  })
  tell(call, why)
  return result
}

function tell({ policy, next, ctx, failures }: Call, why: RetryExhausted['why'] | 'failure'): void {
  try {
    policy.onGiveUp?.({ method: next.method, failures, why }, ctx)
  } catch (cause) {
    report(undefined, { kind: 'defect', method: next.method, cause })
  }
}
