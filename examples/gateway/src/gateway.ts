// The edge: what the world calls over HTTP, handed on to whoever does it. A client can stand where an implementation is wanted.
import { implement } from '@tenon/contract'
import { endpointerOf } from '@tenon/discovery'
import { chain, mapMethods } from '@tenon/endpoint'
import { Profiles } from '@tenon/example-profilesvc/contract'
import type { Metrics } from '@tenon/metrics'
import { openapiPage } from '@tenon/openapi-page'
import { http } from '@tenon/transport-http'
import type { Clients } from './clients.ts'
import { Edge } from './contract.ts'
import { logging } from './logging.ts'

interface Options {
  readonly port: number
  readonly measured: Metrics
  /** Gets a line for each call. */
  readonly log: (line: string) => void
}

/**
 * Listens. The methods of addsvc and stringsvc stand at paths of the gateway's own, those of profilesvc where its contract
 * has them. `/services` shows who is known of each, `/openapi.json` and `/docs` what there is. Dispose it, or drain it.
 */
export function serve({ add, strings, profiles }: Clients, { port, measured, log }: Options) {
  const around = chain(measured.red({ side: 'server' }), logging(log))
  const { sum, concat } = add
  const { uppercase, count } = strings
  const edge = implement(Edge, mapMethods({ sum, concat, uppercase, count }, around))
  const views = { addsvc: endpointerOf(add), stringsvc: endpointerOf(strings), profilesvc: endpointerOf(profiles) }
  return http.serve([edge, implement(Profiles, mapMethods(profiles, around))], {
    port,
    openapi: { info: { title: 'Gateway', version: '1.0.0' }, page: openapiPage() },
    routes: {
      'GET /metrics': measured.handler,
      'GET /services': (_, response) => {
        const shown = Object.entries(views).map(([name, { view }]) => {
          const { status, nodes } = view()
          return [
            name,
            { status, instances: nodes.map(({ id, address, state, inFlight }) => ({ id, address, state, inFlight })) },
          ]
        })
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(Object.fromEntries(shown)))
      },
    },
  })
}
