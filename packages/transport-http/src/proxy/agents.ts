// The connections of a proxy to its targets: Node's agents, kept open and used again.
import { Agent, type ClientRequest, request as plain, type RequestOptions } from 'node:http'
import { Agent as SecureAgent, request as secure } from 'node:https'
import { report } from '@tenon/endpoint'
import { clientTls } from '../client-tls.ts'
import { type ConnectionOptions, connectionLimits } from '../pool.ts'
import { type Places, places } from './places.ts'
import type { Target } from './target.ts'

/** How a proxy connects to its targets: as a client does, for each origin. */
export type ProxyConnectionOptions = Omit<ConnectionOptions, 'dispatcher'>

export interface Agents extends Disposable {
  readonly places: Places
  /** Milliseconds. */
  readonly connectTimeout: number
  /** `fresh`: on a connection of its own, which nobody has closed yet. */
  request(target: Target, options: RequestOptions, fresh: boolean): ClientRequest
  /** Hears how a connection to an origin went. */
  turn(origin: string, state: 'connected' | 'lost'): void
}

export function agents(who: string, options: ProxyConnectionOptions): Agents {
  const { connections, queue, keepAlive, connectTimeout } = connectionLimits(who, options)
  const { tls, onTelemetry } = options
  // `timeout` closes connections that are idle; those in use are watched by their requests.
  const shared = { keepAlive: true, maxFreeSockets: connections, timeout: keepAlive, scheduling: 'lifo' } as const
  const agent = new Agent(shared)
  const secureAgent = new SecureAgent({ ...clientTls(who, tls), ...shared })
  const freshAgent = new Agent()
  const freshSecureAgent = new SecureAgent(clientTls(who, tls))
  const lost = new Set<string>()
  return {
    places: places(connections, queue),
    connectTimeout,
    request: (target, more, fresh) =>
      target.secure
        ? secure({
            ...more,
            agent: fresh ? freshSecureAgent : secureAgent,
            hostname: target.hostname,
            port: target.port,
            // Node would take it from the header `host`, which is the client's.
            servername: tls?.servername ?? target.servername,
          })
        : plain({ ...more, agent: fresh ? freshAgent : agent, hostname: target.hostname, port: target.port }),
    turn(origin, state) {
      if (lost.has(origin) === (state === 'lost')) return
      if (state === 'connected') lost.delete(origin)
      // Origins may come from anywhere; what was lost long ago is forgotten.
      else if (lost.size < 1_000) lost.add(origin)
      report(onTelemetry, { kind: 'client.connection', transport: 'http', peer: origin, state })
    },
    [Symbol.dispose]() {
      for (const one of [agent, secureAgent, freshAgent, freshSecureAgent]) one.destroy()
    },
  }
}
