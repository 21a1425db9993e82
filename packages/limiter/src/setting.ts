// What a limit was told, and how it tells of what it does, whatever it limits by.
import {
  type Clock,
  type Context,
  clockOf,
  type Failure,
  listening,
  type Middleware,
  refuse,
  report,
  type TelemetryListener,
} from '@tenon/endpoint'
import type { Naming } from '@tenon/policy'
import type { Either } from 'fp-ts/lib/Either.js'
import { type RateLimited, rateLimited, type Why } from './failure.ts'
import type { Priority } from './priority.ts'
import type { Scope, ScopeOptions } from './scope.ts'

/** What a limit was told. */
export interface Setting<A> {
  readonly scope: ScopeOptions<A>
  readonly priority: (ctx: Context, input: A) => Priority
  readonly clock: Clock
  readonly onTelemetry: TelemetryListener | undefined
  readonly wrapped: Naming
}

/** What a limit is made of. */
export interface Limiting<A, S, L> {
  readonly step: Middleware<Failure, unknown, unknown, A>
  readonly states: Scope<S, A>
  readonly set: (limiter: L) => void
}

/** How a limit tells of what it does. */
export interface Telling {
  /** Reports a refusal, and is one. */
  refused(key: string, why: Why, retryAfter: number): Either<RateLimited, never>
  waited(key: string, wait: number): void
  moved(key: string, from: number, to: number): void
}

export function telling<A>({ onTelemetry, wrapped }: Setting<A>): Telling {
  const hears = (kind: 'limiter.rejected' | 'limiter.waited' | 'limiter.limit'): boolean => listening(onTelemetry, kind)
  return {
    refused(key, why, retryAfter) {
      if (hears('limiter.rejected'))
        report(onTelemetry, { kind: 'limiter.rejected', limiter: wrapped.name(), key, why })
      return refuse(rateLimited(why, retryAfter))
    },
    waited(key, wait) {
      if (hears('limiter.waited')) report(onTelemetry, { kind: 'limiter.waited', limiter: wrapped.name(), key, wait })
    },
    moved(key, from, to) {
      if (hears('limiter.limit')) report(onTelemetry, { kind: 'limiter.limit', limiter: wrapped.name(), key, from, to })
    },
  }
}

/** Milliseconds until a call's deadline, on its own clock; `Infinity` when it has none. */
export const timeLeft = (ctx: Context): number =>
  ctx.deadline === Number.POSITIVE_INFINITY ? ctx.deadline : ctx.deadline - clockOf(ctx).now()

/** Throws where a limiter cannot take the place of another. */
export function replaceable(from: { readonly name: string }, to: { readonly name: string }, can: boolean): void {
  if (!can)
    throw new TypeError(
      `limit: a ${to.name} cannot take the place of a ${from.name} and keep what it has counted; make another limit`,
    )
}
