// How a probe is answered: a word, a line for each check, or JSON; and what everybody else gets.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { CheckResult } from './checks.ts'
import type { AppState } from './service.ts'

/** What a probe asked for. */
export interface Answer {
  readonly app: string
  readonly ok: boolean
  readonly state: AppState | 'alive'
  readonly checks: readonly CheckResult[]
}

/** Answers a probe: 200 or 503. */
export function answer(request: IncomingMessage, response: ServerResponse, said: Answer): void {
  const json = /\bapplication\/(\w+\+)?json\b/i.test(request.headers.accept ?? '')
  const query = new URLSearchParams(/\?(.*)$/s.exec(request.url ?? '')?.[1])
  const body = json ? `${JSON.stringify(said)}\n` : query.has('verbose') ? verbose(said) : brief(said)
  send(request, response, said.ok ? 200 : 503, json ? 'application/json' : 'text/plain; charset=utf-8', body)
}

const missing = ({ state, checks }: Answer): string[] => [
  ...(state === 'ready' || state === 'alive' ? [] : [state]),
  ...checks.filter((check) => !check.ok).map((check) => `${check.name} (${check.why})`),
]

const brief = (said: Answer): string => (said.ok ? 'ok\n' : `not ready: ${missing(said).join(', ')}\n`)

const verbose = (said: Answer): string => {
  const up = said.state === 'ready' || said.state === 'alive'
  const lines = said.checks.map(({ name, ok, why }) => `[${ok ? '+' : '-'}] ${name}${ok ? '' : `: ${why}`}`)
  return [`[${up ? '+' : '-'}] app ${said.app}: ${said.state}`, ...lines, said.ok ? 'ok' : 'not ready', ''].join('\n')
}

/** Answers with a problem document (RFC 9457), or hangs up where an answer has begun. */
export function problem(request: IncomingMessage, response: ServerResponse, status: 404 | 405 | 500): void {
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy()
    return
  }
  if (status === 405) response.setHeader('allow', 'GET, HEAD')
  const document = { type: 'about:blank', title: STATUS_CODES[status], status }
  send(request, response, status, 'application/problem+json', `${JSON.stringify(document)}\n`)
}

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
