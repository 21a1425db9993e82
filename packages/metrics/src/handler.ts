// `/metrics`: a plain listener of node:http that answers whatever happens.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MetricRegistry } from './family.ts'
import { openMetricsPageOf, type Page, pageOf, wantsOpenMetrics } from './page.ts'

/** A listener of node:http. Never throws. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => void

/** Those who ask while a page is being made get that page: making one blocks the event loop. */
function shared(make: () => Promise<Page>): () => Promise<Page> {
  let making: Promise<Page> | undefined
  return () => {
    making ??= make().finally(() => {
      making = undefined
    })
    return making
  }
}

function send(request: IncomingMessage, response: ServerResponse, status: number, page: Page): void {
  try {
    response.writeHead(status, {
      'content-type': page.type,
      'content-length': Buffer.byteLength(page.text),
      'cache-control': 'no-store',
    })
    response.end(request.method === 'HEAD' ? undefined : page.text)
  } catch {
    // Somebody has answered already; what is left to us is not to leave the connection hanging.
    response.destroy()
  }
}

const plain = (text: string): Page => ({ type: 'text/plain; charset=utf-8', text: `${text}\n` })

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The listener behind `Metrics.handler`. */
export function metricsHandler(registry: MetricRegistry, openMetrics: boolean): MetricsHandler {
  const own = shared(() => pageOf(registry))
  const open = shared(() => openMetricsPageOf(registry))
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return send(request, response, 405, plain('only GET and HEAD are allowed here'))
    }
    const page = openMetrics && wantsOpenMetrics(request.headers.accept) ? open() : own()
    page.then(
      (made) => send(request, response, 200, made),
      (cause) => send(request, response, 500, plain(`the metrics could not be read: ${messageOf(cause)}`)),
    )
  }
}
