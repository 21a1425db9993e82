// A reverse proxy as a request listener: its options, checked, and its end.
import { randomBytes } from 'node:crypto'
import {
  type AnyMiddleware,
  type Clock,
  type Context,
  type Defect,
  type Endpoint,
  endpoint,
  type Failure,
  hooksOption,
  knownOptions,
  type OptionNames,
  ok,
  runner,
  systemClock,
  type TelemetryListener,
  timeout,
} from '@tenon/endpoint'
import type { Flow } from '../flow.ts'
import type { Gate } from '../gate.ts'
import type { ErrorListener, Hooks, ServerAfterError, ServerFinalizer } from '../hooks.ts'
import { requestLimits } from '../limits.ts'
import { governable, type RequestListener } from '../listener.ts'
import { encodeProblem } from '../problem.ts'
import type { Reply } from '../reply.ts'
import { failing } from '../router.ts'
import { agents, type ProxyConnectionOptions } from './agents.ts'
import { Crowd } from './crowd.ts'
import { type ForwardedStyle, trustOf } from './forwarded.ts'
import { type ProxyLimits, proxyLimits } from './limits.ts'
import type { ProxyAfter, ProxyBefore, ProxyProvider, ProxyRequest, ProxyResponse } from './message.ts'
import { Passing } from './passing.ts'
import type { Plan } from './plan.ts'
import { Proxying } from './proxying.ts'
import { parseTarget, targets } from './target.ts'

type Needed<R> = unknown extends R
  ? { readonly before?: Hooks<ProxyBefore> }
  : { readonly before: ProxyProvider<NoInfer<R>> | readonly [...ProxyBefore[], ProxyProvider<NoInfer<R>>] }

type Where<E extends Failure, R> =
  | {
      /** `http(s)://host:port`, perhaps with a path that stands before every request's. */
      readonly url: string
      readonly target?: never
    }
  | {
      /** Chooses where a request goes: answers such a url. A balancer, for example. Its failures are answered by their codes. */
      readonly target: Endpoint<ProxyRequest, string | URL, E, R>
      readonly url?: never
    }

/** How a proxy passes requests on. Where its target needs something of the context, the last `before` hook provides that. */
export type ProxyOptions<E extends Failure = Failure, R = unknown> = Where<E, R> &
  Needed<R> &
  ProxyConnectionOptions & {
    /**
     * Middlewares around choosing a target, sending, and waiting for the head of its answer: a breaker, a retry. What they
     * call again is sent again only while nothing of a body was.
     */
    readonly around?: AnyMiddleware
    /** Default: `'preserve'`, the client's. `'target'` sends that of the target's url, as virtual hosts want it. */
    readonly host?: 'preserve' | 'target'
    /**
     * Addresses and networks (`10.0.0.0/8`) of peers whose `x-forwarded-*`, `forwarded` and `x-real-ip` are believed and
     * added to; those of others are replaced. Default: none. `'all'` where only proxies can connect.
     */
    readonly trust?: 'all' | readonly string[]
    /** Default: `'x-forwarded'`: `-for`, `-host` and `-proto`. `'forwarded'` is RFC 7239. */
    readonly forwarded?: ForwardedStyle
    /**
     * The name of this proxy in `via`: a request that bears it already goes in circles and is answered with 508. Default:
     * `tenon-` and four random bytes. `false` sends none.
     */
    readonly via?: string | false
    readonly after?: Hooks<ProxyAfter>
    readonly afterError?: Hooks<ServerAfterError>
    readonly finalize?: Hooks<ServerFinalizer>
    /** Hears of failures of hooks and of the way. After an answer has begun, nothing else tells of them. */
    readonly onError?: Hooks<ErrorListener>
    /** Writes a failure into the reply. Default: `encodeProblem`. */
    readonly encodeError?: (failure: E | Failure | Defect, reply: Reply, ctx: Context) => void
    readonly limits?: ProxyLimits
    /** Default: the system's. */
    readonly clock?: Clock
    /** Hears of refusals (`server.rejected`), lost targets (`client.connection`) and defects. Default: the diagnostics channels. */
    readonly onTelemetry?: TelemetryListener
  }

/** A request listener that owns connections. **Dispose it.** */
export interface ReverseProxy extends RequestListener, AsyncDisposable {
  /** Refuses further requests, gives those in flight 5 s, and closes all connections to targets. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Milliseconds that requests in flight are given when a proxy is closed. */
const grace = 5_000

/** Bytes of a body that nobody reads, to save a connection. */
const worthReading = 1_048_576

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const named: OptionNames<ProxyOptions> = {
  url: true,
  target: true,
  before: true,
  connections: true,
  queue: true,
  keepAlive: true,
  connectTimeout: true,
  tls: true,
  around: true,
  host: true,
  trust: true,
  forwarded: true,
  via: true,
  after: true,
  afterError: true,
  finalize: true,
  onError: true,
  encodeError: true,
  limits: true,
  clock: true,
  onTelemetry: true,
}

/**
 * A reverse proxy: passes requests on, and answers with what the target answers, bodies both ways as they come. For
 * `routes` of `serve` (`'* /api/*'`), where it counts and drains as the server's methods do, or for Node's `createServer`.
 */
export function proxy<E extends Failure = never, R = unknown>(options: ProxyOptions<E, R>): ReverseProxy {
  const who = 'http.proxy'
  knownOptions(who, options, named)
  const { clock = systemClock, encodeError = encodeProblem, host = 'preserve', forwarded = 'x-forwarded' } = options
  const { via = `tenon-${randomBytes(4).toString('hex')}`, around, onTelemetry } = options
  if (host !== 'preserve' && host !== 'target')
    throw new TypeError(`${who}: host is 'preserve' or 'target' and not ${String(host)}`)
  if (!['x-forwarded', 'forwarded', 'both', 'none'].includes(forwarded))
    throw new TypeError(
      `${who}: forwarded is 'x-forwarded', 'forwarded', 'both' or 'none' and not ${String(forwarded)}`,
    )
  if (via !== false && (typeof via !== 'string' || !token.test(via)))
    throw new TypeError(`${who}: via is a name without spaces, or false, and not ${JSON.stringify(via)}`)
  if (around !== undefined && typeof around !== 'function')
    throw new TypeError(`${who}: around is a middleware (chain makes one of several) and not ${String(around)}`)
  if (typeof encodeError !== 'function') throw new TypeError(`${who}: encodeError is a function`)
  const limits = proxyLimits(who, options.limits)
  const flow: Flow = {
    ...failing,
    method: undefined,
    encodeError(failure, reply, ctx) {
      const { status } = failure as { readonly status?: unknown }
      if (reply.status === 0 && typeof status === 'number') reply.status = status
      encodeError(failure, reply, ctx)
    },
    before: [],
    after: [],
    afterError: hooksOption(who, options.afterError),
    finalize: hooksOption(who, options.finalize),
    onError: hooksOption(who, options.onError),
    limits: {
      ...requestLimits(who),
      headers: limits.headers,
      request: limits.request,
      concurrent: limits.concurrent,
      body: Math.min(limits.body, worthReading),
    },
    clock,
    onTelemetry,
  }
  const forward = endpoint((request: ProxyRequest, ctx) => {
    if (!Passing.is(request)) throw new TypeError('a middleware around a proxy hands on the request it was given')
    return request.forward(ctx) as Promise<never>
  })
  const plan: Plan = {
    flow,
    limits,
    agents: agents(who, options),
    before: hooksOption(who, options.before as Hooks<ProxyBefore> | undefined),
    after: hooksOption(who, options.after),
    preserve: host === 'preserve',
    trusts: trustOf(who, options.trust),
    forwarded,
    via: via === false ? undefined : via,
    choose: choosing(who, options, limits.head),
    forward: runner(
      (around === undefined ? forward : around(forward)) as Endpoint<ProxyRequest, ProxyResponse, Failure>,
    ),
    open: new Crowd(),
  }
  return opened(plan)
}

function opened(plan: Plan): ReverseProxy {
  const { agents, flow, open } = plan
  const gates: Gate[] = []
  const listener = governable(flow.limits, (gate) => {
    gates.push(gate)
    return (req, res, params, expects) => new Proxying(plan, req, res, gate, params).start(expects)
  })
  const close = async (): Promise<void> => {
    for (const gate of gates) gate.drain()
    const timer = flow.clock.at(flow.clock.now() + grace, () => open.clear())
    await open.empty()
    timer.cancel()
    agents[Symbol.dispose]()
  }
  let closed: Promise<void> | undefined
  return Object.assign(listener, {
    [Symbol.asyncDispose]() {
      closed ??= close()
      return closed
    },
  })
}

function choosing<E extends Failure, R>(
  who: string,
  { url, target, onTelemetry }: ProxyOptions<E, R>,
  head: number,
): Plan['choose'] {
  if ((url === undefined) === (target === undefined))
    throw new TypeError(`${who}: either url says where requests go, or target chooses it`)
  if (target === undefined) {
    const fixed = Promise.resolve(ok(parseTarget(who, url as string)))
    return () => fixed
  }
  if (typeof target !== 'function') throw new TypeError(`${who}: target is an endpoint and not ${String(target)}`)
  const parse = targets(who)
  // Nobody's wait is without an end: choosing has as long as answering.
  const limited = timeout(head === Number.POSITIVE_INFINITY ? 'unbounded' : head, onTelemetry && { onTelemetry })
  const choose = runner(limited(target as unknown as Endpoint<ProxyRequest, string | URL, Failure>))
  return async (request, ctx) => {
    const chosen = await choose(request, ctx)
    return chosen._tag === 'Left' ? chosen : ok(parse(chosen.right))
  }
}
