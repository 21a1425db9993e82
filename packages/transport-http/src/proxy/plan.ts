// A proxy, prepared once: what all its requests share.
import type { CheckedLimits, Context, Failure, Run } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Flow } from '../flow.ts'
import type { Agents } from './agents.ts'
import type { Crowd } from './crowd.ts'
import type { ForwardedStyle, Trust } from './forwarded.ts'
import type { ProxyLimits } from './limits.ts'
import type { ProxyAfter, ProxyBefore, ProxyRequest, ProxyResponse } from './message.ts'
import type { Target } from './target.ts'

export interface Plan {
  /** For what is answered without a target. */
  readonly flow: Flow
  readonly limits: CheckedLimits<ProxyLimits>
  readonly agents: Agents
  readonly before: readonly ProxyBefore[]
  readonly after: readonly ProxyAfter[]
  readonly preserve: boolean
  readonly trusts: Trust
  readonly forwarded: ForwardedStyle
  readonly via: string | undefined
  readonly choose: (request: ProxyRequest, ctx: Context) => Promise<Either<Failure, Target>>
  /** Choosing, sending and waiting for the head, within the user's middlewares. */
  readonly forward: Run<ProxyRequest, ProxyResponse, Failure>
  readonly open: Crowd
}
