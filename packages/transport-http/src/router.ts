// From a request to what answers it: a method, a user's listener, or a problem where there is no such route.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { defect, endpoint, ok, report, runner, type TelemetryListener } from '@tenon/endpoint'
import { connectionOf, type Open } from './connection.ts'
import type { Cors } from './cors.ts'
import { Exchange } from './exchange.ts'
import type { Flow, Steps, Surroundings } from './flow.ts'
import type { Gate } from './gate.ts'
import { governedBy, type RequestListener, type Target } from './listener.ts'
import { encodeProblem } from './problem.ts'
import { badPath, goingAway, notAllowed, notFound } from './refusal.ts'
import { newReply } from './reply.ts'
import { parseRoute, type Routes } from './routes.ts'
import { unsound } from './sound.ts'

const nothing = { _tag: 'Right', right: undefined } as const

/** The steps of what answers without an endpoint. */
export const failing: Steps = {
  run: runner(endpoint(() => ok())),
  decode: () => nothing,
  encode: () => undefined,
  encodeError: encodeProblem,
  media: undefined,
}

/**
 * Adds a listener. One that this package made counts and ends like a method of the server; a function of the user's
 * counts as in flight until its answer is sent, and is asked while the server drains, too.
 */
export function addListener(
  table: Routes<Target>,
  who: string,
  route: string,
  listener: RequestListener,
  open: Gate,
  onTelemetry: TelemetryListener | undefined,
): void {
  if (typeof listener !== 'function')
    throw new TypeError(`${who}: routes: ${route} is a function (req, res) and not ${String(listener)}`)
  const { verb, parts } = parseRoute(who, route)
  const label = `the route ${route}`
  const own = governedBy(open, listener)
  if (own !== undefined) {
    table.add(verb, parts, label, own)
    return
  }
  table.add(verb, parts, label, (req, res, params, expects) => {
    const connection = connectionOf(req.socket)
    let ended = false
    const held: Open = {
      closed() {
        if (ended) return
        ended = true
        open.depart()
        connection.remove(held, res)
        connection.reclaim()
      },
      last() {
        res.shouldKeepAlive = false
      },
      cancel() {},
    }
    open.arrive()
    connection.add(held)
    res.once('close', held.closed)
    if (open.draining) held.last(goingAway)
    if (expects) res.writeContinue()
    const broke = (cause: unknown): void => {
      report(onTelemetry, { kind: 'defect', method: undefined, cause })
      if (res.headersSent) res.destroy()
      else {
        const reply = newReply()
        encodeProblem(defect(cause), reply)
        res.writeHead(reply.status, reply.headers as Record<string, string>).end(reply.body)
      }
    }
    try {
      const answer: unknown = listener(req, res, params)
      if (answer instanceof Promise) answer.catch(broke)
    } catch (cause) {
      broke(cause)
    }
  })
}

/** Finds the route of a request; what has none is answered as a problem, through the same hooks. */
export function taking(
  table: Routes<Target>,
  around: Surroundings,
  open: Gate,
  perConnection: number,
  cors: Cors | undefined,
): (req: IncomingMessage, res: ServerResponse, expects: boolean) => void {
  const nowhere: Flow = { ...around, ...failing, method: undefined }
  const options: Flow = {
    ...nowhere,
    decode: ({ target }) => ({ _tag: 'Right', right: table.allowed(target) }),
    run: runner(endpoint((allow: unknown) => ok(allow))),
    encode(allow, reply): undefined {
      reply.headers.allow = String(allow)
    },
  }
  return (req: IncomingMessage, res: ServerResponse, expects: boolean): void => {
    if (perConnection < Number.POSITIVE_INFINITY && ++connectionOf(req.socket).requests >= perConnection)
      res.shouldKeepAlive = false
    // Node's parser drops what comes in one piece with an offer to upgrade, so that nothing may follow it.
    if (req.headers.upgrade !== undefined) res.shouldKeepAlive = false
    const preflight = cors?.dress(req, res) === true
    const why = unsound(req, expects)
    if (why !== undefined || preflight) {
      // A preflight asks about the server; what is at the path shows when it is called.
      new Exchange(nowhere, req, res, open).start(expects, why)
      return
    }
    const verb = req.method as string
    const url = req.url as string
    const found = table.find(verb, url)
    if (found !== undefined) {
      found.target(req, res, found.params, expects)
      return
    }
    const allow = table.allowed(url)
    if (verb === 'OPTIONS' && allow !== '') new Exchange(options, req, res, open).start(expects)
    else {
      const why = allow !== '' ? notAllowed(allow) : decodable(url) ? notFound : badPath
      new Exchange(nowhere, req, res, open).start(false, open.draining ? goingAway : why)
    }
  }
}

function decodable(url: string): boolean {
  try {
    decodeURI(url.split('?', 1)[0] as string)
    return true
  } catch {
    return false
  }
}
