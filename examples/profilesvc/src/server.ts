// The service on HTTP: its endpoints, logged and counted; what it says of itself, and what a scraper reads.
import { implement } from '@tenon/contract'
import { chain, mapMethods } from '@tenon/endpoint'
import { metrics } from '@tenon/metrics'
import { openapiPage } from '@tenon/openapi-page'
import { http } from '@tenon/transport-http'
import { Profiles } from './contract.ts'
import { endpoints } from './endpoints.ts'
import { logging } from './logging.ts'
import { inMemory } from './service.ts'

/** Listens; `/openapi.json`, `/docs` and `/metrics` are there too. `log` gets a line for each call. Dispose it, or drain it. */
export function serve({ port, log, service = inMemory() }: Options) {
  const measured = metrics()
  const around = chain(measured.red({ side: 'server' }), logging(log))
  return http.serve(implement(Profiles, mapMethods(endpoints(service), around)), {
    port,
    openapi: { info: { title: 'Profiles', version: '1.0.0' }, page: openapiPage() },
    routes: { 'GET /metrics': measured.handler },
  })
}

interface Options {
  readonly port: number
  readonly log: (line: string) => void
  /** Default: a new one. */
  readonly service?: ReturnType<typeof inMemory>
}
