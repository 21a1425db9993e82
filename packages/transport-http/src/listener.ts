// Request listeners: what a user hands to Node or to `serve`, and how one that this package made is governed by `serve`.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Gate, type GateLimits } from './gate.ts'
import type { Params } from './routes.ts'

/** What `http.createServer` and `routes` of `serve` take. */
export type RequestListener = (
  req: IncomingMessage,
  res: ServerResponse,
  /** The values of the route's placeholders, under `serve`. */
  params?: Readonly<Record<string, string | undefined>>,
) => void

/** What a route leads to. `expects`: the client waits for `100 Continue` before it sends its body. */
export type Target = (req: IncomingMessage, res: ServerResponse, params: Params, expects: boolean) => void

const governed: unique symbol = Symbol('tenon.governed')
type Governed = RequestListener & { readonly [governed]?: (outer: Gate) => Target }

const none: Params = Object.freeze(Object.create(null))

/**
 * A listener that `take` makes of a gate: with one of its own where it stands alone, within the server's as one of the
 * routes of `serve`, where it then counts, waits and ends like the server's own methods.
 */
export function governable(limits: GateLimits, take: (open: Gate) => Target): RequestListener {
  const alone = take(new Gate(limits))
  const within = new WeakMap<Gate, Target>()
  return Object.defineProperty<RequestListener>((req, res, params = none) => alone(req, res, params, false), governed, {
    value(outer: Gate): Target {
      const target = within.get(outer) ?? take(new Gate(limits, outer))
      within.set(outer, target)
      return target
    },
  })
}

/** The target that a listener of this package is within a server's gate; `undefined` for a user's own function. */
export const governedBy = (outer: Gate, listener: RequestListener): Target | undefined =>
  (listener as Governed)[governed]?.(outer)
